"""On which days the town hall is open."""

from datetime import date

import pytest

from town.commons.opening_days import next_opening_day, public_holidays
from town.kernel.registry import Town


def test_nothing_is_promised_where_the_town_has_said_nothing(town: Town) -> None:
    town.settings.pop("opening_days", None)
    assert next_opening_day(date(2026, 6, 12)) is None


@pytest.mark.parametrize(
    ("after", "following"),
    [
        (date(2026, 6, 12), date(2026, 6, 16)),  # Friday: Tuesday comes next
        (date(2026, 6, 16), date(2026, 6, 19)),
        (date(2026, 7, 10), date(2026, 7, 17)),  # Tuesday is the fourteenth of July
    ],
)
def test_a_town_hall_open_on_tuesdays_and_fridays(town: Town, after: date, following: date) -> None:
    town.settings["opening_days"] = [2, 5]
    assert next_opening_day(after) == following


def test_nonsense_in_the_settings_promises_nothing(town: Town) -> None:
    for said in ("mardi", [0, 8, "2"], 2, None):
        town.settings["opening_days"] = said
        assert next_opening_day(date(2026, 6, 12)) is None


def test_holidays_that_move_with_easter() -> None:
    assert {date(2024, 4, 1), date(2024, 5, 9), date(2024, 5, 20)} <= public_holidays(2024)
    assert len(public_holidays(2026)) == 11
