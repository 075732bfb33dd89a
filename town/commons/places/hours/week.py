"""A week: the hours of most places, one or two spans a day. It becomes OpenStreetMap's words, and comes back from them.

What it cannot say (months, weeks of the year, sunset) stays in the expression, which people may write themselves.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from town.commons.places.hours.spans import DAY, Span, in_order, spans_of

DAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
HOLIDAYS: Final = "PH"
OFF: Final = ("off", "closed")

_DAY: Final = "(?:Mo|Tu|We|Th|Fr|Sa|Su)"
_RULE: Final = re.compile(rf"(?:({_DAY}(?:-{_DAY})?(?:, ?{_DAY}(?:-{_DAY})?)*|PH) )?(off|closed|[0-9:, -]+)")
# A comma after a time or « off » begins another rule where a day follows; else it stands between days or spans.
_BETWEEN: Final = re.compile(rf"(;|(?<=[0-9fd]),(?= ?(?:{_DAY}|PH)\b))")


@dataclass(frozen=True, slots=True)
class Week:
    """The spans of Monday to Sunday. holidays: whether the place is open on public holidays as on other days."""

    days: tuple[tuple[Span, ...], ...]
    holidays: bool = False

    def __post_init__(self) -> None:
        if len(self.days) != len(DAYS) or not all(map(in_order, self.days)):
            raise ValueError("seven days of spans in order")

    @property
    def fits_the_form(self) -> bool:
        """Whether a morning and an afternoon say each day."""
        return all(len(spans) <= 2 for spans in self.days)

    @property
    def osm(self) -> str:
        """`Mo-Fr 09:00-12:00,14:00-18:00; Sa 09:00-12:00; PH off`; nothing for a week that is never open."""
        if not any(self.days):
            return ""
        if all(spans == (Span(0, DAY),) for spans in self.days):
            rules = ["24/7"]
        else:
            by_spans: dict[tuple[Span, ...], list[int]] = {}
            for number, spans in enumerate(self.days):
                if spans:
                    by_spans.setdefault(spans, []).append(number)
            rules = [
                f"{_ranges(numbers)} {','.join(span.osm for span in spans)}" for spans, numbers in by_spans.items()
            ]
        return "; ".join(rules if self.holidays else [*rules, f"{HOLIDAYS} off"])

    @classmethod
    def of(cls, expression: str) -> "Week | None":
        """The week that an expression says, or None where it says more than a week can."""
        days: list[tuple[Span, ...]] = [()] * len(DAYS)
        holidays, seen = True, set[int]()
        for separator, rule in rules_of(expression):
            if not holidays:
                return None  # what follows « PH off » holds on public holidays too
            said = _read(rule)
            if said is None:
                return None
            named, spans = said
            if not named:
                if spans:
                    return None
                holidays = False
            if separator == "," and seen & set(named):
                return None
            seen |= set(named)
            for number in named:
                days[number] = spans
        return cls(tuple(days), holidays)


def rules_of(expression: str) -> list[tuple[str, str]]:
    """The rules of an expression, each with the sign before it: what follows `;` replaces, what follows `,` adds."""
    parts = ["", *_BETWEEN.split(expression)]
    return [(parts[at].strip(), parts[at + 1].strip()) for at in range(0, len(parts), 2)]


def _read(rule: str) -> tuple[list[int], tuple[Span, ...]] | None:
    """The numbers of the days of a rule and their spans. No day stands for public holidays."""
    if rule == "24/7":
        return list(range(len(DAYS))), (Span(0, DAY),)
    said = _RULE.fullmatch(rule)
    if said is None:
        return None
    spans = () if said[2] in OFF else spans_of(said[2])
    if spans is None:
        return None
    if said[1] == HOLIDAYS:
        return [], spans
    return (_numbers(said[1]) if said[1] else list(range(len(DAYS)))), spans


def _numbers(said: str) -> list[int]:
    """`Mo,We-Fr` is 0, 2, 3, 4. A range may go round the week: `Sa-Mo`."""
    found: list[int] = []
    for part in said.replace(" ", "").split(","):
        first, _dash, last = part.partition("-")
        at, end = DAYS.index(first), DAYS.index(last or first)
        found += range(at, end + 1) if at <= end else [*range(at, len(DAYS)), *range(end + 1)]
    return found


def _ranges(numbers: Sequence[int]) -> str:
    """0, 1, 2, 5 is `Mo-We,Sa`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ",".join(DAYS[run[0]] if len(run) == 1 else f"{DAYS[run[0]]}-{DAYS[run[-1]]}" for run in runs)
