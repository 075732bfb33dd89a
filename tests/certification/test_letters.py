"""Printing postcards: codes on paper alone, the right address on each, and nothing lost by printing twice."""

import logging
import re
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import segno
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.cast import person_named
from tests.certification.paper import codes_on, text_of
from tests.conftest import Browse
from town.blueprints.certification.paper import Envelope, Imprint, lay_out
from town.commons.people.models import Account, Person
from town.commons.trust.postcards import Postcard, ask_for_card
from town.demo import DEMO_SLUG
from town.kernel.db import db, new_public_id, now
from town.kernel.registry import Town
from town.kernel.tenancy import enter
from town.kernel.web import TownApp


def pile(browser: FlaskClient) -> list[str]:
    """The cards that the letters page offers to print, as its button would send them."""
    form = browser.get("/certification/letters").text.partition('id="asked"')[2].partition("</form>")[0]
    return re.findall(r'name="card" value="([^"]+)"', form)


def newcomer(name: str, home_of: str) -> Person:
    person = Person(first_name=name, last_name="Quentin", address=person_named(home_of).address)
    person.account = Account(email=f"{name}@example.org", email_confirmed_at=now(), fs_uniquifier=new_public_id())
    db.session.add(person)
    return person


def test_the_pile_is_printed_on_one_pdf_with_addresses_and_codes_that_work(app: TownApp, browse: Browse) -> None:
    jean = browse("jean")
    with enter(app, DEMO_SLUG):
        for name, home in (("Basile", "theo"), ("Sacha", "odile")):
            ask_for_card(newcomer(name, home))
        db.session.commit()
    cards = pile(jean)
    assert len(cards) == 3  # Inès of the demo town asked too
    answer = jean.post("/certification/letters", data={"card": cards})
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    words, codes = text_of(answer.data), codes_on(answer.data)
    assert len(set(codes)) == 3
    assert words.index("Inès Delorme") < words.index("Sacha Quentin") < words.index("Basile Quentin")
    for line in ("12 Rue des Tanneries", "99001 SAINT-LOUP-DES-TILLEULS", "saint-loup.localhost/c", "type the code"):
        assert line in words
    assert "tapez le code" in words
    assert pile(jean) == []
    with enter(app, DEMO_SLUG):
        kept = db.session.scalars(select(Postcard).where(Postcard.state == "printed")).all()
        assert len(kept) == 4
        assert not set(codes) & {card.code_hash for card in kept}


def test_the_code_typed_from_the_paper_certifies(app: TownApp, browse: Browse) -> None:
    with enter(app, DEMO_SLUG):
        card = db.session.scalars(select(Postcard).where(Postcard.person_id == person_named("nadia").id)).one()
        slip = f"{card.public_id}.{card.prints}"
    (code,) = codes_on(browse("jean").post("/certification/letters", data={"card": slip}).data)
    nadia = browse("nadia")
    assert nadia.get("/lending/items/new").status_code == 403
    answer = nadia.post("/certification/code", data={"code": f" {code[:4].lower()} {code[4:]}"})
    assert answer.status_code == 303
    with enter(app, DEMO_SLUG):
        assert person_named("nadia").certified
    assert "carte postale" in nadia.get("/certification/").text


def test_a_printed_code_is_nowhere_but_on_paper(
    app: TownApp,
    browse: Browse,
    work: Callable[[], int],
    outbox: Callable[[], list[EmailMessage]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    jean = browse("jean")
    (code,) = codes_on(jean.post("/certification/letters", data={"card": pile(jean)}).data)
    work()
    told = [mail["Subject"] for mail in outbox() if "ines@" in mail["To"]]
    assert told.count("Votre carte postale est en route") == 1
    shown = jean.get("/certification/letters").text + jean.get("/certification/desk?q=delorme").text
    folder: Path = app.extensions["towns"].instance
    files = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    assert any(file.name.endswith("-wal") for file in files) or any(b"Delorme" in held for held in files.values())
    for written in (code, f"{code[:4]}-{code[4:]}", f"{code[:4]} {code[4:]}"):
        for form in (written, written.lower()):
            assert [file.name for file, held in files.items() if form.encode() in held] == []
            assert form not in caplog.text
            assert form not in shown


def test_a_second_tap_on_print_kills_no_code(browse: Browse) -> None:
    jean = browse("jean")
    cards = pile(jean)
    assert jean.post("/certification/letters", data={"card": cards}).status_code == 200
    again = jean.post("/certification/letters", data={"card": cards})
    assert again.status_code == 409
    assert again.mimetype == "text/html"


def test_printing_again_on_purpose_kills_the_first_code(app: TownApp, browse: Browse) -> None:
    jean = browse("jean")
    with enter(app, DEMO_SLUG):
        nadia = person_named("nadia").id
        card = db.session.scalars(select(Postcard).where(Postcard.person_id == nadia)).one()
        number, prints = card.public_id, card.prints
    (first,) = codes_on(jean.post("/certification/letters", data={"card": f"{number}.{prints}"}).data)
    (second,) = codes_on(jean.post("/certification/letters", data={"card": f"{number}.{prints + 1}"}).data)
    there = browse("nadia")
    assert there.post("/certification/code", data={"code": first}).status_code == 409
    assert there.post("/certification/code", data={"code": second}).status_code == 303


def test_a_card_cancelled_meanwhile_is_not_printed(app: TownApp, browse: Browse) -> None:
    jean = browse("jean")
    cards = pile(jean)
    with enter(app, DEMO_SLUG):
        card = db.session.scalars(select(Postcard).where(Postcard.state == "asked")).one()
        card.cancel(card.person)
        db.session.commit()
    assert jean.post("/certification/letters", data={"card": cards}).status_code == 409
    assert jean.post("/certification/letters").status_code == 409


@pytest.mark.parametrize("name", ["odile", "nadia", "claire"])
def test_only_those_who_certify_see_and_print_the_letters(browse: Browse, name: str) -> None:
    browser = browse(name)
    assert browser.get("/certification/letters").status_code == 403
    assert browser.post("/certification/letters", data={"card": "x.0"}).status_code == 403


def test_the_square_carries_the_code_where_no_server_sees_it(
    app: TownApp, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    make = segno.make

    def watched(words: str, **options: Any) -> segno.QRCode:
        drawn.append(words)
        return make(words, **options)

    monkeypatch.setattr(segno, "make", watched)
    imprint = Imprint("Saint-Loup-des-Tilleuls", "https://saint-loup.example/c", now().date())
    lay_out([(Envelope("Nadia Cherif", "9 Rue de l’Église", "99001 SAINT-LOUP"), "CERF4827")], imprint)
    assert drawn == ["https://saint-loup.example/c#CERF4827"]


def test_names_from_elsewhere_and_long_ones_are_printed_whole(town: Town) -> None:
    names = ["Łukasz Şahin-Nguyễn", "Ольга Ελένη", "Marie-Antoinette-Bernadette de La Rochefoucauld-Montbel d’Harcourt"]
    imprint = Imprint(town.name, "https://saint-loup.example/c", now().date())
    cards = [(Envelope(name, "12 bis Rue des Tanneries", "99001 SAINT-LOUP"), "CERF4827") for name in names * 2]
    words = text_of(lay_out(cards, imprint))
    for name in names:
        assert words.count(name) == 2
