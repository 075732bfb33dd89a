"""Karim's drill, which somebody reports, and the people who look at it."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import has_app_context
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.cast import person_named
from tests.client import Browser
from tests.conftest import Browse
from town.blueprints.complaints.models import Complaint
from town.blueprints.lending.models import Item
from town.commons.activity import Activity
from town.commons.board import Card
from town.commons.moderation import Case, Report
from town.commons.notices.models import InboxNotice
from town.commons.people.models import Person, RoleGrant
from town.commons.places.spots import spot
from town.demo import DEMO_SLUG
from town.kernel.db import db
from town.kernel.jobs import run_due
from town.kernel.registry import Town
from town.kernel.web import TownApp

TITLE = "Perceuse de collection"
WORDS = "On y lit le numéro de téléphone de ma mère."


def typed(**more: Any) -> dict[str, Any]:
    """What a report's form posts."""
    return {"reason": "privacy", "words": WORDS, "good_faith": "y", **more}


def ruling(verdict: str = "hide", **more: Any) -> dict[str, Any]:
    """What a decision's form posts."""
    hidden = (
        {"rule": "privacy", "words": "Ôtez le numéro, puis demandez une autre décision."} if verdict == "hide" else {}
    )
    return {"verdict": verdict, "facts": "Le texte donne un numéro de téléphone.", **hidden, **more}


def card_of(thing: Any) -> Card:
    found = db.session.scalar(select(Card).where(Card.thing == thing.__tablename__, Card.thing_id == thing.id))
    assert found is not None
    return found


def report(thing: Any, who: str | None, reason: str = "privacy", **more: Any) -> Report:
    """A report made by its verb."""
    sent = Case.report(card_of(thing), person_named(who) if who else None, reason, WORDS, **more)
    db.session.commit()
    return sent


def case_of(thing: Any) -> Case:
    """The case as the database has it now."""
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(Case).where(Case.thing_public_id == thing.public_id)).one()


def told_to(name: str, kind: str) -> int:
    """How often somebody was told of that kind of thing."""
    found = (
        select(InboxNotice.id)
        .join(Activity)
        .where(InboxNotice.person_id == person_named(name).id, Activity.kind == f"moderation.{kind}")
    )
    return len(db.session.scalars(found).all())


def give_role(name: str, role: str) -> None:
    db.session.add(RoleGrant(person_id=person_named(name).id, role=role))
    db.session.commit()


@pytest.fixture
def karim(town: Town) -> Person:
    return person_named("karim")


@pytest.fixture
def drill(karim: Person) -> Item:
    item = Item(owner=karim, quarter=karim.quarter, title=TITLE, description="Appelez le 06 12 34 56 78.")
    item.offer()
    db.session.commit()
    return item


@pytest.fixture
def lamp(town: Town) -> Complaint:
    """A problem in the street, which everybody reads, signed in or not. Karim reported it."""
    sent = Complaint.report(
        person_named("karim"), "lighting", "Lampadaire éteint chez Mme Dupont.", spot("rue du Four", None)
    )
    sent.acknowledge(person_named("jean"), to_all=True)
    db.session.commit()
    return sent


@pytest.fixture
def work(app: TownApp, town: Town) -> Callable[[], int]:
    """The worker looks after the town: what was changed is committed before, and read again after."""

    def once() -> int:
        db.session.commit()
        done = run_due(app, DEMO_SLUG)
        db.session.expire_all()
        return done

    return once


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
