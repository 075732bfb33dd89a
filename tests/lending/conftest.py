"""Karim's ladder, on a Thursday in June."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask_babel import force_locale

from tests.cast import person_named
from town.blueprints.lending.models import Item, Loan
from town.commons.bookings import Period, period_of
from town.commons.people.models import Person
from town.demo import DEMO_SLUG
from town.kernel.db import db
from town.kernel.jobs import run_due
from town.kernel.registry import Town
from town.kernel.web import TownApp

THURSDAY = datetime(2026, 6, 18, 7, 0, tzinfo=UTC)  # 9 h in Saint-Loup
SATURDAY, SUNDAY = date(2026, 6, 20), date(2026, 6, 21)


@pytest.fixture(autouse=True)
def clock(filled_instance: object) -> Iterator[time_machine.Traveller]:
    """`clock.move_to(...)` and `clock.shift(...)`. The demo town was opened before, in its own time."""
    with time_machine.travel(THURSDAY, tick=False) as travelling:
        yield travelling


@pytest.fixture
def french(town: Town) -> Iterator[None]:
    with force_locale("fr"):
        yield


def weekend() -> Period:
    return period_of("days", SATURDAY, SUNDAY)


def days(first: int, last: int | None = None) -> Period:
    """Days of June."""
    return period_of("days", date(2026, 6, first), date(2026, 6, last or first))


def put_on_shelf(owner: Person, title: str = "Échelle télescopique, 3,80 m", **more: object) -> Item:
    item = Item(owner=owner, quarter=owner.quarter, title=title, **more)
    item.offer()
    return item


@pytest.fixture
def karim(town: Town) -> Person:
    return person_named("karim")


@pytest.fixture
def odile(town: Town) -> Person:
    return person_named("odile")


@pytest.fixture
def ladder(karim: Person) -> Item:
    """On the shelf, and committed: a browser sees it."""
    item = put_on_shelf(karim, description="Aluminium, 12 kg. Je montre comment la verrouiller.")
    db.session.commit()
    return item


@pytest.fixture
def request_of_odile(ladder: Item, odile: Person) -> Loan:
    """Odile asks for the ladder from Saturday to Sunday."""
    loan = Loan.ask(ladder, odile, weekend(), "C’est pour ma gouttière.")
    db.session.commit()
    return loan


@pytest.fixture
def work(app: TownApp, town: Town) -> Callable[[], int]:
    """The worker looks after the town: what was changed is committed before, and read again after."""

    def once() -> int:
        db.session.commit()
        done = run_due(app, DEMO_SLUG)
        db.session.expire_all()
        return done

    return once


def hours(count: float) -> timedelta:
    return timedelta(hours=count)
