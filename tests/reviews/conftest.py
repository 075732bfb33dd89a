"""Odile has borrowed Karim's ladder, and both have said that it came back, on a Sunday evening in June."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.cast import person_named
from town.blueprints.lending.models import Item, Loan
from town.commons.bookings import period_of
from town.commons.people.models import Person
from town.commons.reviews import Exchange, Facts, exchange_about
from town.demo import DEMO_SLUG
from town.kernel.db import db
from town.kernel.jobs import run_due
from town.kernel.language import today
from town.kernel.registry import Town
from town.kernel.web import TownApp

SUNDAY = datetime(2026, 6, 21, 18, 0, tzinfo=UTC)
GOOD, BAD = Facts("yes", "yes", "yes"), Facts("no", "na", "no")
SAID = {"kept_word": "yes", "as_agreed": "yes", "again": "yes", "text": "Ponctuel, et il explique bien."}


@pytest.fixture(autouse=True)
def clock(filled_instance: object) -> Iterator[time_machine.Traveller]:
    """The demo town was opened before, in its own time."""
    with time_machine.travel(SUNDAY, tick=False) as travelling:
        yield travelling


@pytest.fixture
def karim(town: Town) -> Person:
    return person_named("karim")


@pytest.fixture
def odile(town: Town) -> Person:
    return person_named("odile")


def lend(owner: Person, borrower: Person, title: str = "Échelle télescopique") -> Loan:
    """From the request to the return, today."""
    item = Item(owner=owner, quarter=owner.quarter, title=title)
    item.offer()
    loan = Loan.ask(item, borrower, period_of("days", today(), today()), "")
    loan.accept("")
    for verb in (loan.hand_over, loan.give_back):
        verb(owner)
        verb(borrower)
    return loan


@pytest.fixture
def exchange(karim: Person, odile: Person) -> Exchange:
    """Where the two may say how it went. It is committed: a browser sees it."""
    found = exchange_about(lend(karim, odile))
    assert found is not None
    db.session.commit()
    return found


@pytest.fixture
def at(exchange: Exchange) -> str:
    """Its address. Nothing stays open after it was read: that would keep the browser from writing."""
    address = f"/reviews/{exchange.public_id}"
    db.session.rollback()
    return address


@pytest.fixture
def work(app: TownApp, town: Town) -> Callable[[], int]:
    """The worker looks after the town: what was changed is committed before, and read again after."""

    def once() -> int:
        db.session.commit()
        done = run_due(app, DEMO_SLUG)
        db.session.expire_all()
        return done

    return once


def days(count: float) -> timedelta:
    return timedelta(days=count)
