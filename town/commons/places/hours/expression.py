"""An `opening_hours` expression as it works out in the town: its clock, its public holidays, the days that differ.

The library reads the expression and counts its days. Public holidays and closures are ours: with it, a day that is
off cuts the night before at midnight, and its own evening comes back after midnight (opening-hours-py 2.1).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, State

from town.commons.opening_days import public_holidays
from town.commons.places.hours.spans import DAY, Span, spans_of
from town.kernel.language import today

LONGEST: Final = 300
SAID_AHEAD: Final = timedelta(days=60)
LOOKED_AHEAD: Final = (15, 100, 400)
"""Days within which the next change is looked for: most places open within a fortnight, a campsite within a year."""

_HOLIDAY_RULE: Final = re.compile(r"(?:^|;)\s*PH\s+(off|closed|[0-9:,\s-]+)$")
_WORDS: Final = re.compile(r'"([^"]*)"')
_NIGHT_ENDS: Final = time(12)

Interval = tuple[datetime, datetime]


class Unclear(ValueError):
    """Not an expression that can be worked out. `at`: after how many characters the reading stopped, if known."""

    def __init__(self, at: int | None = None) -> None:
        super().__init__(at)
        self.at = at


@dataclass(frozen=True, slots=True)
class Closure:
    """From one day to another, both included, a place keeps these spans instead of its own: none, it is closed."""

    first: date
    last: date
    spans: tuple[Span, ...] = ()
    words: str = ""

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def ahead(self) -> bool:
        """Whether it is not over yet, and near enough to be said."""
        return self.last >= today() and self.first - today() <= SAID_AHEAD

    def to_json(self) -> dict[str, str]:
        spans = ",".join(span.osm for span in self.spans)
        return {"first": self.first.isoformat(), "last": self.last.isoformat(), "spans": spans, "words": self.words}

    @classmethod
    def from_json(cls, kept: dict[str, str]) -> "Closure":
        spans = spans_of(kept["spans"]) if kept["spans"] else ()
        return cls(date.fromisoformat(kept["first"]), date.fromisoformat(kept["last"]), spans or (), kept["words"])


@dataclass(frozen=True, slots=True)
class Hours:
    """When a place is open. Raises `Unclear` for what cannot be read; `Hours("", ...)` is a place that never said."""

    expression: str
    timezone: str
    closures: tuple[Closure, ...] = ()

    def __post_init__(self) -> None:
        if self.expression:
            read(self.expression, self.timezone)

    @property
    def known(self) -> bool:
        return bool(self.expression)

    @property
    def remark(self) -> str:
        """What stands between quotation marks in the expression: « sur rendez-vous »."""
        return ", ".join(words for words in _WORDS.findall(self.expression) if words)

    def intervals(self, start: datetime, end: datetime) -> list[Interval]:
        """When it is open between two moments, in order, none touching the next, in UTC."""
        zone = ZoneInfo(self.timezone)
        first, last = start.astimezone(zone).date() - timedelta(days=1), end.astimezone(zone).date()
        found = [piece for day, piece in self._usual(first, last) if self._replaced(day) is None]
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            for span in self._replaced(day) or ():
                found.append((_moment(day, span.start, zone), _moment(day, span.end, zone)))
        clipped = ((max(opens, start), min(closes, end)) for opens, closes in found)
        return _joined((opens.astimezone(UTC), closes.astimezone(UTC)) for opens, closes in clipped if opens < closes)

    def is_open(self, at: datetime) -> bool:
        return bool(self.intervals(at, at + timedelta(minutes=1)))

    def next_change(self, at: datetime) -> datetime | None:
        """When it next opens or closes after `at`; None when that is not within sight."""
        for days in LOOKED_AHEAD:
            end = at + timedelta(days=days)
            for opens, closes in self.intervals(at, end):
                if opens > at:
                    return opens
                if closes < end:
                    return closes
        return None

    def on(self, day: date) -> tuple[Span, ...]:
        """The spans that begin on a day, holidays and closures counted."""
        replaced = self._replaced(day)
        if replaced is not None:
            return replaced
        zone = ZoneInfo(self.timezone)
        midnight = datetime.combine(day, time(), zone)
        found = [
            Span(_minutes(opens, midnight), _minutes(closes, midnight))
            for began, (opens, closes) in self._usual(day - timedelta(days=1), day + timedelta(days=1))
            if began == day
        ]
        return tuple(found)

    def closure(self, day: date) -> Closure | None:
        """The closure that holds on a day; of several, the one said last."""
        return next((closure for closure in reversed(self.closures) if closure.holds(day)), None)

    def _replaced(self, day: date) -> tuple[Span, ...] | None:
        """The spans of a day that differs from the week, or None for any other day."""
        closure = self.closure(day)
        if closure is not None:
            return closure.spans
        rule = _HOLIDAY_RULE.search(self.expression)
        if rule is None or day not in public_holidays(day.year):
            return None
        return spans_of(rule[1]) or () if rule[1][0].isdigit() else ()

    def _usual(self, first: date, last: date) -> Iterable[tuple[date, Interval]]:
        """The week's own spans that begin from `first` to `last`, each with the day on which it begins."""
        if not self.expression:
            return
        zone = ZoneInfo(self.timezone)
        start, end = datetime.combine(first, time(), zone), datetime.combine(last + timedelta(days=2), time(), zone)
        for opens, closes, state, _words in read(self.expression, self.timezone).intervals(start, end):
            if state == State.OPEN and opens.astimezone(UTC) < closes.astimezone(UTC):
                yield from ((day, piece) for day, piece in _by_day(opens, closes, zone) if first <= day <= last)


def normal(expression: str) -> str:
    """The expression with single spaces, as it is kept. Raises `Unclear`."""
    expression = " ".join(expression.split())
    if expression:
        read(expression, "UTC")
    return expression


@lru_cache(maxsize=2048)
def read(expression: str, timezone: str) -> Any:
    """The library's reading, without the rule for public holidays that is ours. Kept: a directory reads them often."""
    if len(expression) > LONGEST:
        raise Unclear
    if re.search(r"\bSH\b", _WORDS.sub("", expression)):
        raise Unclear  # nobody tells us when school is out
    usual = _HOLIDAY_RULE.sub("", expression).strip() or "off"
    try:
        found = OpeningHours(usual, timezone=ZoneInfo(timezone), country="FR", max_interval_days=400)
    except Exception as error:  # ParserError, and whatever else a string may do to a parser
        said = re.search(r"--> 1:(\d+)", str(error))
        raise Unclear(int(said[1]) - 1 if said else None) from None
    return found


def _by_day(opens: datetime, closes: datetime, zone: ZoneInfo) -> list[tuple[date, Interval]]:
    """An interval cut where days begin. What ends in the morning belongs to the night before: a bar's Friday."""
    pieces: list[tuple[date, Interval]] = []
    while opens.astimezone(UTC) < closes.astimezone(UTC):  # in one zone, Python compares what the clock shows
        midnight = datetime.combine(opens.date() + timedelta(days=1), time(), zone)
        until = min(midnight, closes, key=lambda moment: moment.astimezone(UTC))
        if pieces and opens.time() == time() and until.date() == opens.date() and until.time() <= _NIGHT_ENDS:
            day, (began, _midnight) = pieces.pop()
            pieces.append((day, (began, until)))
        else:
            pieces.append((opens.date(), (opens, until)))
        opens = until
    return pieces


def _moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """What a clock on the wall shows so many minutes after midnight; in UTC."""
    days, minutes = divmod(minutes, DAY)
    there = datetime.combine(day + timedelta(days=days), time(minutes // 60, minutes % 60), zone)
    return there.astimezone(UTC)


def _minutes(moment: datetime, midnight: datetime) -> int:
    """Minutes on the wall's clock since the midnight that began the day."""
    return (moment.date() - midnight.date()).days * DAY + moment.hour * 60 + moment.minute


def _joined(found: Iterable[Interval]) -> list[Interval]:
    joined: list[Interval] = []
    for opens, closes in sorted(found):
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(closes, joined[-1][1]))
        else:
            joined.append((opens, closes))
    return joined


def closures_of(kept: Sequence[dict[str, str]]) -> tuple[Closure, ...]:
    """As a thing's JSON column keeps them."""
    return tuple(Closure.from_json(one) for one in kept)
