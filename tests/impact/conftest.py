"""Loans that come back, on a Thursday in June; the demo town's own are not counted here."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import delete

from tests.cast import person_named
from town.blueprints.lending.models import Item, Loan
from town.commons.bookings import period_of
from town.commons.people.models import Person
from town.commons.worth import Figure, Pair
from town.kernel.db import db
from town.kernel.registry import Town

THURSDAY = datetime(2026, 6, 18, 7, 0, tzinfo=UTC)
DRILL, RACLETTE, SHARE = "bc-28317", "bc-28312", "share-loan"

Lends = Callable[..., Loan]


@pytest.fixture(autouse=True)
def clock(filled_instance: object) -> Iterator[time_machine.Traveller]:
    """The demo town was opened before, in its own time."""
    with time_machine.travel(THURSDAY, tick=False) as travelling:
        yield travelling


@pytest.fixture
def day_one(town: Town) -> None:
    """No loan has come back yet."""
    for table in (Figure, Pair):
        db.session.execute(delete(table))
    db.session.commit()


def shelved(owner: Person, title: str, price: int | None = None, factor: str | None = None) -> Item:
    item = Item(owner=owner, quarter=owner.quarter, title=title, factor=factor)
    item.price_cents = None if price is None else price * 100
    item.offer()
    return item


@pytest.fixture
def drill(town: Town, day_one: None) -> Item:
    """Amadou's, 149 euros when it was new."""
    item = shelved(person_named("amadou"), "Perceuse à percussion", 149)
    db.session.commit()
    return item


def asked(item: Item, borrower: str, day: date) -> Loan:
    return Loan.ask(item, person_named(borrower), period_of("days", day, day))


@pytest.fixture
def lends(town: Town) -> Lends:
    """`lends(drill, "odile", 3)`: Odile has the drill three days from now, and both say that it came back."""

    def lend(item: Item, borrower: str, in_days: int = 1, *, back: bool = True) -> Loan:
        loan = asked(item, borrower, date(2026, 6, 18) + timedelta(in_days))
        both = [item.owner, loan.borrower]
        loan.accept()
        for party in both:
            if party is not None:
                loan.hand_over(party)
        for party in both if back else both[:1]:
            if party is not None:
                loan.give_back(party)
        db.session.commit()
        return loan

    return lend


def figures(loan: Loan) -> dict[str, tuple[int | None, str, str]]:
    """What is kept of a loan, by unit: amount, factor and share."""
    kept = db.session.query(Figure).filter_by(thing="lending_loan", thing_id=loan.id)
    return {figure.unit: (figure.amount, figure.factor, figure.share) for figure in kept}
