"""IP-05: nothing is published that fewer than five exchanges make up, nor can it be found by a subtraction."""

from collections.abc import Iterable
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cast import person_named
from tests.impact.conftest import DRILL, RACLETTE, Lends, shelved
from town.blueprints.lending.models import Item
from town.commons.impact.amounts import Amount, Carbon, Euros, Links
from town.commons.impact.factors import published
from town.commons.impact.tally import Cell, K, Line, periods, tally, told_apart
from town.kernel.db import db
from town.kernel.registry import Town

COUNTERS = ("EUR", "kgCO2e manufacture", "link")
AMOUNTS: dict[str, Amount] = {
    "EUR": Euros.of(100),
    "kgCO2e manufacture": Carbon.of(1000, published()[DRILL]),
    "link": Links.of(1),
}


def month(number: int, exchanges: int, known: Iterable[int]) -> Cell:
    """A month in which so many exchanges came to an end, and so many of them say each counter."""
    name = f"2026-{number:02}"
    cell = Cell(name, name, exchanges)
    for counter, count in zip(COUNTERS, known, strict=True):
        if count:
            cell.count(AMOUNTS[counter], count)
    return cell


MONTHS = st.lists(
    st.integers(0, 9).flatmap(
        lambda exchanges: st.tuples(st.just(exchanges), st.tuples(*(st.integers(0, exchanges) for _ in COUNTERS)))
    ),
    min_size=1,
    max_size=12,
)


@settings(deadline=None)
@given(MONTHS)
def test_every_period_hides_everybody_and_together_they_are_the_whole(said: list[tuple[int, tuple[int, ...]]]) -> None:
    """The difference between the total and the periods is nothing: no month can be found by taking the others away."""
    months = [month(number + 1, *of) for number, of in enumerate(said)]
    total = months[0]
    for cell in months[1:]:
        total = total.and_then(cell)
    public = [counter for counter in COUNTERS if total.known[counter] >= K]
    found = periods(months, public)

    if total.exchanges < K:
        assert found == []
        return
    assert all(cell.hides_everybody(public) for cell in found)
    assert sum(cell.exchanges for cell in found) == total.exchanges
    for counter in public:
        amounts = [cell.amounts[counter].value for cell in found if counter in cell.amounts]
        assert sum(amounts) == total.amounts[counter].value
    assert [cell.first for cell in found] == sorted(cell.first for cell in found)
    assert all(one.last < other.first for one, other in pairwise(found))


@settings(deadline=None)
@given(st.lists(st.integers(1, 12), min_size=1, max_size=12))
def test_no_line_is_made_up_of_fewer_than_five(counts: list[int]) -> None:
    factors = [factor for factor in published().values() if factor.id.startswith("bc-")]
    lines = [
        Line(factor, None, count, Carbon.of(1000, factor).times(count))
        for factor, count in zip(factors, counts, strict=False)
    ]
    told = told_apart(lines)

    assert sum(line.exchanges for line in told) == sum(counts)
    assert sum(line.amount.value for line in told) == sum(line.amount.value for line in lines)
    if sum(counts) >= K:
        assert all(line.exchanges >= K for line in told)
    assert sum(line.factor is None for line in told) <= 1


def test_four_loans_are_a_number_and_nothing_else(drill: Item, lends: Lends) -> None:
    for number in range(1, 5):
        lends(drill, "odile", number)
    practice = tally().practices[0]

    assert practice.total.exchanges == 4
    assert (practice.published, practice.periods, dict(practice.lines)) == ((), [], {})
    assert tally().totals == {}


def test_the_fifth_loan_opens_the_figures(drill: Item, lends: Lends) -> None:
    """Five drills: 5 x 4.7 kg and 5 x 29.80 euros, one link between Amadou and Odile."""
    for number in range(1, 6):
        lends(drill, "odile", number)
    totals = tally().totals

    assert {counter: (amount.value, amount.low, amount.high) for counter, amount in totals.items()} == {
        "EUR": (14900, 7450, 29800),
        "kgCO2e manufacture": (23500, 11750, 47000),
        "link": (1, 1, 1),
    }


def test_a_counter_that_few_exchanges_say_is_not_told(drill: Item, lends: Lends) -> None:
    """Five loans, of which one is of a drill: whoever knows the table would read the drill in the kilograms."""
    ladder = shelved(person_named("karim"), "Échelle", 129)
    for number in range(1, 5):
        lends(ladder, "odile", number)
    lends(drill, "odile", 5)
    practice = tally().practices[0]

    assert practice.published == ("EUR", "link")
    assert practice.amount("kgCO2e manufacture") is None


def test_things_lent_often_have_a_line_and_the_others_share_one(drill: Item, lends: Lends) -> None:
    raclette, saw = (
        shelved(person_named("karim"), "Appareil à raclette"),
        shelved(person_named("theo"), "Scie sauteuse"),
    )
    for number in range(1, 7):
        lends(drill, "odile", number)
    for number in range(1, 4):
        lends(raclette, "mathilde", number)
        lends(saw, "jeanne", number)
    lines = tally().practices[0].lines["kgCO2e manufacture"]

    assert [(line.factor.id if line.factor else None, line.exchanges, line.amount.value) for line in lines] == [
        (DRILL, 6, 6 * 4700),
        (None, 6, 3 * 3360 + 3 * 6340),
    ]


def test_one_rare_thing_takes_another_line_along(drill: Item, lends: Lends) -> None:
    """Six drills and one raclette machine: its 3.36 kg alone would be recognised."""
    for number in range(1, 7):
        lends(drill, "odile", number)
    lends(shelved(person_named("karim"), "Appareil à raclette", factor=RACLETTE), "mathilde")
    lines = tally().practices[0].lines["kgCO2e manufacture"]

    assert [(line.factor, line.exchanges) for line in lines] == [(None, 7)]


def test_figures_of_a_factor_that_the_table_has_lost_are_not_known(drill: Item, lends: Lends, town: Town) -> None:
    drill.factor = "bc-0"
    for number in range(1, 6):
        lends(drill, "odile", number)

    assert tally().practices[0].published == ("EUR", "link")
    db.session.rollback()
