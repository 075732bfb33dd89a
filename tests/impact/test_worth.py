"""IP-05: what a loan is worth. Confirmed by both, it counts once; anything less is worth nothing."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from datetime import date, timedelta
from threading import Barrier

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from tests.cast import person_named
from tests.impact.conftest import DRILL, SHARE, Lends, asked, figures, shelved
from town.blueprints.lending.activity import RETURNED, WORTH
from town.blueprints.lending.models import Item, Loan
from town.commons.activity import happenings
from town.commons.people.models import Person
from town.commons.worth import Figure, Pair, _first_met, forget_pairs
from town.kernel.db import db
from town.kernel.registry import Town
from town.kernel.signals import person_erased
from town.kernel.tenancy import enter
from town.kernel.web import TownApp


def counted(table: type[Figure] | type[Pair] = Figure) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_the_drill_that_odile_gave_back_is_one_link_one_manufacture_and_its_price(drill: Item, lends: Lends) -> None:
    """IP-04: the factor of a drill and the share of a loan are kept by their ids, so that changing them recomputes."""
    loan = lends(drill, "odile")

    assert figures(loan) == {
        "exchange": (1, "", ""),
        "link": (1, "", ""),
        "kgCO2e": (1000, DRILL, SHARE),
        "EUR": (14900, "", SHARE),
    }
    assert {figure.month for figure in db.session.query(Figure)} == {"2026-06"}


def test_what_is_not_known_is_kept_as_not_known(drill: Item, lends: Lends) -> None:
    """No factor fits a ladder, and its owner gave no price: a link, and nothing invented."""
    loan = lends(shelved(person_named("karim"), "Échelle télescopique"), "odile")

    assert figures(loan) == {
        "exchange": (1, "", ""), "link": (1, "", ""), "kgCO2e": (None, "", ""), "EUR": (None, "", "")
    }  # fmt: skip


def test_a_loan_that_is_not_confirmed_by_both_is_worth_nothing(drill: Item, lends: Lends) -> None:
    """Asked, agreed, handed over, said to be back by one: none of it counts."""
    asked(drill, "odile", date(2026, 6, 20))
    agreed = asked(drill, "mathilde", date(2026, 6, 21))
    agreed.accept()
    refused = asked(drill, "theo", date(2026, 6, 22))
    refused.refuse()
    lends(drill, "jeanne", 6, back=False)

    assert counted() == 0


def test_silence_of_three_days_confirms_and_counts(drill: Item, lends: Lends) -> None:
    loan = lends(drill, "odile", back=False)
    loan.settle()

    assert figures(loan)["link"] == (1, "", "")


def test_the_same_two_neighbours_are_one_link_in_a_year(
    drill: Item, lends: Lends, clock: time_machine.Traveller
) -> None:
    ladder = shelved(person_named("odile"), "Échelle")
    first, again, the_other_way = lends(drill, "odile", 1), lends(drill, "odile", 2), lends(ladder, "amadou", 3)
    clock.shift(timedelta(days=366))
    forget_pairs()
    next_year = lends(drill, "odile", 400)

    links = [figures(loan)["link"][0] for loan in (first, again, the_other_way, next_year)]
    assert links == [1, 0, 0, 1]
    assert counted(Pair) == 1


def test_a_loan_confirmed_again_counts_once(drill: Item, lends: Lends) -> None:
    loan = lends(drill, "odile")
    before = counted()
    returned = next(happened for happened in happenings(loan) if happened.kind == RETURNED.name)
    WORTH.keep(returned)

    assert counted() == before


def test_who_is_erased_leaves_numbers_and_no_trace_of_whom_they_met(drill: Item, lends: Lends) -> None:
    loan = lends(drill, "odile")
    lends(drill, "theo", 2)
    before = figures(loan)
    person_erased.send(person_named("odile"))
    db.session.flush()

    assert figures(loan) == before
    assert counted(Pair) == 1, "Amadou and Théo"


def test_what_an_owner_who_left_lent_still_counts_without_a_link(drill: Item, lends: Lends) -> None:
    """Odile brings back what an erased neighbour had lent her: nobody can say any more who met whom."""
    loan = lends(drill, "odile", back=False)
    person_erased.send(person_named("amadou"))
    loan.settle()

    assert figures(loan)["exchange"] == (1, "", "")
    assert figures(loan)["link"] == (None, "", "")


def test_the_owners_choice_wins_over_the_name(drill: Item, lends: Lends) -> None:
    drill.factor = "none"
    assert figures(lends(drill, "odile"))["kgCO2e"] == (None, "", "")
    drill.factor = "bc-28318"
    assert figures(lends(drill, "odile", 2))["kgCO2e"] == (1000, "bc-28318", SHARE)


def test_what_changes_later_does_not_change_what_was_lent(drill: Item, lends: Lends) -> None:
    loan = lends(drill, "odile")
    drill.title, drill.price_cents = "Ponceuse", 1
    drill.change()
    db.session.commit()

    assert figures(loan)["EUR"] == (14900, "", SHARE)


def _people(count: int) -> list[int]:
    people = [Person(first_name=f"Voisine{number}", last_name="Untel") for number in range(count)]
    db.session.add_all(people)
    db.session.commit()
    return [person.id for person in people]


def test_the_database_counts_an_exchange_once(trial: TownApp) -> None:
    """On both engines: a second figure of the same unit is refused."""
    with enter(trial, "a"):
        same = {"kind": "lending.returned", "thing": "lending_loan", "thing_id": 7, "month": "2026-06"}
        db.session.add(Figure(unit="link", amount=1, **same))
        db.session.commit()
        db.session.add(Figure(unit="link", amount=1, **same))
        with pytest.raises(IntegrityError):
            db.session.flush()
        db.session.rollback()
        for wrong in ({"unit": "points", "amount": 3}, {"unit": "EUR", "amount": -1}):
            db.session.add(Figure(**wrong, **same))
            with pytest.raises(IntegrityError):
                db.session.flush()
            db.session.rollback()


def test_two_loans_of_the_same_two_at_once_are_one_link(trial: TownApp) -> None:
    """On both engines: eight exchanges of one pair are confirmed at the same moment."""
    with enter(trial, "a"):
        one, other = _people(2)
    start = Barrier(8)

    def confirm(number: int) -> int:
        with enter(trial, "a"):
            start.wait()
            pair = [db.session.get(Person, identity) for identity in ((one, other) if number % 2 else (other, one))]
            assert pair[0] is not None
            assert pair[1] is not None
            new = _first_met(pair[0], pair[1])
            db.session.commit()
            return new

    with ThreadPoolExecutor(8) as crowd:
        met = list(crowd.map(lambda number: Context().run(confirm, number), range(8)))
    assert sorted(met) == [0] * 7 + [1]


def test_the_month_is_that_of_the_towns_calendar(
    drill: Item, lends: Lends, clock: time_machine.Traveller, town: Town
) -> None:
    """At half past midnight on the first of July in Saint-Loup it is still June in UTC."""
    clock.move_to("2026-06-30T22:30:00+00:00")
    loan: Loan = lends(drill, "odile", 20)

    assert {figure.month for figure in db.session.query(Figure).filter_by(thing_id=loan.id)} == {"2026-07"}
