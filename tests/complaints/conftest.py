"""Reports to send, read and answer, by people of the cast."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import has_app_context
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from tests.cast import person_named
from tests.client import Browser
from tests.conftest import Browse
from town.blueprints.complaints.models import Complaint
from town.commons.activity import Activity
from town.commons.notices.models import InboxNotice
from town.commons.people.models import Person
from town.commons.places.spots import spot
from town.demo import DEMO_SLUG
from town.kernel.db import db
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

WORDS = "Le banc de la place a perdu une latte. On s’y coupe."
TITLE = "Le banc de la place a perdu une latte"


def typed(**more: Any) -> dict[str, Any]:
    """What a resident's form posts: a subject, a place, some words."""
    return {"category": "roads", "where": "place du Tilleul", "words": WORDS, "readers": "all", **more}


def told(
    who: str = "karim",
    *,
    category: str = "roads",
    where: str = "3 rue du Four",
    to_all: bool = True,
    words: str = WORDS,
) -> Complaint:
    """A report just received, made by its verb."""
    report = Complaint.report(person_named(who), category, words, spot(where, None), to_all=to_all)
    db.session.commit()
    return report


def shown(who: str = "karim", **more: Any) -> Complaint:
    """A report that Jean has read and that everybody sees."""
    report = told(who, **more)
    report.acknowledge(person_named("jean"), to_all=True)
    db.session.commit()
    return report


def kept(who: str = "karim", **more: Any) -> Complaint:
    """A report that Jean has read and kept between the town hall and its reporter."""
    report = told(who, **more)
    report.acknowledge(person_named("jean"), to_all=False)
    db.session.commit()
    return report


def again(report: Complaint) -> Complaint:
    """The report as the database has it now."""
    db.session.rollback()
    db.session.expire_all()
    found = db.session.scalar(select(Complaint).where(Complaint.number == report.number))
    assert found is not None
    return found


def who_was_told(title: str) -> list[str]:
    """The first names of those who were told of something with that title, once for each thing."""
    found = select(Person.first_name).join(InboxNotice, InboxNotice.person_id == Person.id)
    return sorted(db.session.scalars(found.join(Activity).where(Activity.title == title)))


@contextmanager
def statements(app: TownApp) -> Iterator[list[str]]:
    """What the demo town's database is asked meanwhile."""
    asked: list[str] = []
    with enter(app, DEMO_SLUG):
        engine = db.session.get_bind()

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith("BEGIN"):
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.fixture(autouse=True)
def let_go_before_each_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test has read must not keep the town's only writer waiting."""
    opened = Browser.open

    def open_without_lock(browser: Browser, *args: Any, **kwargs: Any) -> TestResponse:
        if has_app_context():
            db.session.rollback()
        return opened(browser, *args, **kwargs)

    monkeypatch.setattr(Browser, "open", open_without_lock)


@pytest.fixture
def browse(browse: Browse) -> Browse:
    """The same, once whatever the test has read lets go of the lock."""

    def open_browser(*args: Any, **kwargs: Any) -> Any:
        if has_app_context():
            db.session.rollback()
        return browse(*args, **kwargs)

    return open_browser


@pytest.fixture
def jean(browse: Browse) -> Browser:
    browser: Browser = browse("jean")
    return browser


@pytest.fixture
def karim(browse: Browse) -> Browser:
    browser: Browser = browse("karim")
    return browser
