"""A month of a thing, day by day: past, taken, chosen or still free, read in one query."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from babel.dates import format_date
from flask_babel import get_locale

from town.commons.bookings.models import Booking, blocking
from town.commons.bookings.periods import AHEAD, TURN, day_starts, moment_of
from town.kernel.db import db, now
from town.kernel.language import day, today

Choice = tuple[date | None, date | None]
Link = Callable[[date | None, date | None, date], str]
"""The page's address for a first day, a last day and the month shown."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day, as the calendar draws it. Its id keeps the keyboard's place when the month is shown again."""

    id: str
    number: int
    label: str
    state: str
    href: str
    today: bool


@dataclass(frozen=True, slots=True)
class Month:
    """What `calendar()` of the templates needs. `taken` are the hours that others have on the first day chosen."""

    title: str
    weeks: list[list[Day | None]]
    prev: str
    next: str
    prev_label: str
    next_label: str
    taken: list[tuple[datetime, datetime]] = field(default_factory=list)


def month_asked(asked: str | None, chosen: Choice = (None, None)) -> date:
    """The first day of the month to show: the one asked for (« 2026-06 »), else that of the choice, else this one."""
    try:
        found = date.fromisoformat(f"{asked}-01") if asked else chosen[0] or today()
    except ValueError:
        found = today()
    return min(max(found, today()), today() + timedelta(days=AHEAD)).replace(day=1)


def month_of(thing: str, thing_id: int, month: date, chosen: Choice, link: Link, unit: str = "days") -> Month:
    """A thing's month. The first day clicked starts a choice, the second one ends it, a third one starts again."""
    after = _following(month)
    first, last = chosen
    if first is not None and not today() <= first <= today() + timedelta(days=AHEAD):
        first = last = None  # a day that nobody can book, the year 1 perhaps, is no choice
    since = min(month, first) if first else month
    taken = list(db.session.scalars(blocking(thing, thing_id, day_starts(since), day_starts(after))))

    def one(when: date) -> Day:
        if when < today():
            state, href = "past", ""
        elif _is_full(when, taken, unit):
            state, href = "taken", ""
        else:
            state = "chosen" if first is not None and first <= when <= (last or first) else "free"
            reachable = when <= today() + timedelta(days=AHEAD)
            href = link(*_next_choice(when, first, last, taken, unit), month) if reachable else ""
        return Day(f"day-{when}", when.day, day(when, "short"), state, href, when == today())

    before = (month - timedelta(1)).replace(day=1)
    further = after <= today() + timedelta(days=AHEAD)
    return Month(
        title=_name(month),
        weeks=list(_weeks(month, after, one)),
        prev=link(first, last, before) if month > today() else "",
        next=link(first, last, after) if further else "",
        prev_label=_name(before),
        next_label=_name(after),
        taken=[] if first is None or unit == "days" else _hours_of(first, taken),
    )


def _following(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _name(month: date) -> str:
    name = format_date(month, "LLLL y", locale=get_locale() or "fr")
    return name[:1].upper() + name[1:]


def _weeks(month: date, after: date, one: Callable[[date], Day]) -> Iterator[list[Day | None]]:
    cells: list[Day | None] = [None] * month.weekday()
    cells += [one(month + timedelta(n)) for n in range((after - month).days)]
    cells += [None] * (-len(cells) % 7)
    for start in range(0, len(cells), 7):
        yield cells[start : start + 7]


def _is_full(when: date, taken: Sequence[Booking], unit: str) -> bool:
    """Whether nothing of that day is left to choose."""
    start, end = day_starts(when), day_starts(when + timedelta(1))
    if unit == "halves":
        turn = moment_of(when, TURN, "start_at")
        return _meets(start, turn, taken) and _meets(turn, end, taken)
    if unit == "hours":
        return _covered(max(start, min(now(), end)), end, taken)
    return _meets(start, end, taken)


def _meets(start: datetime, end: datetime, taken: Sequence[Booking]) -> bool:
    return any(booking.starts < end and booking.free_from > start for booking in taken)


def _covered(start: datetime, end: datetime, taken: Sequence[Booking]) -> bool:
    for booking in taken:  # earliest first
        if booking.starts <= start < booking.free_from:
            start = booking.free_from
    return start >= end


def _next_choice(
    when: date, first: date | None, last: date | None, taken: Sequence[Booking], unit: str
) -> tuple[date, date | None]:
    """What a click on that day chooses. Nothing taken may lie between the first day and the last."""
    if first is None or last is not None or when < first:
        return when, None
    opens = day_starts(first) if unit == "days" else day_starts(first + timedelta(1))  # a part of the first day may do
    closes = day_starts(when)
    return (when, None) if opens < closes and _meets(opens, closes, taken) else (first, when)


def _hours_of(when: date, taken: Sequence[Booking]) -> list[tuple[datetime, datetime]]:
    start, end = day_starts(when), day_starts(when + timedelta(1))
    return [(max(b.starts, start), min(b.free_from, end)) for b in taken if b.starts < end and b.free_from > start]
