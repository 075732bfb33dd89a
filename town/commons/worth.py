"""Worth: what a confirmed exchange is worth, counted once, in ids and amounts.

A `Kind` that confirms an exchange says how to value it: `Kind(..., worth=Worth(...))`. `record()` then keeps a figure a
unit, with neither name nor title, dated to the month. A figure stays when the exchange's people or words are forgotten.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from town.commons.people.models import Person
from town.kernel.db import Base, Moment, db, now
from town.kernel.inventory import not_mine
from town.kernel.language import local
from town.kernel.retention import Span, forgets
from town.kernel.signals import person_erased

EXCHANGE, LINK, EUR, CARBON = "exchange", "link", "EUR", "kgCO2e"
UNITS = (EXCHANGE, LINK, EUR, CARBON)


class Figure(Base):
    """One amount of one confirmed exchange. Every exchange has one of unit « exchange ».

    amount: links are counted; EUR are cents of a declared price; kgCO2e are thousandths of the factor's unit (things,
    passenger.km). None: nobody knows. factor, share: ids of `commons.impact.factors`, empty where none applies.
    """

    __tablename__ = "impact_figure"
    __table_args__ = (
        UniqueConstraint("thing", "thing_id", "unit"),  # an exchange counts once
        CheckConstraint(f"unit IN {UNITS}", name="known_unit"),
        CheckConstraint("amount >= 0", name="nothing_negative"),
        Index("ix_impact_figure_cell", "kind", "month", "unit", "factor", "share", "amount"),
    )

    kind: Mapped[str] = mapped_column(String(60))
    thing: Mapped[str] = mapped_column(String(40))
    thing_id: Mapped[int]
    month: Mapped[str] = mapped_column(String(7))  # on the town's calendar: 2026-06
    unit: Mapped[str] = mapped_column(String(10))
    factor: Mapped[str] = mapped_column(String(60), default="")
    share: Mapped[str] = mapped_column(String(60), default="")
    amount: Mapped[int | None]


class Pair(Base):
    """Two neighbours who have been counted as a link. Forgotten after a year, and with either of them."""

    __tablename__ = "impact_pair"
    __table_args__ = (UniqueConstraint("one_id", "other_id"), CheckConstraint("one_id < other_id", name="in_order"))

    one_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    other_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    counted_at: Mapped[Moment]


@dataclass(frozen=True, slots=True)
class Counted:
    """An amount as a kind declares it; made by `link`, `avoided` and `kept`."""

    unit: str
    amount: int | None = None
    factor: str = ""
    share: str = ""
    between: tuple[Person, Person] | None = None


def link(one: Person | None, other: Person | None) -> Counted:
    """A link between two neighbours: 1 the first time in a year that they are met together, 0 after."""
    known = one is not None and other is not None and one.id != other.id
    return Counted(LINK, between=(one, other) if known and one and other else None)


def avoided(factor: str | None, share: str = "", thousandths: int = 1000) -> Counted:
    """So many thousandths of a thing (or passenger.km) that was not needed, or nothing known without a factor."""
    return Counted(CARBON, thousandths, factor, share) if factor else Counted(CARBON)


def kept(cents: int | None, share: str = "") -> Counted:
    """Money that stayed with somebody: a price, or nothing known."""
    return Counted(EUR, cents, share=share) if cents is not None else Counted(EUR)


@dataclass(frozen=True, slots=True)
class Worth:
    """How to value what a kind confirms. formula: how each unit is computed, in words that the public page shows."""

    counts: Callable[[Any], Iterable[Counted]]
    formula: Mapping[str, str | LazyString]

    def keep(self, happened: Any) -> None:
        """Keep the figures of this activity, once: what is confirmed again is not worth more."""
        whose = {"thing": happened.thing, "thing_id": happened.thing_id}
        if db.session.scalar(select(Figure.id).filter_by(**whose).limit(1)) is not None:
            return
        whose |= {"kind": happened.kind, "month": month_of(happened.at or now())}
        db.session.add(Figure(unit=EXCHANGE, amount=1, **whose))
        for counted in self.counts(happened):
            amount = _first_met(*counted.between) if counted.between else counted.amount
            db.session.add(
                Figure(unit=counted.unit, factor=counted.factor, share=counted.share, amount=amount, **whose)
            )
        db.session.flush()


def _first_met(one: Person, other: Person) -> int:
    """1 if these two have not been counted as a link within a year. Two exchanges at once count one."""
    first, second = sorted((one.id, other.id))
    dialect = postgresql if db.session.get_bind().dialect.name == "postgresql" else sqlite
    once = dialect.insert(Pair).values(one_id=first, other_id=second, counted_at=now())
    new = db.session.execute(once.on_conflict_do_nothing(index_elements=["one_id", "other_id"]).returning(Pair.id))
    return int(new.first() is not None)


def month_of(moment: datetime) -> str:
    """The month of the town's calendar in which this is counted: 2026-06."""
    return f"{local(moment):%Y-%m}"


def put_back(subject: Any, at: datetime) -> None:
    """It was confirmed then, and is only written down now (the demo town, an import): it counts in that month."""
    mine = update(Figure).where(Figure.thing == subject.__tablename__, Figure.thing_id == subject.id)
    db.session.execute(mine.values(month=month_of(at)))


@forgets(
    "worth.pairs",
    what=_l("Which two neighbours have met through an exchange"),
    why=_l("So that two who meet often count as one link"),
    then=_l("The links stay as numbers"),
    lasts=Span(months=12),
    rows=lambda: select(Pair.id),
    over=lambda limit: Pair.counted_at < limit,
)
def forget_pairs(limit: datetime) -> None:
    """From then on nobody can tell from here who met whom."""
    db.session.execute(delete(Pair).where(Pair.counted_at < limit))


@person_erased.connect
def forget_person(person: Person, **_: Any) -> None:
    db.session.execute(delete(Pair).where(or_(Pair.one_id == person.id, Pair.other_id == person.id)))


for _whose in (Pair.one_id, Pair.other_id):
    not_mine(_whose, "that two neighbours were counted once; the exchange itself is in the copy of both")
