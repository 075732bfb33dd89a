"""A notice to write and publish, and who was told of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from tests.cast import person_named
from tests.conftest import Browse
from town.blueprints.townhall.models import INFO, Notice
from town.commons.activity import Activity
from town.commons.notices.models import InboxNotice
from town.commons.people.models import Person
from town.commons.places.concerns import Concerns
from town.commons.places.models import Quarter, Street
from town.demo import DEMO_SLUG
from town.kernel.db import db
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

TITLE = "Rue barrée lundi"
Told = Callable[..., list[str]]


def street(name: str = "Rue des Tanneries") -> Street:
    return db.session.scalars(select(Street).where(Street.name == name)).one()


def quarter(name: str) -> Quarter:
    return db.session.scalars(select(Quarter).where(Quarter.name == name)).one()


def written(by: str = "claire", **more: Any) -> Notice:
    """A draft for rue des Tanneries, unless told otherwise."""
    said: dict[str, Any] = {
        "title": TITLE,
        "words": "De 8 h à 17 h.",
        "kind": INFO,
        "starts_on": None,
        "ends_on": None,
        "concerns": Concerns(streets=(street().id,)),
        "signature": "Mme Claire Vasseur, adjointe",
    }
    return Notice.drafted(person_named(by), **{**said, **more})


def published(by: str = "claire", **more: Any) -> Notice:
    notice = written(by, **more)
    notice.publish(person_named(by))
    db.session.commit()
    return notice


def here(notice: Notice, deed: str = "") -> str:
    """The address of a notice, or of a deed on it. The test lets go of the town, so that a request may write."""
    address = f"/town-hall/notices/{notice.public_id}" + (f"/{deed}" if deed else "")
    db.session.rollback()
    return address


def kept(notice: Notice, name: str) -> Any:
    """What the town has of a notice now."""
    db.session.rollback()
    found = getattr(notice, name)
    db.session.rollback()
    return found


def typed(**more: Any) -> dict[str, Any]:
    """What a councillor's form posts: three fields, and what is ticked already."""
    fields: dict[str, Any] = {
        "title": TITLE,
        "words": "De 8 h à 17 h.",
        "scope": "places",
        "street": "rue des tanneries",
        "kind": "info",
        "signature": "Mme Claire Vasseur, adjointe",
    }
    return {**fields, **more}


@pytest.fixture
def claire(browse: Browse) -> FlaskClient:
    return browse("claire")


@pytest.fixture
def told(app: TownApp) -> Told:
    """Who has been told of a notice of that title, by first name; with `unread=True` only who has not read it."""

    def names(title: str = TITLE, unread: bool = False) -> list[str]:
        with enter(app, DEMO_SLUG):
            found = select(Person.first_name).join(InboxNotice, InboxNotice.person_id == Person.id)
            found = found.join(Activity).where(Activity.title == title)
            if unread:
                found = found.where(InboxNotice.read_at.is_(None))
            return sorted(db.session.scalars(found))

    return names


@pytest.fixture
def letters(outbox: Callable[[], list[EmailMessage]]) -> Callable[[str], list[str]]:
    """To whom an e-mail went whose subject ends so, by the part before the @."""

    def to(ending: str = TITLE) -> list[str]:
        found = [letter for letter in outbox() if str(letter["Subject"]).endswith(ending)]
        return sorted(str(letter["To"]).partition("@")[0] for letter in found)

    return to


@contextmanager
def statements(app: TownApp) -> Iterator[list[str]]:
    """What the demo town's database is asked meanwhile."""
    asked: list[str] = []
    with enter(app, DEMO_SLUG):
        engine = db.session.get_bind()

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SELECT set_config", "SET TRANSACTION")):
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def place_of(answer: TestResponse) -> str:
    """The public id at the end of where an answer leads."""
    assert answer.status_code == 303, answer.text
    return answer.location.rpartition("/")[2]
