"""LG-02, SECURITY (d): each line of the table of durations keeps its word, and reports lose what they must in time."""

from datetime import timedelta

import pytest
import time_machine
from flask_babel import force_locale
from markupsafe import escape
from sqlalchemy import func, select

from tests.cast import person_named
from tests.complaints.conftest import kept, shown
from tests.conftest import Browse
from tests.kernel.media.corpus import flag, saved
from town.blueprints.complaints.commands import forget_names, forget_photos, forget_words
from town.blueprints.complaints.models import PHOTOS, Complaint, ComplaintFollower, ComplaintStep
from town.commons.activity import Activity
from town.commons.board import Card, stale_cards
from town.demo import DEMO_SLUG
from town.kernel.db import db, now
from town.kernel.features import discover
from town.kernel.media import attach, pictures_of, receive
from town.kernel.registry import Town
from town.kernel.retention import Span, table
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

discover()
FORGETTING = sorted(line.name for line in table() if line.forget is not None)
FORGETTING.remove("audit.entries")  # which the database guards by a clock of its own: see tests/commons/test_audit.py
OF_THE_DEMO = {
    "account.absent",
    "activity.activities",
    "complaints.names",
    "complaints.words",
    "lending.loans",
    "notices.inbox",
}
"""Lines of which the demo town has something, so that the test below is no empty promise."""


@pytest.mark.parametrize("name", FORGETTING)
def test_long_after_nothing_is_left_to_forget(town: Town, name: str) -> None:
    """What is over is forgotten, by the same condition as it is counted; the board says so; twice is once."""
    line = next(line for line in table() if line.name == name)
    with time_machine.travel(now() + timedelta(days=6 * 366), tick=False):
        due = line.due()
        assert due > 0 or name not in OF_THE_DEMO
        line()
        db.session.commit()
        if name != "account.absent":  # its first step is a warning; the others follow by the day
            assert line.due() == 0
        line()
        db.session.commit()
    assert not list(stale_cards())


def closed(who: str, *, to_all: bool = True) -> int:
    """A report that Jean has dealt with today, with a photo, a note among colleagues and a neighbour who follows."""
    photo = receive(saved(flag(), "JPEG"))  # decoding is slow: before the lock
    report = shown(who) if to_all else kept(who)
    jean = person_named("jean")
    report.note(jean, f"Vu avec {person_named(who).full_name}.")
    if to_all:
        report.follow(person_named("odile"))
    attach([photo], PHOTOS, report.id, uploaded_by=person_named(who).id)
    report.resolve(jean, "C’est réparé.")
    db.session.commit()
    return report.id


def months_later(app: TownApp, months: int, days: int = 0) -> time_machine.travel:
    """The clock, so many months of the calendar and days after now."""
    here = now()
    then = Span(days=-days).before(Span(months=-months).before(here))
    return time_machine.travel(then, tick=False)


def again(number: int) -> Complaint:
    db.session.expire_all()
    return db.session.get_one(Complaint, number)


def photos(number: int) -> int:
    return len(db.session.scalars(pictures_of(PHOTOS, number)).all())


def test_a_report_loses_its_names_its_photos_and_its_words(app: TownApp, town: Town) -> None:
    """Twelve months, twenty-four, five years after it was closed, at four places each time: report, followers, notes
    of colleagues, photos."""
    number = closed("karim")
    for months, names, pictures, words in (
        (11, True, 1, True),
        (13, False, 1, True),
        (23, False, 1, True),
        (25, False, 0, True),
        (59, False, 0, True),
        (61, False, 0, False),
    ):
        with months_later(app, months):
            for line in (forget_names, forget_photos, forget_words):
                line()
            db.session.commit()
        report = again(number)
        notes = select(ComplaintStep.words).where(ComplaintStep.complaint_id == number, ComplaintStep.internal)
        followers = select(func.count()).where(ComplaintFollower.complaint_id == number)
        assert (report.reporter is not None, photos(number)) == (names, pictures), months
        assert ("Vu avec Karim Benali." in db.session.scalars(notes).all()) == names, months
        assert (db.session.scalar(followers), report.me_too) == (1 if names else 0, 1), months
        assert bool(report.words and report.title != "…") == words, months
        answers = select(ComplaintStep.words).where(ComplaintStep.complaint_id == number)
        assert ("C’est réparé." in db.session.scalars(answers).all()) == words, months
        titles = select(Activity.title).where(Activity.thing == "complaint", Activity.thing_id == number)
        assert (set(db.session.scalars(titles)) == {"…"}) != words, months
        card = select(Card.title).where(Card.thing == "complaint", Card.thing_id == number)
        assert (db.session.scalar(card) is not None) == words, months
        assert not list(stale_cards())


def test_what_was_for_the_town_hall_alone_goes_with_the_name(app: TownApp, town: Town, browse: Browse) -> None:
    number = closed("karim", to_all=False)
    with months_later(app, 12, 1):
        forget_names()
        db.session.commit()
    report = again(number)
    assert (report.reporter, report.words, report.title, report.state) == (None, "", "…", "resolved")
    assert photos(number) == 0
    number = report.number
    db.session.rollback()
    assert browse("jean").get(f"/desk/complaints/{number}").status_code == 200
    assert browse("jean").get("/desk/complaints?state=all&sort=newest").status_code == 200


def test_what_is_not_closed_is_kept(app: TownApp, town: Town) -> None:
    report = shown("karim")
    with months_later(app, 70):
        for line in (forget_names, forget_photos, forget_words):
            line()
        db.session.commit()
    assert again(report.id).reporter is not None


def test_anybody_reads_how_long_each_thing_is_kept(app: TownApp, browse: Browse) -> None:
    """LG-02: the public page, on an address that paper can carry, from the table itself."""
    assert browse().get("/durees-de-conservation").headers["Location"] == "/retention"
    page = browse().get("/retention").text
    with enter(app, DEMO_SLUG), force_locale("fr"):
        plain = page.replace("\xa0", " ").replace("\u202f", " ")
        for line in table():
            assert str(escape(line.what)).replace("\xa0", " ").replace("\u202f", " ")[:12] in plain, line.name
    assert "12 mois après sa fin" in page.replace("\xa0", " ")
    assert 'href="/retention"' in browse().get("/privacy").text
