"""The list of neighbours and their pages: who sees them, and what nobody sees."""

import re
from collections.abc import Sequence

import pytest
from flask import Flask
from sqlalchemy import event, insert

from tests.cast import CAST, person_named
from tests.conftest import Browse
from town.commons.people.models import Person
from town.commons.trust import keys as keys_of_trust
from town.commons.trust.keys import Key, reading_key, reading_keys
from town.demo import DEMO_SLUG
from town.kernel.db import db, new_public_id, now
from town.kernel.tenancy import enter
from town.kernel.web import TownApp


def number_of(app: TownApp, name: str) -> str:
    with enter(app, DEMO_SLUG):
        return person_named(name).public_id


def listed(page: str) -> list[str]:
    """The names on the list page, as they are shown."""
    return re.findall(r'<a class="cover" href="/neighbours/[^"]+"><b>([^<]+)</b>', page)


def test_a_neighbour_sees_those_of_her_quarter_then_of_the_town(browse: Browse) -> None:
    theo = browse("theo")
    near, wide = listed(theo.get("/neighbours/").text), listed(theo.get("/neighbours/?in=town").text)
    assert "Odile M." in near
    assert set(near) < set(wide)
    assert wide == sorted(wide, key=lambda name: name.replace("É", "E").replace("é", "e").replace("è", "e"))
    assert {"Karim B.", "Yvonne L."} <= set(wide)
    assert "Nadia C." not in wide


def test_who_prefers_not_to_be_listed_is_not_but_is_known_to_who_met_them(app: TownApp, browse: Browse) -> None:
    with enter(app, DEMO_SLUG):
        person_named("odile").listed = False
        db.session.commit()
    theo = browse("theo")
    assert "Odile M." not in listed(theo.get("/neighbours/?in=town").text)
    assert theo.get(f"/neighbours/{number_of(app, 'odile')}").status_code == 200


def test_visitors_and_newcomers_see_no_name(browse: Browse) -> None:
    for name in (None, "nadia"):
        answer = browse(name).get("/neighbours/?in=town")
        assert answer.status_code == 200
        assert listed(answer.text) == []
        for part in CAST:
            if part.first_name != "Nadia":
                assert part.first_name not in answer.text
    assert "/certification/" in browse("nadia").get("/neighbours/").text
    assert "/login" in browse().get("/neighbours/").text


def test_a_page_shows_first_name_initial_and_quarter_and_never_the_door(app: TownApp, browse: Browse) -> None:
    theo = browse("theo")
    for name in ("odile", "karim", "yvonne"):
        page = theo.get(f"/neighbours/{number_of(app, name)}").text
        part = next(part for part in CAST if part.key == name)
        assert f"{part.first_name} {part.last_name[0]}." in page
        assert part.last_name not in page
        assert part.street not in page
        assert part.email not in page


def test_the_badge_says_how_and_when_in_words(app: TownApp, browse: Browse) -> None:
    theo = browse("theo")
    page = theo.get(f"/neighbours/{number_of(app, 'odile')}").text
    assert 'class="house" href="#how"' in page
    assert re.search(r"Voisin certifié par carte postale, \w+ \d{4}", page)
    assert "à la mairie," in theo.get(f"/neighbours/{number_of(app, 'yvonne')}").text


def test_nobody_finds_the_page_of_somebody_never_certified_or_gone(app: TownApp, browse: Browse) -> None:
    theo = browse("theo")
    assert theo.get(f"/neighbours/{number_of(app, 'nadia')}").status_code == 404
    assert theo.get("/neighbours/nobody").status_code == 404
    number = number_of(app, "odile")
    with enter(app, DEMO_SLUG):
        person_named("odile").left_at = now()
        db.session.commit()
    assert theo.get(f"/neighbours/{number}").status_code == 404


def test_everybody_sees_themselves_as_others_do(browse: Browse) -> None:
    assert "C’est ainsi que vos voisins vous voient." in browse("odile").get("/neighbours/me").text
    nadia = browse("nadia").get("/neighbours/me").text
    assert "vous verront" in nadia
    assert "Adresse non vérifiée" in nadia
    assert browse().get("/neighbours/me").status_code == 303


def test_links_in_a_presentation_stay_words(app: TownApp, browse: Browse) -> None:
    with enter(app, DEMO_SLUG):
        person_named("odile").bio = 'Voir https://evil.example <a href="/x" hx-get="/x">ici</a>'
        db.session.commit()
    page = browse("theo").get(f"/neighbours/{number_of(app, 'odile')}").text
    assert 'href="https://evil' not in page
    assert "<a href=&#34;/x&#34;" in page.replace("&lt;", "<")


def test_what_is_known_and_what_is_not_are_both_said(app: TownApp, browse: Browse) -> None:
    theo = browse("theo")
    by_card = theo.get(f"/neighbours/{number_of(app, 'odile')}").text
    assert "Pièce d’identité\u00a0: pas demandée" in by_card
    at_the_desk = theo.get(f"/neighbours/{number_of(app, 'yvonne')}").text
    assert "Pièce d’identité vue" in at_the_desk
    assert "Pas de photo de profil" in at_the_desk


def test_facts_come_from_rows_and_from_features_that_are_on(app: TownApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_of_trust, "_readers", list(keys_of_trust._readers))
    fact = Key("lend", "14 loans", rule=keys_of_trust.ADDRESS)

    @reading_key("lending")
    def loans(person_ids: Sequence[int]) -> dict[int, list[Key]]:
        return {person_ids[0]: [fact]}

    with enter(app, DEMO_SLUG):
        odile, nadia = person_named("odile").id, person_named("nadia").id
        found = reading_keys(odile, nadia)
    assert fact in found[odile]
    assert any(key.known and key.icon == "postcard" for key in found[odile])
    assert not any(key.known and key.icon == "postcard" for key in found[nadia])
    app.extensions["towns"].registry.change(DEMO_SLUG, features_off=["lending"])
    with enter(app, DEMO_SLUG):
        assert fact not in reading_keys(odile)[odile]


def test_a_big_town_is_walked_page_by_page_with_few_questions(app: TownApp, browse: Browse) -> None:
    few = count_questions(app, browse, "/neighbours/")
    assert few <= 4
    with enter(app, DEMO_SLUG):
        theo = person_named("theo")
        crowd = [
            {
                "public_id": new_public_id(),
                "first_name": f"Voisin{n:05}",
                "last_name": "Foule",
                "address_id": theo.address_id,
                "certified_until": theo.certified_until,
                "certified_at": theo.certified_at,
                "certified_how": "desk",
            }
            for n in range(10_000)
        ]
        db.session.execute(insert(Person), crowd)
        db.session.commit()
    assert count_questions(app, browse, "/neighbours/") == few
    assert count_questions(app, browse, "/neighbours/?in=town") == few
    browser, address, seen = browse("theo"), "/neighbours/?in=town", []
    for _ in range(4):
        page = browser.get(address).text
        seen += listed(page)
        address = re.search(r'rel="next" href="([^"]+)"', page)[1].replace("&amp;", "&")  # type: ignore[index]  # a crowd has more
        assert "foule" not in address.lower()
    assert len(seen) == len(set(seen)) == 120
    assert count_questions(app, browse, address) <= 4
    assert browser.get("/neighbours/?after=tampered").status_code == 200


def count_questions(app: Flask, browse: Browse, address: str) -> int:
    """How many statements the town's database answers for this page, transactions and pragmas apart."""
    asked: list[str] = []
    browser = browse("theo")
    browser.get(address)
    with enter(app, DEMO_SLUG):
        engine = db.session.get_bind()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SET", "SELECT set_config")):
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert browser.get(address).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(asked)
