"""TH-06: the sheet of the week as the town hall prints it, and as anybody does for a neighbour."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.cast import person_named
from tests.conftest import Browse
from tests.sheet.reading import pages_of
from town.blueprints.associations.models import Association, Mission, Needed
from town.blueprints.sheet.choosing import candidates
from town.blueprints.sheet.models import Edition, week_of
from town.blueprints.townhall.models import INFO, Notice
from town.commons import board
from town.commons.board import Card
from town.commons.places.concerns import Concerns
from town.demo import DEMO_SLUG
from town.kernel.db import db, now
from town.kernel.language import day, local, today
from town.kernel.tenancy import enter
from town.kernel.web import TownApp


def said(browser: FlaskClient, **query: int) -> str:
    """What the printed sheet says; it is one page."""
    answer = browser.get("/sheet/sheet.pdf", query_string=query)
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    (page,) = pages_of(answer.data)
    return page


def choices(browser: FlaskClient, *out: str, word: str = "") -> dict[str, object]:
    """The form of the desk, with everything ticked but the titles in `out`."""
    with enter(browser.application, DEMO_SLUG):
        rows = [(row.public_id, row.title) for row in candidates()]
    assert {title for _id, title in rows} >= set(out)
    kept = [public_id for public_id, title in rows if title not in out]
    return {"word": word, "offered": [public_id for public_id, _title in rows], "cards": kept}


def test_anybody_prints_the_sheet_for_a_neighbour(browse: Browse) -> None:
    page = said(browse())
    assert "Saint-Loup-des-Tilleuls" in page
    assert "La feuille de la semaine" in page
    assert "Grande Rue en sens unique" in page
    assert "02 99 00 00 00" in page.replace("\u00a0", " ")
    assert "saint-loup.localhost/f" in page
    assert browse().get("/feuille").location.endswith("/sheet/")


def test_the_page_says_what_the_paper_says(browse: Browse) -> None:
    text = browse().get("/sheet/").text
    assert "Grande Rue en sens unique" in text
    assert "/f/" in text
    assert "Les commerces restent ouverts." in text


def test_very_large_letters_hold_fewer_things_on_one_page(browse: Browse) -> None:
    large, standard = said(browse(), large=1), said(browse())
    assert "Le bulletin de l’été" in large
    assert len(large) < len(standard)


def test_only_what_anybody_may_read_goes_on_paper_whoever_prints_it(app: TownApp, browse: Browse) -> None:
    with enter(app, DEMO_SLUG):
        lent = db.session.scalars(select(Card.title).where(Card.kind == "lend")).all()
        assert lent, "the shelf is for certified neighbours"
    for browser in (browse(), browse("karim"), browse("jean")):
        page, text = said(browser), browser.get("/sheet/").text
        assert not [title for title in lent if title in page or title in text]
    assert not [title for title in lent if title in browse("jean").get("/desk/sheet").text]


def test_what_a_moderator_hid_is_on_no_sheet(app: TownApp, browse: Browse) -> None:
    assert "Le bulletin de l’été" in said(browse())
    with enter(app, DEMO_SLUG):
        card = db.session.scalars(select(Card).where(Card.title.startswith("Le bulletin"))).one()
        hidden, card.hidden_at = card.hidden_at, card.posted_at
        db.session.commit()
    assert "Le bulletin de l’été" not in said(browse())
    with enter(app, DEMO_SLUG):
        db.session.scalars(select(Card).where(Card.title.startswith("Le bulletin"))).one().hidden_at = hidden
        db.session.commit()


def test_the_secretary_leaves_something_out_and_says_a_word(browse: Browse) -> None:
    jean = browse("jean")
    form = choices(jean, "Le bulletin de l’été est arrivé", word="Bonne rentrée à tous les enfants !")
    answer = jean.post("/desk/sheet", data=form)
    assert answer.status_code == 303
    for browser in (jean, browse()):
        page = said(browser)
        assert "Bonne rentrée à tous les enfants" in page
        assert "Le bulletin de l’été" not in page
        assert "Grande Rue en sens unique" in page
    assert "Bonne rentrée" in jean.get("/desk/sheet").text


def publish(title: str, words: str = "", ends_on: date | None = None) -> Notice:
    """Claire tells the whole town."""
    claire = person_named("claire")
    said = {"words": words or title, "kind": INFO, "starts_on": None, "signature": "Claire Vasseur"}
    notice = Notice.drafted(claire, title=title, ends_on=ends_on, concerns=Concerns(), **said)
    notice.publish(claire)
    return notice


def test_what_is_published_after_the_choice_is_on_the_sheet(app: TownApp, browse: Browse) -> None:
    jean = browse("jean")
    jean.post("/desk/sheet", data=choices(jean, "Le bulletin de l’été est arrivé"))
    with enter(app, DEMO_SLUG):
        publish("Vaccination des chats jeudi", "Salle des fêtes, de 14 h à 17 h.")
        db.session.commit()
    page = said(browse())
    assert "Vaccination des chats jeudi" in page
    assert "Le bulletin de l’été" not in page


def test_a_sheet_for_the_week_to_come_says_nothing_of_what_is_over_before_it(app: TownApp, browse: Browse) -> None:
    with enter(app, DEMO_SLUG):
        saturday = datetime.combine(today() + timedelta(days=(5 - today().weekday()) % 7 or 7), time(10), UTC)
    with time_machine.travel(saturday), enter(app, DEMO_SLUG):
        publish("Le marché de demain", ends_on=today() + timedelta(days=1))
        publish("La collecte de lundi", ends_on=today() + timedelta(days=2))
        old = publish("La piscine d’avant-hier")
        old.published_at = now() - timedelta(days=7, minutes=1)
        board.publish(old)
        association = db.session.scalars(select(Association)).first()
        assert association is not None
        call = Mission(association=association, title="Ramasser les pommes", meeting_point="Au verger")
        hours = [local(saturday).replace(hour=9, minute=30) + timedelta(days=wait) for wait in (1, 4)]
        call.call(person_named("claire"), [Needed(at, at + timedelta(hours=2), 3) for at in hours])
        db.session.commit()
        titles = {row.title: row.detail for row in candidates()}
        assert "La collecte de lundi" in titles
        assert not titles.keys() & {"Le marché de demain", "La piscine d’avant-hier"}
        assert titles[call.title] == f"{day(hours[1])}, 9 h 30", "who helps has to know when"


def test_the_word_of_another_week_is_forgotten(app: TownApp, browse: Browse) -> None:
    jean = browse("jean")
    jean.post("/desk/sheet", data=choices(jean, word="Une semaine seulement."))
    with enter(app, DEMO_SLUG):
        last = db.session.scalars(select(Edition)).one()
        last.week -= timedelta(days=7)
        db.session.commit()
    assert "Une semaine seulement" not in said(browse())
    jean.post("/desk/sheet", data=choices(jean, word="La suivante."))
    with enter(app, DEMO_SLUG):
        assert [edition.word for edition in db.session.scalars(select(Edition))] == ["La suivante."]


@pytest.mark.parametrize(
    ("word", "sentence"),
    [("x" * 31, "trop long pour la feuille"), ("Trop long. " * 19, "200 caractères au plus")],
)
def test_a_word_that_no_paper_holds_is_refused_and_shown_again(browse: Browse, word: str, sentence: str) -> None:
    jean = browse("jean")
    answer = jean.post("/desk/sheet", data=choices(jean, word=word))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert word.strip() in answer.text


def test_only_the_town_hall_speaks_for_the_town_hall(browse: Browse) -> None:
    assert browse("karim").get("/desk/sheet").status_code == 403
    assert browse("karim").post("/desk/sheet", data={"word": "Je suis le maire."}).status_code == 403
    assert browse().get("/desk/sheet").location.startswith("/login")
    assert "Je suis le maire" not in said(browse())


@pytest.mark.parametrize(
    ("printed", "monday"),
    [
        ((2026, 6, 15), (2026, 6, 15)),
        ((2026, 6, 19), (2026, 6, 15)),
        ((2026, 6, 20), (2026, 6, 22)),
        ((2026, 6, 21), (2026, 6, 22)),
    ],
)
def test_a_sheet_printed_at_the_weekend_is_for_the_week_to_come(
    printed: tuple[int, int, int], monday: tuple[int, int, int]
) -> None:
    assert week_of(date(*printed)) == date(*monday)


def test_the_dates_of_the_week_are_said_as_people_say_them(app: TownApp, browse: Browse) -> None:
    with time_machine.travel("2027-01-28 10:00+01:00"):
        assert "du 25 au 31 janvier 2027" in said(browse())
    with time_machine.travel("2027-03-30 10:00+02:00"):
        assert "du 29 mars au 4 avril 2027" in said(browse())
