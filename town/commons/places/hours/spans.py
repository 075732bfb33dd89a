"""Spans: from when to when a place is open on one day, in minutes after midnight."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

DAY: Final = 24 * 60
_SPAN: Final = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Open from `start` to `end`. An end after 24:00 is the morning of the next day."""

    start: int
    end: int

    @property
    def osm(self) -> str:
        """`18:00-02:00`."""
        return f"{_clock(self.start)}-{_clock(self.end if self.end <= DAY else self.end - DAY)}"

    @classmethod
    def of(cls, start: int, end: int) -> "Span":
        """From two times of a clock: what ends before it starts ends on the next day."""
        return cls(start, end if end > start else end + DAY)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def spans_of(text: str) -> tuple[Span, ...] | None:
    """The spans of `09:00-12:00,14:00-19:00`, or None for anything else: overlaps, impossible times, words."""
    found: list[Span] = []
    for part in text.split(","):
        said = _SPAN.fullmatch(part.strip())
        if said is None:
            return None
        hour, minute, to_hour, to_minute = map(int, said.groups())
        start, end = hour * 60 + minute, to_hour * 60 + to_minute
        if minute > 59 or to_minute > 59 or start >= DAY or end > 2 * DAY:
            return None
        found.append(Span.of(start, end))
    return tuple(found) if in_order(found) else None


def in_order(spans: Iterable[Span]) -> bool:
    """Whether each begins after the one before has ended, and none lasts longer than a day."""
    last = -1
    for span in spans:
        if span.start <= last or span.end - span.start > DAY:
            return False
        last = span.end
    return True
