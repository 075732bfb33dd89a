"""Amounts in whole cents, grams and links, with their range. What must not be added raises instead of giving a sum."""

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar, Self

from town.commons.impact.factors import Factor, Perimeter


class NeverAdded(TypeError):
    """Two amounts that mean different things: euros and kilograms, or a manufacture and a whole life."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of whole units, and the range in which it lies."""

    value: int
    low: int
    high: int
    unit: ClassVar[str]

    @property
    def counter(self) -> str:
        """The counter on which it stands; amounts of two counters are never added."""
        return self.unit

    def __add__(self, other: Self) -> Self:
        if not isinstance(other, Amount) or other.counter != self.counter:
            raise NeverAdded(f"{self.counter} and {getattr(other, 'counter', other)!s}")
        return replace(self, value=self.value + other.value, low=self.low + other.low, high=self.high + other.high)

    def times(self, count: int) -> Self:
        """So many of the same."""
        return replace(self, value=self.value * count, low=self.low * count, high=self.high * count)


@dataclass(frozen=True, slots=True)
class Links(Amount):
    """Neighbours brought together, two by two."""

    unit: ClassVar[str] = "link"

    @classmethod
    def of(cls, count: int) -> "Links":
        return cls(count, count, count)


@dataclass(frozen=True, slots=True)
class Euros(Amount):
    """Cents that stayed in somebody's pocket."""

    unit: ClassVar[str] = "EUR"

    @classmethod
    def of(cls, cents: int, share: Factor | None = None) -> "Euros":
        """`cents` of a price, times the share that was really avoided."""
        value, low, high = (_whole(cents * part) for part in _parts(share))
        return cls(value, low, high)


@dataclass(frozen=True, slots=True)
class Carbon(Amount):
    """Grams of CO2e that were not emitted, within one perimeter."""

    perimeter: Perimeter
    unit: ClassVar[str] = "kgCO2e"

    @property
    def counter(self) -> str:
        return f"{self.unit} {self.perimeter}"

    @classmethod
    def of(cls, thousandths: int, factor: Factor, share: Factor | None = None) -> "Carbon":
        """`thousandths` of the factor's unit, times the factor (kg, hence g), times the share."""
        if factor.perimeter is None:
            raise NeverAdded(f"{factor.id} weighs nothing: it is a share")
        weights = (factor.value, factor.low, factor.high)
        value, low, high = (
            _whole(thousandths * weight * part) for weight, part in zip(weights, _parts(share), strict=True)
        )
        return cls(value, low, high, factor.perimeter)


def _parts(share: Factor | None) -> tuple[Decimal, Decimal, Decimal]:
    return (share.value, share.low, share.high) if share else (Decimal(1), Decimal(1), Decimal(1))


def _whole(exact: Decimal) -> int:
    """Rounded once, exchange by exchange, so that every subtotal adds up to the total."""
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))
