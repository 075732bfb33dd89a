"""Periods: from the days, half-days or hours that people choose on the town's clock to half-open UTC."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from town.kernel.db import now
from town.kernel.language import clock, day, language, local, today
from town.kernel.tenancy import current_town

UNITS = {"days": _l("whole days"), "halves": _l("half-days"), "hours": _l("hours")}
HALVES = {"morning": _l("morning"), "afternoon": _l("afternoon")}
TURN = time(13)
"""When the morning ends and the afternoon begins."""

LONGEST = 60
"""Days that one booking lasts at most, unless the town or the thing says otherwise."""

AHEAD = 365
JUST_NOW = timedelta(minutes=10)


class NotAPeriod(ValueError):
    """What was chosen is no bookable time. `field` says which answer to put right, `sentence` why."""

    def __init__(self, field: str, sentence: str | LazyString) -> None:
        super().__init__(str(sentence))
        self.field = field
        self.sentence = str(sentence)


@dataclass(frozen=True, slots=True)
class Period:
    """From `starts`, included, to `ends`, excluded."""

    starts: datetime
    ends: datetime


def longest() -> int:
    """Days that a booking lasts at most in this town."""
    return int(current_town().settings.get("longest_booking", LONGEST))


def day_starts(when: date) -> datetime:
    """The first moment of a day of the town. Where clocks skip midnight it is the moment they skip it."""
    return datetime.combine(when, time(), ZoneInfo(current_town().timezone)).astimezone(UTC)


def moment_of(when: date, at: time, field: str) -> datetime:
    """That time of that day, in UTC. Raises `NotAPeriod` for a time that clocks skip in spring.

    Of an hour that comes twice in autumn, the first one is meant.
    """
    zone = ZoneInfo(current_town().timezone)
    there = datetime.combine(when, at, zone)
    moment = there.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != there.replace(tzinfo=None):
        raise NotAPeriod(
            field,
            _(
                "At night on %(day)s, clocks go forward: %(hour)s does not exist. Choose another time.",
                day=day(when, "short"),
                hour=f"{at:%H:%M}",
            ),
        )
    return moment


def period_of(
    unit: str,
    first: date,
    last: date,
    *,
    start_at: time | str | None = None,
    end_at: time | str | None = None,
    at_most: int | None = None,
) -> Period:
    """The period that somebody chose. Raises `NotAPeriod` with the field: "starts", "ends", "start_at" or "end_at".

    unit: "days"; "halves", where `start_at` and `end_at` say "morning" or "afternoon" and both ends are included; or
    "hours", where they are times of day. at_most: days that this thing is booked for at most.
    """
    _check_days(first, last)
    if unit == "hours":
        if not isinstance(start_at, time) or not isinstance(end_at, time):
            missing = "end_at" if isinstance(start_at, time) else "start_at"
            raise NotAPeriod(missing, _l("Choose a time of day."))
        period = Period(moment_of(first, start_at, "start_at"), moment_of(last, end_at, "end_at"))
        earliest, started, ended = now() - JUST_NOW, "start_at", "end_at"
    elif unit == "halves":
        starts = day_starts(first) if start_at != "afternoon" else moment_of(first, TURN, "start_at")
        ends = day_starts(last + timedelta(1)) if end_at != "morning" else moment_of(last, TURN, "end_at")
        period = Period(starts, ends)
        earliest, started, ended = _this_half(), "start_at", "end_at"
    else:
        period = Period(day_starts(first), day_starts(last + timedelta(1)))
        earliest, started, ended = day_starts(today()), "starts", "ends"
    if period.ends <= period.starts:
        raise NotAPeriod(ended, _l("The end must come after the start."))
    if period.starts < earliest:
        raise NotAPeriod(started, _l("This moment has passed."))
    most = min(longest(), at_most or LONGEST)
    if _by_the_clock(period) > timedelta(days=most):
        raise NotAPeriod("ends", _("%(days)s days at most.", days=most) if most > 1 else _("One day at most."))
    return period


def _check_days(first: date, last: date) -> None:
    if first < today():
        raise NotAPeriod("starts", _l("This day has passed."))
    if last < first:
        raise NotAPeriod("ends", _l("The end must come after the start."))
    for field, chosen in (("starts", first), ("ends", last)):
        if chosen > today() + timedelta(days=AHEAD):
            raise NotAPeriod(field, _l("That is more than one year away. Choose a nearer day."))


def _this_half() -> datetime:
    return day_starts(today()) if local(now()).time() < TURN else moment_of(today(), TURN, "start_at")


def _by_the_clock(period: Period) -> timedelta:
    """How long it lasts as people count: a day of 23 or 25 hours is a day."""
    return local(period.ends).replace(tzinfo=None) - local(period.starts).replace(tzinfo=None)


def words(starts: datetime, ends: datetime) -> str:
    """« du 20 au 21 juin », « le 20 juin de 10 h à 12 h »; in English, "20 to 21 June"."""
    first, end = local(starts), local(ends)
    if first.time() == end.time() == time():
        last = end.date() - timedelta(1)
        to = day(last, "short")
        if first.date() == last:
            return _("on %(day)s", day=to)
        same_month = (first.year, first.month) == (last.year, last.month)
        return _(
            "from %(first)s to %(last)s", first=number(first) if same_month else day(first.date(), "short"), last=to
        )
    if first.date() == end.date():
        on = day(first.date(), "short")
        return _("on %(day)s from %(start)s to %(end)s", day=on, start=clock(starts), end=clock(ends))
    return _(
        "from %(first)s, %(start)s, to %(last)s, %(end)s",
        first=day(first.date(), "short"),
        start=clock(starts),
        last=day(end.date(), "short"),
        end=clock(ends),
    )


def number(when: date) -> str:
    """The day of the month alone: « 1er » in French."""
    return "1er" if when.day == 1 and language() == "fr" else str(when.day)
