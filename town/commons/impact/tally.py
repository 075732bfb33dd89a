"""The tally of a town: figures summed by practice and period, none of which lets a single exchange be recognised."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, func, select

from town.commons.activity import Kind
from town.commons.impact.amounts import Amount, Carbon, Euros, Links
from town.commons.impact.changes import FactorChange, in_force, noted
from town.commons.impact.factors import Factor
from town.commons.worth import EUR, EXCHANGE, LINK, Figure
from town.kernel.db import db

K = 5
"""No amount is published that fewer exchanges make up: whoever knows of one could read it off."""


def cells() -> Select[Any]:
    """Every figure of the town, those that are alike counted together."""
    alike: tuple[Any, ...] = (Figure.kind, Figure.month, Figure.unit, Figure.factor, Figure.share, Figure.amount)
    return select(*alike, func.count().label("count")).group_by(*alike).order_by(*alike)


@dataclass(slots=True)
class Cell:
    """What the exchanges of some months have produced. amounts: by counter. known: how many exchanges say so."""

    first: str
    last: str
    exchanges: int = 0
    amounts: dict[str, Amount] = field(default_factory=dict)
    known: Counter[str] = field(default_factory=Counter)

    def count(self, amount: Amount, times: int) -> None:
        here = amount.counter
        self.amounts[here] = self.amounts[here] + amount.times(times) if here in self.amounts else amount.times(times)
        self.known[here] += times

    def and_then(self, other: "Cell") -> "Cell":
        """The two together."""
        both = Cell(min(self.first, other.first), max(self.last, other.last), self.exchanges + other.exchanges)
        both.amounts, both.known = dict(self.amounts), self.known + other.known
        for counter, amount in other.amounts.items():
            both.amounts[counter] = both.amounts[counter] + amount if counter in both.amounts else amount
        return both

    def hides_everybody(self, counters: Iterable[str]) -> bool:
        """Whether each of these amounts is made up of enough exchanges, or of none at all."""
        return self.exchanges >= K and all(not 0 < self.known[counter] < K for counter in counters)


@dataclass(frozen=True, slots=True)
class Line:
    """One factor's share of an amount. factor: None for things of several factors, too few of each to be told apart."""

    factor: Factor | None
    share: Factor | None
    exchanges: int
    amount: Amount


@dataclass(frozen=True, slots=True)
class Practice:
    """A way of sharing, such as lending, as the town may read it.

    published: the counters whose amounts enough exchanges make up. periods: whole months, oldest first, put together
    until each hides everybody. Of a practice with too few exchanges, only their number is told.
    """

    kind: str
    total: Cell
    periods: list[Cell]
    lines: Mapping[str, list[Line]]
    published: tuple[str, ...]

    @property
    def feature(self) -> str:
        return self.kind.partition(".")[0]

    @property
    def formula(self) -> Mapping[str, Any]:
        """How each unit is computed, in words; nothing where the code of the practice is gone."""
        kind = Kind.registry.get(self.kind)
        return kind.worth.formula if kind and kind.worth else {}

    def amount(self, counter: str, cell: Cell | None = None) -> Amount | None:
        """What may be told of a counter, in a period or in all."""
        return (cell or self.total).amounts.get(counter) if counter in self.published else None


@dataclass(frozen=True, slots=True)
class Tally:
    """Everything that may be told of what sharing has produced in this town."""

    practices: list[Practice]
    factors: Mapping[str, Factor]
    notes: list[FactorChange]

    @property
    def exchanges(self) -> int:
        return sum(practice.total.exchanges for practice in self.practices)

    @property
    def since(self) -> str:
        """The first month that counts."""
        return min((practice.total.first for practice in self.practices), default="")

    @property
    def totals(self) -> dict[str, Amount]:
        """Each counter over every practice that publishes it. Nothing adds one counter to another."""
        sums: dict[str, Amount] = {}
        for practice in self.practices:
            for counter in practice.published:
                amount = practice.total.amounts[counter]
                sums[counter] = sums[counter] + amount if counter in sums else amount
        return sums


def tally() -> Tally:
    """Counted afresh from the figures and the factors of today: two queries, whatever their number."""
    notes = noted()
    factors = in_force(notes)
    found: dict[str, list[Any]] = {}
    for row in db.session.execute(cells()):
        found.setdefault(row.kind, []).append(row)
    return Tally([_practice(kind, rows, factors) for kind, rows in found.items()], factors, notes)


def amount_of(row: Any, factors: Mapping[str, Factor]) -> Amount | None:
    """What one figure is worth; nothing where nobody knows."""
    if row.amount is None or row.unit == EXCHANGE:
        return None
    share = factors.get(row.share)
    if row.unit == LINK:
        return Links.of(row.amount)
    if row.unit == EUR:
        return Euros.of(row.amount, share)
    factor = factors.get(row.factor)
    return Carbon.of(row.amount, factor, share) if factor else None


def _practice(kind: str, rows: Iterable[Any], factors: Mapping[str, Factor]) -> Practice:
    months: dict[str, Cell] = {}
    lines: dict[str, dict[str, Line]] = {}
    for row in rows:
        cell = months.setdefault(row.month, Cell(row.month, row.month))
        if row.unit == EXCHANGE:
            cell.exchanges += row.count
        elif amount := amount_of(row, factors):
            cell.count(amount, row.count)
            line = Line(factors.get(row.factor), factors.get(row.share), row.count, amount.times(row.count))
            by_factor = lines.setdefault(amount.counter, {})
            by_factor[row.factor] = _together(by_factor[row.factor], line) if row.factor in by_factor else line
    total = Cell("9999-99", "")
    for cell in months.values():
        total = total.and_then(cell)
    enough = total.exchanges >= K
    published = tuple(counter for counter in sorted(total.amounts) if enough and total.known[counter] >= K)
    return Practice(
        kind,
        total,
        periods([months[month] for month in sorted(months)], published) if enough else [],
        {counter: told_apart(lines[counter].values()) for counter in published},
        published,
    )


def periods(months: Iterable[Cell], counters: Iterable[str]) -> list[Cell]:
    """Months put together, oldest first, until each period hides everybody; the last ones join those before them."""
    counters = tuple(counters)
    found: list[Cell] = []
    open_: Cell | None = None
    for month in months:
        open_ = open_.and_then(month) if open_ else month
        if open_.hides_everybody(counters):
            found.append(open_)
            open_ = None
    while open_ and found:
        open_ = found.pop().and_then(open_)
        if open_.hides_everybody(counters):
            found.append(open_)
            open_ = None
    return found


def told_apart(lines: Iterable[Line]) -> list[Line]:
    """A line a factor, the heaviest first; those of too few exchanges are one line, with as many others as it takes."""
    sure = sorted(lines, key=lambda line: (line.exchanges, line.amount.value), reverse=True)
    few: list[Line] = []
    while sure and (sure[-1].exchanges < K or 0 < sum(line.exchanges for line in few) < K):
        few.append(sure.pop())
    rest = few[:1]
    for line in few[1:]:
        rest = [_together(rest[0], line)]
    return sorted(sure, key=lambda line: line.amount.value, reverse=True) + rest


def _together(one: Line, other: Line) -> Line:
    same = one.factor if one.factor == other.factor else None
    return Line(same, one.share, one.exchanges + other.exchanges, one.amount + other.amount)
