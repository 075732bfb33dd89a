"""Retention: what is kept of people, why, how long, and what becomes of it then.

One table, from which each town forgets at night, the public page reads and `town retention` reports. A line stands
beside the model it is about:

    @forgets("lending.words", what=_l("…"), why=_l("…"), then=_l("…"), lasts=Span(months=12), since=_l("after its end"),
          rows=lambda: select(Loan.id).where(Loan.borrower_id.is_not(None)), over=lambda limit: Loan.ended_at < limit)
    def forget_words(limit: datetime) -> None:
        '''What ended before `limit` loses its names.'''

A clock that jumped forgets nothing, and nothing is forgotten in bulk unless the operator says so.
"""

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from flask import current_app
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString
from sqlalchemy import JSON, ColumnElement, Select, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from town.kernel.db import Base, Moment, db, now
from town.kernel.jobs import Job, nightly

JUMP: Final = timedelta(days=10)
"""Nights further apart mean that the server slept, or that its clock is wrong: which, nobody here can tell."""
STEADY: Final = 3
"""So many nights in a row after a jump, and the clock is believed again."""
FEW: Final = 50
SHARE: Final = 0.2
"""More rows than `FEW` and than this share of all: one night does not forget that many of its own accord."""


@dataclass(frozen=True, slots=True)
class Span:
    """How long. One of the three is said; months and years are those of the calendar."""

    days: int = 0
    months: int = 0
    years: int = 0

    def before(self, moment: datetime) -> datetime:
        """The moment so long before that one."""
        months = moment.year * 12 + moment.month - 1 - self.years * 12 - self.months
        year, month = divmod(months, 12)
        day = min(moment.day, calendar.monthrange(year, month + 1)[1])
        return moment.replace(year=year, month=month + 1, day=day) - timedelta(days=self.days)

    def __str__(self) -> str:
        """« 12 mois », in the reader's language."""
        if self.years:
            return ngettext("%(num)s year", "%(num)s years", self.years)
        if self.months:
            return ngettext("%(num)s month", "%(num)s months", self.months)
        return ngettext("%(num)s day", "%(num)s days", self.days)


@dataclass(frozen=True, slots=True)
class Kept:
    """One line. `rows` are those that still tell of somebody, `over` which of them have been kept long enough.

    guarded: a jumped clock or too many rows hold it back. Not so for what has an end of its own, such as sessions.
    """

    name: str
    what: LazyString
    why: LazyString
    then: LazyString
    lasts: Span | None = None
    since: LazyString | None = None
    rows: Callable[[], Select[Any]] | None = None
    over: Callable[[datetime], ColumnElement[bool]] | None = None
    forget: Callable[[datetime], None] | None = None
    guarded: bool = True

    @property
    def how_long(self) -> str:
        return " ".join(str(part) for part in (self.lasts, self.since) if part is not None)

    def limit(self) -> datetime:
        """Whatever is older has been kept long enough."""
        return self.lasts.before(now()) if self.lasts is not None else now()

    def due(self) -> int:
        """How many rows wait to be forgotten."""
        if self.rows is None or self.over is None:
            return 0
        return _count(self.rows().where(self.over(self.limit())))

    def total(self) -> int:
        """How many rows there are that will have to be forgotten some day."""
        return _count(self.rows()) if self.rows is not None else 0

    def too_many(self, due: int) -> bool:
        return self.guarded and due > FEW and due > self.total() * SHARE

    def __call__(self) -> None:
        """Forget what has been kept long enough, without asking the guards."""
        if self.forget is not None:
            self.forget(self.limit())


_table: dict[str, Kept] = {}


def forgets(
    name: str,
    *,
    what: LazyString,
    why: LazyString,
    then: LazyString,
    rows: Callable[[], Select[Any]],
    over: Callable[[datetime], ColumnElement[bool]],
    lasts: Span | None = None,
    since: LazyString | None = None,
    guarded: bool = True,
) -> Callable[[Callable[[datetime], None]], Kept]:
    """Declare a line and, below it, how it is forgotten. `name` begins with the feature's or the commons'."""

    def declare(forget: Callable[[datetime], None]) -> Kept:
        return _enter(Kept(name, what, why, then, lasts, since, rows, over, forget, guarded))

    return declare


def keeps(
    name: str,
    *,
    what: LazyString,
    why: LazyString,
    then: LazyString,
    lasts: Span | None = None,
    how_long: LazyString | None = None,
) -> None:
    """Declare a line of which this table counts no rows: it says in words what ends it, or how long it lasts."""
    _enter(Kept(name, what, why, then, lasts, how_long))


def _enter(line: Kept) -> Kept:
    if line.name in _table:
        raise ValueError(f"{line.name} is declared twice")
    _table[line.name] = line
    return line


def table() -> list[Kept]:
    """Every line."""
    return list(_table.values())


class Night(Base):
    """What one night forgot, in figures, and what it held back. The town's proof that it keeps its word.

    steady: how many nights in a row the clock has gone on as clocks do.
    """

    __tablename__ = "retention_night"

    at: Mapped[Moment] = mapped_column(default=now, index=True)
    steady: Mapped[int]
    forgotten: Mapped[dict[str, int]] = mapped_column(JSON)
    held_back: Mapped[dict[str, int]] = mapped_column(JSON)

    @property
    def trusted(self) -> bool:
        return self.steady >= STEADY


def last_night() -> Night | None:
    """The last night that this town remembers."""
    return db.session.scalar(select(Night).order_by(Night.id.desc()).limit(1))


def forget_what_is_over(*, force: bool = False) -> Night:
    """Go through the table once. Each line is a transaction of its own: one that fails does not keep the others.

    force: the operator has looked at the clock and at the figures.
    """
    night = Night(steady=STEADY if force else _steady(), forgotten={}, held_back={})
    for line in table():
        try:
            due = line.due()
            if due and not force and line.guarded and (not night.trusted or line.too_many(due)):
                night.held_back[line.name] = due
                db.session.rollback()
            elif due:
                line()
                db.session.commit()
                night.forgotten[line.name] = due
        except Exception:  # whatever a line does, the next one is promised to somebody else
            db.session.rollback()
            night.held_back[line.name] = -1
            current_app.logger.exception("%s could not be forgotten", line.name)
    if night.held_back:
        current_app.logger.warning("held back tonight: %s", ", ".join(sorted(night.held_back)))
    db.session.add(night)
    db.session.commit()
    return night


def _steady() -> int:
    """How far the clock may be believed tonight. A town's first night has nothing to compare it with."""
    last = last_night()
    if last is None:
        return STEADY
    passed = now() - last.at
    if not -timedelta(hours=1) < passed < JUMP:
        return 0
    a_new_night = passed > timedelta(hours=12)  # a server started again and again is no proof
    return min(STEADY, last.steady + a_new_night)


def problems() -> list[str]:
    """What `town check` says of the last night."""
    last = last_night()
    if last is None or not last.held_back:
        return []
    if not last.trusted:
        return ["the clock jumped: nothing is forgotten until it was steady for some nights (town retention --help)"]
    why = {name: "failed, see the log" if due < 0 else f"{due} rows wait" for name, due in last.held_back.items()}
    return [f"forgetting {name}: {reason} (town retention --help)" for name, reason in sorted(why.items())]


def _count(found: Select[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0


@nightly
def tonight() -> None:
    """Every town, every night."""
    forget_what_is_over()


@forgets(
    "kernel.nights",
    what=_l("How much was erased each night, in figures"),
    why=_l("To prove that these durations are kept"),
    then=_l("The figures are erased"),
    lasts=Span(months=36),
    rows=lambda: select(Night.id),
    over=lambda limit: Night.at < limit,
)
def forget_nights(limit: datetime) -> None:
    db.session.execute(delete(Night).where(Night.at < limit))


@forgets(
    "kernel.jobs",
    what=_l("Messages that could not be delivered"),
    why=_l("To find out why"),
    then=_l("They are erased"),
    lasts=Span(days=30),
    rows=lambda: select(Job.id).where(Job.failed_at.is_not(None)),
    over=lambda limit: Job.failed_at < limit,
    guarded=False,
)
def forget_dead_letters(limit: datetime) -> None:
    db.session.execute(delete(Job).where(Job.failed_at < limit))
