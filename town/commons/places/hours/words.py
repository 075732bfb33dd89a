"""Opening hours in words: « Ouvert, ferme à 19 h 30 », « Fermé, ouvre mardi à 7 h », and a week as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from babel.dates import format_date
from flask_babel import gettext as _

from town.commons.opening_days import public_holidays
from town.commons.places.hours.expression import Closure, Hours, Unclear
from town.commons.places.hours.openings import ENDLESS
from town.commons.places.hours.spans import DAY, Span
from town.kernel.db import now
from town.kernel.language import clock, day, language, local, today
from town.kernel.tenancy import current_town


@dataclass(frozen=True, slots=True)
class State:
    """Open or not right now, and the words for it."""

    open: bool
    words: str


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day of the week as a page shows it. note: why it differs from other weeks, if it does."""

    name: str
    day: date
    words: str
    note: str
    today: bool


def state_words(closes: datetime | None, opens: datetime | None) -> State:
    """closes: when what is open now closes. opens: when what is closed now next opens, if that is known."""
    if closes is not None:
        if closes - now() > ENDLESS:
            return State(True, _("Open"))
        if local(closes).date() - today() > timedelta(days=1):
            return State(True, _("Open until %(day)s", day=_day_name(local(closes).date())))
        return State(True, _("Open, closes at %(hour)s", hour=_hour(closes)))
    if opens is None:
        return State(False, _("Closed"))
    then = local(opens).date()
    if then == today():
        return State(False, _("Closed, opens at %(hour)s", hour=_hour(opens)))
    if then == today() + timedelta(days=1):
        return State(False, _("Closed, opens tomorrow at %(hour)s", hour=_hour(opens)))
    return State(False, _("Closed, opens %(day)s at %(hour)s", day=_day_name(then), hour=_hour(opens)))


def state_of(hours: Hours) -> State | None:
    """The same from the hours themselves; None for a place that never said when it opens."""
    if not hours.known:
        return None
    is_open, change = hours.is_open(now()), hours.next_change(now())
    if is_open:
        return state_words(change or now() + 2 * ENDLESS, None)
    return state_words(None, change)


def town_hall_now() -> State | None:
    """Whether the town hall is open, where the town has set `practical.opening_hours`, as OpenStreetMap writes it."""
    said = current_town().settings.get("practical")
    expression = said.get("opening_hours") if isinstance(said, dict) else None
    if not isinstance(expression, str):
        return None
    return _now_of(expression, current_town().timezone, language(), now().replace(second=0, microsecond=0))


@lru_cache(maxsize=256)
def _now_of(expression: str, timezone: str, _language: str, _minute: datetime) -> State | None:
    """The state in that minute, which home says to everybody: hours change when a minute does."""
    try:
        return state_of(Hours(expression, timezone))
    except Unclear:
        return None


def days_of_week(hours: Hours) -> list[DayRow]:
    """This week from Monday to Sunday, with what is different about it."""
    monday = today() - timedelta(days=today().weekday())
    return [_row(hours, monday + timedelta(days=number)) for number in range(7)]


def _row(hours: Hours, when: date) -> DayRow:
    closure = hours.closure(when)
    note = closure.words if closure is not None else _("public holiday") if when in public_holidays(when.year) else ""
    if closure is not None and not note:
        note = _("this week only")
    words = spans_words(hours.on(when)) or _("Closed")
    return DayRow(_weekday(when).capitalize(), when, words, note, when == today())


def spans_words(spans: Sequence[Span]) -> str:
    """« 6 h 30 – 12 h 30, 15 h – 19 h 30 »; nothing for no span."""
    return ", ".join(
        _("open all day") if span == Span(0, DAY) else f"{_clock(span.start)} – {_clock(span.end)}" for span in spans
    )


def closure_words(closure: Closure) -> str:
    """« Fermé du 24 décembre au 2 janvier (congés) », « Le 24 décembre : 9 h – 16 h »."""
    first, last = day(closure.first, "short"), day(closure.last, "short")
    spans = spans_words(closure.spans)
    if closure.first == closure.last:
        said = _("On %(day)s: %(spans)s", day=first, spans=spans) if spans else _("Closed on %(day)s", day=first)
    elif spans:
        said = _("From %(first)s to %(last)s: %(spans)s", first=first, last=last, spans=spans)
    else:
        said = _("Closed from %(first)s to %(last)s", first=first, last=last)
    return f"{said} ({closure.words})" if closure.words else said


def _clock(minutes: int) -> str:
    """« 19 h 30 »; in English, 19:30. Midnight is 24 h where a day ends."""
    hour, minute = divmod(minutes if minutes <= DAY else minutes - DAY, 60)
    if language() != "fr":
        return f"{hour}:{minute:02}"
    return f"{hour}\u00a0h" + (f"\u00a0{minute:02}" if minute else "")


def _hour(moment: datetime) -> str:
    there = local(moment)
    return _("midnight") if (there.hour, there.minute) == (0, 0) else clock(moment).replace(" ", "\u00a0")


def _day_name(when: date) -> str:
    """« mardi » within a week, else « le 4 janvier »."""
    if when - today() < timedelta(days=7):
        return _weekday(when)
    return _("on %(day)s", day=day(when, "short"))


def _weekday(when: date) -> str:
    return format_date(when, "EEEE", locale=language())
