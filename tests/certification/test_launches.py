"""At the desk: cards for a whole town are counted, printed round by round, followed and cancelled."""

import logging
import re
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import segno
from pypdf import PdfReader
from sqlalchemy import select

from tests.cast import person_named
from tests.certification.letterboxes import card_at, delivered, door_at, sheets
from tests.certification.paper import codes_on, houses_on, text_of
from tests.conftest import Browse
from town.blueprints.certification import letterbox_printing
from town.blueprints.certification.letterbox_paper import Bag, Label, lay_out_bags
from town.blueprints.certification.letterbox_printing import Part
from town.blueprints.certification.paper import Envelope, Imprint
from town.blueprints.certification.queries import Round, launch_rounds
from town.blueprints.certification.sheet import Cards
from town.commons.audit import AuditEntry
from town.commons.people.models import Person
from town.commons.places.models import Quarter, Street
from town.commons.trust.launches import Launch, LetterboxCard
from town.commons.trust.models import certify
from town.demo import DEMO_SLUG
from town.kernel.db import db, now
from town.kernel.registry import Town
from town.kernel.tenancy import enter
from town.kernel.web import TownApp


def number_of(app: TownApp, model: Any, name: str) -> str:
    with enter(app, DEMO_SLUG):
        return str(db.session.scalars(select(model.public_id).where(model.name == name)).one())


def prepared(app: TownApp, browser: Any, *streets: str) -> str:
    """The public id of a launch for these streets, or for the whole town."""
    chosen = {"scope": "places", "order": "sides", "streets": [number_of(app, Street, name) for name in streets]}
    answer = browser.post("/certification/launches", data=chosen if streets else {"scope": "town", "order": "sides"})
    assert answer.status_code == 303
    return str(answer.location.rpartition("/")[2])


def test_the_desk_counts_cards_sheets_and_rounds_before_anything_is_prepared(app: TownApp, browse: Browse) -> None:
    jean = browse("jean")
    assert re.search(r"412\s+cartes", jean.get("/certification/launches/new").text)
    asked = {"scope": "places", "quarters": number_of(app, Quarter, "Le Puits"), "order": "sides"}
    text = jean.get("/certification/launches/new", query_string=asked).text
    assert re.search(r"54\s+cartes", text)
    assert re.search(r"1\s+tournée", text)
    assert "Choisissez au moins un quartier" in jean.get("/certification/launches/new?scope=places").text
    headers = {"HX-Request": "true", "HX-Target": "aside#preview"}
    part = jean.get("/certification/launches/new", query_string=asked, headers=headers).text
    assert part.lstrip().startswith('<aside class="flow" id="preview"')
    with enter(app, DEMO_SLUG):
        assert len(db.session.scalars(select(Launch)).all()) == 1  # the demo's own


def test_a_launch_needs_a_place(browse: Browse) -> None:
    answer = browse("jean").post("/certification/launches", data={"scope": "places", "order": "sides"})
    assert answer.status_code == 422
    assert "Choisissez au moins un quartier ou une rue" in answer.text


def test_the_cards_of_the_whole_town_come_in_the_order_of_the_walk(app: TownApp, browse: Browse) -> None:
    """ID-03: a batch of A6 cards, four per A4, that may go with the bulletin."""
    jean = browse("jean")
    launch = prepared(app, jean)
    assert "412 cartes de boîte aux lettres à imprimer" in jean.get("/desk/").text.replace("\u202f", " ").replace(
        "\xa0", " "
    )
    answer = jean.post(f"/certification/launches/{launch}/sheets", data=sheets(jean, launch))
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    words, codes = text_of(answer.data), codes_on(answer.data)
    assert len(set(codes)) == 412
    for there in (
        "Tournées de distribution",
        "Tournée 4",
        "Coupez les feuilles",
        "Aux habitants du",
        "Scan the square",
    ):
        assert there in words
    assert "saint-loup.localhost/boite" in words
    assert "cartes de boîte aux lettres à imprimer" not in jean.get("/desk/").text
    with enter(app, DEMO_SLUG):
        cards = db.session.scalars(
            select(LetterboxCard)
            .join(Launch)
            .where(Launch.public_id == launch)
            .order_by(LetterboxCard.round, LetterboxCard.place)
        ).all()
        assert {card.state for card in cards} == {"printed"}
        assert not {card.code_hash for card in cards} & set(codes)
        assert cards[0].address.quarter.name == "Le Bourg"  # from the middle of the town outwards
        tanneries = [card.address.number for card in cards if card.address.street.name == "Rue des Tanneries"]
        odd, even = ([number for number in tanneries if number and number % 2 == side] for side in (1, 0))
        assert tanneries == sorted(odd) + sorted(even, reverse=True)
        walked = [card.address.street_id for card in cards]
        assert len([1 for a, b in pairwise(walked) if a != b]) == len(set(walked)) - 1
    events = audit_of(app)
    assert events["cert:letterbox:prepare"] == 2
    assert events["cert:letterbox:print"] == 2


def audit_of(app: TownApp) -> Counter[str]:
    with enter(app, DEMO_SLUG):
        return Counter(db.session.scalars(select(AuditEntry.event)))


def test_the_cut_piles_put_under_each_other_are_in_order(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[tuple[int, float, float, str]] = []
    code = Cards.put_code

    def watched(sheet: Cards, x: float, y: float, words: str, width: float) -> None:
        drawn.append((sheet.page, x, y, words))
        code(sheet, x, y, words, width)

    monkeypatch.setattr(Cards, "put_code", watched)
    cards = [(Envelope("Aux habitants du", f"{n} Rue Haute", "99001 SAINT-LOUP"), f"CARD{n:04}") for n in range(2, 12)]
    bags = [Bag(1, [Label(1, "Rue Haute", 10, []), *cards]), Bag(2, [Label(2, "Rue Basse", 1, []), cards[0]])]
    lay_out_bags(bags, Imprint(town.name, "https://saint-loup.example/boite", now().date(), household=True))
    first = [place for place in drawn if place[0] < 5]  # after the list, three sheets of the first round
    assert [page for page, *_ in drawn].count(5) == 1
    piles: dict[tuple[bool, bool], list[tuple[int, str]]] = {}
    for page, x, y, words in first:
        piles.setdefault((y > 100, x > 140), []).append((page, words))
    in_order = [words for corner in sorted(piles) for _page, words in sorted(piles[corner])]
    assert in_order == [f"CARD{n:04}" for n in range(2, 12)]


def test_each_square_names_the_address_and_keeps_the_code_from_every_server(
    app: TownApp, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    make = segno.make

    def watched(words: str, **options: Any) -> segno.QRCode:
        drawn.append(words)
        return make(words, **options)

    monkeypatch.setattr(segno, "make", watched)
    jean = browse("jean")
    launch = prepared(app, jean, "Rue Haute")
    pdf = jean.post(f"/certification/launches/{launch}/sheets", data=sheets(jean, launch)).data
    with enter(app, DEMO_SLUG):
        first = door_at(1, "Rue Haute").public_id
    leads = dict(square.split("#") for square in drawn)
    assert set(leads.values()) == set(codes_on(pdf))
    assert len(leads) == 12
    code = leads[f"http://saint-loup.localhost/c/{first}"]
    assert houses_on(pdf)["1 Rue Haute"] == code
    assert browse().post(f"/certification/letterbox/{first}", data={"code": code}).status_code == 303
    assert browse().get(f"/c/{first}").location == f"/certification/letterbox/{first}"


def test_a_printed_code_is_nowhere_but_on_paper(
    app: TownApp, browse: Browse, work: Callable[[], int], caplog: pytest.LogCaptureFixture
) -> None:
    """T2: not in the town's folder, its logs, its outbox or any page."""
    caplog.set_level(logging.DEBUG)
    jean = browse("jean")
    launch = prepared(app, jean, "Rue Haute", "Rue Basse")
    codes = codes_on(jean.post(f"/certification/launches/{launch}/sheets", data=sheets(jean, launch)).data)
    with enter(app, DEMO_SLUG):
        door = door_at(1, "Rue Haute").public_id
    nadia = browse()
    assert nadia.post(f"/certification/letterbox/{door}", data={"code": codes[0]}).status_code in {303, 409}
    work()
    shown = jean.get(f"/certification/launches/{launch}").text + jean.get("/certification/launches").text
    folder: Path = app.extensions["towns"].instance
    held = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    assert b"Rue Haute" in held
    assert len(codes) == 23
    for code in codes:
        for form in (code, f"{code[:4]}-{code[4:]}", f"{code[:4]} {code[4:]}", code.lower()):
            assert form.encode() not in held
            assert form not in caplog.text
            assert form not in shown


def test_a_second_tap_kills_no_code_and_printing_again_on_purpose_does(app: TownApp, browse: Browse) -> None:
    jean = browse("jean")
    launch = prepared(app, jean, "Rue Haute")
    form = sheets(jean, launch)
    first = codes_on(jean.post(f"/certification/launches/{launch}/sheets", data=form).data)
    again = jean.post(f"/certification/launches/{launch}/sheets", data=form)
    assert (again.status_code, again.mimetype) == (409, "text/html")
    assert "viennent d’être imprimées" in again.text
    with enter(app, DEMO_SLUG):
        assert card_at(1, "Rue Haute").prints == 1
    second = codes_on(jean.post(f"/certification/launches/{launch}/sheets", data=sheets(jean, launch)).data)
    assert not set(first) & set(second)
    for nonsense in ({"round": "1", "stamp": "x"}, {"round": "9" * 5000, "stamp": ""}, {"round": "²", "stamp": ""}, {}):
        assert jean.post(f"/certification/launches/{launch}/sheets", data=nonsense).status_code == 409


def test_letterboxes_that_filled_up_or_went_since_are_left_out_when_printing(app: TownApp, browse: Browse) -> None:
    jean = browse("jean")
    launch = prepared(app, jean, "Rue Haute")
    with enter(app, DEMO_SLUG):
        for name in ("Ada", "Bao", "Cléo", "Dina", "Élie", "Fatou"):
            person = Person(first_name=name, last_name="Quentin", address=door_at(1, "Rue Haute"))
            db.session.add(person)
            db.session.flush()
            certify(person, "postcard")
        door_at(3, "Rue Haute").retired_at = now()
        db.session.commit()
    codes = codes_on(jean.post(f"/certification/launches/{launch}/sheets", data=sheets(jean, launch)).data)
    assert len(codes) == 10
    assert "2 cartes laissées de côté à l’impression" in jean.get(f"/certification/launches/{launch}").text
    assert "cartes de boîte aux lettres à imprimer" not in jean.get("/desk/").text


def test_a_large_town_prints_in_several_piles(app: TownApp, browse: Browse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letterbox_printing, "MOST", 150)
    jean = browse("jean")
    launch = prepared(app, jean)
    pieces = [sheets(jean, launch, part) for part in range(4)]
    rounds = [number for piece in pieces for number in piece["round"]]  # type: ignore[attr-defined]  # a list
    assert rounds == sorted(rounds, key=int)
    assert len(codes_on(jean.post(f"/certification/launches/{launch}/sheets", data=pieces[1]).data)) <= 150
    too_many = {"round": rounds, "stamp": pieces[0]["stamp"]}
    assert jean.post(f"/certification/launches/{launch}/sheets", data=too_many).status_code == 409


def test_the_sheets_that_a_page_announces_are_those_that_come(app: TownApp, browse: Browse) -> None:
    jean = browse("jean")
    launch = prepared(app, jean, "Rue Haute", "Rue Basse")
    with enter(app, DEMO_SLUG):
        found = db.session.scalars(select(Launch).where(Launch.public_id == launch)).one()
        announced = Part(launch_rounds(found)).sheets
    pdf = jean.post(f"/certification/launches/{launch}/sheets", data=sheets(jean, launch)).data
    assert len(PdfReader(BytesIO(pdf)).pages) == announced == 8
    assert Round(1).labels == 0


def test_the_desk_sees_figures_by_street_and_no_name(app: TownApp, browse: Browse) -> None:
    with enter(app, DEMO_SLUG):
        launch, codes = delivered("Rue Haute")
        number = launch.public_id
        door = door_at(1, "Rue Haute")
        db.session.add(Person(first_name="Inès", last_name="Quentin", address=door))
        there = door.public_id
        db.session.commit()
    browse().post(f"/certification/letterbox/{there}", data={"code": codes["1 Rue Haute"]})
    text = browse("jean").get(f"/certification/launches/{number}").text
    assert "12 cartes imprimées" in text.replace("\xa0", " ")
    assert "1 carte ouverte, 0 voisin certifié" in text.replace("\xa0", " ")
    assert "Quentin" not in text
    assert "Rue Haute" in browse("jean").get("/certification/launches").text


def test_a_cancelled_launch_kills_every_code(app: TownApp, browse: Browse) -> None:
    with enter(app, DEMO_SLUG):
        launch, codes = delivered("Rue Haute")
        number, door = launch.public_id, door_at(1, "Rue Haute").public_id
    jean = browse("jean")
    assert jean.post(f"/certification/launches/{number}/cancellation").status_code == 303
    assert "aucun code de ces cartes ne marche plus" in jean.get(f"/certification/launches/{number}").text
    assert browse().post(f"/certification/letterbox/{door}", data={"code": codes["1 Rue Haute"]}).status_code == 409
    assert jean.post(f"/certification/launches/{number}/cancellation").status_code == 409
    assert jean.post(f"/certification/launches/{number}/sheets", data={"round": "1", "stamp": "1.1"}).status_code == 409
    assert audit_of(app)["cert:letterbox:cancel"] == 1


@pytest.mark.parametrize("name", ["odile", "nadia", "claire", None])
def test_only_those_who_certify_launch(app: TownApp, browse: Browse, name: str | None) -> None:
    """Matrix 18."""
    with enter(app, DEMO_SLUG):
        launch = delivered("Rue Haute")[0].public_id
    browser = browse(name)
    refused = {303, 403} if name is None else {403}
    for address in ("", "/new", f"/{launch}"):
        assert browser.get(f"/certification/launches{address}").status_code in refused
    for address in ("", f"/{launch}/sheets", f"/{launch}/cancellation"):
        assert browser.post(f"/certification/launches{address}", data={"scope": "town"}).status_code == 403
    with enter(app, DEMO_SLUG):
        assert card_at(1, "Rue Haute").state == "printed"
        assert person_named("jean").certified
