"""On which days the town hall is open: what is promised counts those, where the town has said which they are."""

from datetime import date, timedelta

from town.kernel.tenancy import current_town


def opening_weekdays() -> frozenset[int]:
    """Monday is 1, Sunday 7. Empty until the town has set its `opening_days`."""
    said = current_town().settings.get("opening_days")
    return frozenset(day for day in said if day in range(1, 8)) if isinstance(said, list) else frozenset()


def next_opening_day(after: date) -> date | None:
    """The next day on which the town hall is open, public holidays left out; None where nothing was said."""
    weekdays = opening_weekdays()
    for days in range(1, 15):
        day = after + timedelta(days)
        if day.isoweekday() in weekdays and day not in public_holidays(day.year):
            return day
    return None


def public_holidays(year: int) -> frozenset[date]:
    """The eleven of France (Code du travail, art. L. 3133-1)."""
    easter = _easter(year)
    moving = {easter + timedelta(days) for days in (1, 39, 50)}
    fixed = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    return frozenset(moving | {date(year, month, day) for month, day in fixed})


def _easter(year: int) -> date:
    """Easter Sunday, by the rule of Meeus, Jones and Butcher."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    ell = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * ell) // 433
    month = (h + ell - 7 * m + 90) // 25
    day = (h + ell - 7 * m + 33 * month + 19) % 32
    return date(year, month, day)
