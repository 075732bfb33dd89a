"""IP-02, IP-08: three counters kept apart, and factors of different perimeters that are never added."""

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.impact.conftest import DRILL, RACLETTE, SHARE
from town.commons.impact.amounts import Amount, Carbon, Euros, Links, NeverAdded
from town.commons.impact.changes import NotAFactor, decimal
from town.commons.impact.factors import Perimeter, published
from town.commons.impact.things import factor_of, thing_named, things

FACTORS = [factor for factor in published().values() if not factor.is_share]
LOAN = published()[SHARE]


def test_the_table_is_the_published_one_whole() -> None:
    """275 factors, each with a source, a perimeter and a value that is not negative."""
    assert len(FACTORS) == 275
    assert all(factor.source.startswith("ADEME") and factor.url.startswith("https://") for factor in FACTORS)
    assert all(0 <= factor.low <= factor.value <= factor.high for factor in FACTORS)
    assert published()[DRILL].value == Decimal("23.5")
    assert published()[DRILL].valid_until == "2023-12"
    assert published()["bc-20640"].valid_until == "2019-12", "« déc.-19 » in the table"
    assert published()["ic2-lit"].valid_until == "", "a version of the table is no date"


def test_a_factor_of_base_carbone_and_one_of_impact_co2_never_share_a_perimeter() -> None:
    """`bc-*` counts making and delivering, `ic2-*` a whole life or a journey."""
    perimeters = {prefix: {f.perimeter for f in FACTORS if f.id.startswith(prefix)} for prefix in ("bc-", "ic2-")}
    assert perimeters == {"bc-": {Perimeter.MANUFACTURE}, "ic2-": {Perimeter.LIFE_CYCLE, Perimeter.JOURNEY}}


def test_no_sum_mixes_two_perimeters() -> None:
    """Every factor with every other, 275 x 275."""
    weights = [Carbon.of(1000, factor) for factor in FACTORS]
    for mine, theirs in product(weights, repeat=2):
        if mine.perimeter is theirs.perimeter:
            assert (mine + theirs).value == mine.value + theirs.value
        else:
            with pytest.raises(NeverAdded):
                mine + theirs


def test_euros_kilograms_and_links_are_never_one_score() -> None:
    carbon, euros, links = Carbon.of(1000, published()[DRILL]), Euros.of(100), Links.of(1)
    for one, other in product((carbon, euros, links), repeat=2):
        if one is not other:
            with pytest.raises(TypeError):
                one + other
    with pytest.raises(TypeError):
        sum([carbon, euros])


def test_a_loan_of_a_drill_avoids_a_fifth_of_its_manufacture() -> None:
    """IP-04: 23.5 kg x 0.2 is 4.7 kg, from a half to twice that."""
    assert Carbon.of(1000, published()[DRILL], LOAN) == Carbon(4700, 2350, 9400, Perimeter.MANUFACTURE)
    assert Carbon.of(1000, published()[RACLETTE], LOAN) == Carbon(3360, 1680, 6720, Perimeter.MANUFACTURE)
    assert Euros.of(14900, LOAN) == Euros(2980, 1490, 5960)


def test_a_share_weighs_nothing() -> None:
    with pytest.raises(NeverAdded):
        Carbon.of(1000, LOAN)


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**7), max_size=30))
def test_subtotals_always_add_up_to_the_total(prices: list[int]) -> None:
    """Whatever the prices: rounded exchange by exchange, in whole cents, half a cent upwards."""
    amounts: list[Amount] = [Euros.of(price, LOAN) for price in prices]
    halves = [amounts[::2], amounts[1::2]]
    whole = sum((amount.value for amount in amounts), 0)
    assert whole == sum(sum(amount.value for amount in half) for half in halves)
    assert all(amount.low <= amount.value <= amount.high for amount in amounts)
    assert Euros.of(3, LOAN).value == 1
    assert Euros.of(2, LOAN).value == 0


@pytest.mark.parametrize(
    ("title", "factor"),
    [
        ("Perceuse à percussion et ses mèches", DRILL),
        ("Ma vieille perceuse", DRILL),
        ("PERCEUSES", DRILL),
        ("Appareil à raclette, 8 poêlons", RACLETTE),
        ("Deux chaises en bois", "bc-26958"),
        ("Aspirateur avec sac", "bc-26990"),
        ("Aspirateur", "bc-26991"),
        ("Mèches pour perceuse", None),
        ("Remorque de vélo électrique", None),
        ("Raclette à vitres", None),
        ("Bombe de peinture", None),
        ("Barnum 3 × 4 m, deux tables, vingt chaises", None),
        ("Échelle télescopique, 3,80 m", None),
        ("", None),
    ],
)
def test_a_name_says_what_a_thing_is_or_nothing_does(title: str, factor: str | None) -> None:
    """Nothing rather than a wrong guess."""
    assert factor_of(None, title) == factor
    assert factor_of("none", title) is None
    assert factor_of("bc-28318", title) == "bc-28318"


def test_every_thing_of_the_list_has_a_factor_of_manufacture_and_finds_itself() -> None:
    """One perimeter for the whole list: loans can always be added up."""
    assert len(things()) > 40
    for thing in things():
        assert published()[thing.factor].perimeter is Perimeter.MANUFACTURE
        for phrase in thing.phrases:
            assert thing_named(" ".join(phrase)) == thing


@pytest.mark.parametrize("typed", ["16,8", "16.8", " 16,800 ", "1,68e1"])
def test_a_number_is_read_as_people_type_it(typed: str) -> None:
    assert decimal(typed) == Decimal("16.8")


@pytest.mark.parametrize("typed", ["", "beaucoup", "-1", "NaN", "Infinity", "1e99", "1;2"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(NotAFactor):
        decimal(typed)
