"""When the bakery is open: the town's clock, its holidays, nights that go on, and hours as people type them."""

import string
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask
from flask_babel import Babel, force_locale
from hypothesis import example, given, settings
from hypothesis import strategies as st

from town.commons.places.hours import (
    Closure,
    Hours,
    Span,
    Unclear,
    Week,
    days_of_week,
    explain,
    normal,
    spans_of,
    spans_words,
    suggest,
)
from town.commons.places.hours.spans import DAY
from town.commons.places.hours.words import closure_words, state_of
from town.kernel.language import TRANSLATIONS, compile_catalogs
from town.kernel.registry import Town

PARIS = ZoneInfo("Europe/Paris")
WRITTEN = (Path(__file__).parents[2] / "data/places/opening_hours_osm_niort.txt").read_text().splitlines()
BAKERY = "Tu-Sa 06:30-19:30; Su 07:00-13:00"


def at(text: str) -> datetime:
    """A moment on the town hall's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def hours(expression: str, *closures: Closure) -> Hours:
    return Hours(expression, "Europe/Paris", closures)


def local(moment: datetime | None) -> str:
    return moment.astimezone(PARIS).strftime("%Y-%m-%d %H:%M") if moment else "never"


@contextmanager
def french_words() -> Iterator[None]:
    """French outside of any town: only the sentences themselves are read."""
    app = Flask("french")
    domains = compile_catalogs()
    folders = ";".join([str(TRANSLATIONS)] * len(domains))
    Babel(app, default_locale="fr", default_domain=";".join(domains), default_translation_directories=folders)
    with app.test_request_context():
        yield


# Open now (SH-01)


def test_the_bakery_opens_in_the_morning_and_closes_in_the_evening() -> None:
    bakery = hours(BAKERY)

    assert not bakery.is_open(at("2026-11-24 06:29"))
    assert bakery.is_open(at("2026-11-24 06:30"))
    assert bakery.is_open(at("2026-11-24 19:29"))
    assert not bakery.is_open(at("2026-11-24 19:30"))
    assert local(bakery.next_change(at("2026-11-24 12:00"))) == "2026-11-24 19:30"
    assert local(bakery.next_change(at("2026-11-22 13:00"))) == "2026-11-24 06:30", "closed on Mondays"


def test_a_bar_that_closes_after_midnight_is_still_in_its_friday_on_saturday_morning() -> None:
    bar = hours("Fr-Sa 18:00-02:00")

    assert bar.is_open(at("2026-11-28 01:59"))
    assert not bar.is_open(at("2026-11-28 02:00"))
    assert bar.is_open(at("2026-11-29 01:00"))
    assert not bar.is_open(at("2026-11-27 01:00"))
    assert bar.on(date(2026, 11, 27)) == (Span(18 * 60, 26 * 60),)
    assert bar.on(date(2026, 11, 29)) == ()


@pytest.mark.parametrize(
    ("evening", "closing", "open_for"),
    [
        ("2027-03-27 22:00", "2027-03-28 05:00", 6),
        ("2026-10-24 22:00", "2026-10-25 05:00", 8),
    ],
    ids=["the night that loses an hour", "the night that has one twice"],
)
def test_a_night_when_the_clocks_change_ends_when_the_clock_on_the_wall_says(
    evening: str, closing: str, open_for: int
) -> None:
    [(opens, closes)] = hours("Sa 22:00-05:00").intervals(at(evening), at(evening) + timedelta(hours=12))

    assert local(closes) == closing
    assert closes - opens == timedelta(hours=open_for)


def test_what_opens_within_the_hour_that_does_not_exist_harms_nobody() -> None:
    night = hours("Su 02:15-02:45")

    assert night.intervals(at("2027-03-28 00:00"), at("2027-03-29 00:00")) == []
    assert night.is_open(at("2026-10-25 02:30"))


def test_a_pharmacy_that_is_off_on_public_holidays_is_closed_on_all_eleven() -> None:
    pharmacy = hours("Mo-Su 09:00-19:00; PH off")

    for holiday in ("2027-01-01", "2027-03-29", "2027-05-01", "2027-05-06", "2027-05-08", "2027-05-17",
                    "2027-07-14", "2027-08-15", "2027-11-01", "2027-11-11", "2027-12-25"):  # fmt: skip
        assert not pharmacy.is_open(at(f"{holiday} 10:00")), holiday
    assert pharmacy.is_open(at("2027-05-18 10:00"))


def test_a_florist_keeps_other_hours_on_public_holidays() -> None:
    florist = hours("Mo-Sa 09:00-19:00; PH 09:00-12:00")

    assert florist.on(date(2026, 11, 11)) == (Span(9 * 60, 12 * 60),)
    assert florist.is_open(at("2027-08-15 10:00")), "a Sunday that is a holiday"
    assert not florist.is_open(at("2027-08-22 10:00"))


def test_the_night_before_a_day_off_goes_on_and_the_day_off_has_no_night_of_its_own() -> None:
    """The library alone closes the bar at midnight and opens it again the night after."""
    christmas = Closure(date(2026, 12, 25), date(2026, 12, 25), (), "Noël")
    for bar in (hours("Mo-Su 18:00-02:00", christmas), hours("Mo-Su 18:00-02:00; PH off")):
        assert bar.is_open(at("2026-12-25 01:00"))
        assert not bar.is_open(at("2026-12-25 20:00"))
        assert not bar.is_open(at("2026-12-26 01:00"))
        assert bar.is_open(at("2026-12-26 20:00"))


def test_closures_replace_the_hours_of_their_days_and_the_last_said_wins() -> None:
    holidays = Closure(date(2026, 12, 21), date(2027, 1, 3), (), "congés")
    eve = Closure(date(2026, 12, 24), date(2026, 12, 24), (Span(9 * 60, 16 * 60),), "réveillon")
    shop = hours("Mo-Sa 09:00-19:00", holidays, eve)

    assert not shop.is_open(at("2026-12-23 10:00"))
    assert shop.is_open(at("2026-12-24 15:59"))
    assert not shop.is_open(at("2026-12-24 16:00"))
    assert local(shop.next_change(at("2026-12-24 16:00"))) == "2027-01-04 09:00"


def test_a_closure_may_open_a_shop_that_never_said_its_hours() -> None:
    fair = Closure(date(2026, 12, 6), date(2026, 12, 6), (Span(10 * 60, 18 * 60),), "marché de Noël")

    assert hours("", fair).is_open(at("2026-12-06 11:00"))
    assert not hours("").known


def test_what_never_closes_has_no_next_change() -> None:
    assert hours("24/7").next_change(at("2026-11-24 12:00")) is None
    closed_for_works = Closure(date(2026, 11, 26), date(2026, 11, 26))
    assert local(hours("24/7", closed_for_works).next_change(at("2026-11-24 12:00"))) == "2026-11-26 00:00"


def test_a_season_is_read_too() -> None:
    camping = hours("Apr-Sep Mo-Su 08:00-20:00")

    assert local(camping.next_change(at("2026-11-24 12:00"))) == "2027-04-01 08:00"


def test_overseas_the_clock_is_the_town_halls() -> None:
    shop = Hours("Mo-Fr 08:00-12:00", "Indian/Reunion")

    assert shop.is_open(datetime(2026, 11, 24, 4, 30, tzinfo=UTC))
    assert not shop.is_open(datetime(2026, 11, 24, 8, 30, tzinfo=UTC))


def test_intervals_agree_with_is_open_at_every_quarter_of_an_hour() -> None:
    shop = hours("Mo-Fr 08:45-12:30,14:00-19:30; Sa 08:45-12:30; Fr 22:00-03:00; PH off")
    start = at("2026-11-09 00:00")
    found = shop.intervals(start, start + timedelta(days=8))

    for quarter in range(8 * 96):
        moment = start.astimezone(UTC) + timedelta(minutes=15 * quarter)
        assert shop.is_open(moment) == any(opens <= moment < closes for opens, closes in found), moment


# Weeks and OpenStreetMap


spans = st.lists(st.integers(0, 2 * DAY - 1), min_size=0, max_size=4, unique=True).map(sorted)


def _week_of(days: list[list[int]], holidays: bool) -> Week | None:
    built = tuple(
        tuple(Span(start, end) for start, end in zip(day[::2], day[1::2], strict=False) if start < DAY) for day in days
    )
    try:
        return Week(built, holidays)
    except ValueError:
        return None


@settings(max_examples=400, deadline=None)
@given(st.lists(spans, min_size=7, max_size=7), st.booleans())
def test_a_week_comes_back_from_the_words_it_became(days: list[list[int]], holidays: bool) -> None:
    week = _week_of(days, holidays)
    if week is None or not any(week.days):
        return
    assert Week.of(week.osm) == week
    assert normal(week.osm) == week.osm


@settings(max_examples=60, deadline=None)
@given(st.lists(spans, min_size=7, max_size=7))
def test_the_words_of_a_week_mean_the_week(days: list[list[int]]) -> None:
    """Read by the library, they give the spans back."""
    week = _week_of([[minute for minute in day if minute < DAY] for day in days], True)
    if week is None or not any(week.days):
        return
    monday = date(2026, 9, 7)
    read = hours(week.osm)
    for number in range(7):
        told = read.on(monday + timedelta(days=number))
        assert sum(span.end - span.start for span in told) == sum(s.end - s.start for s in week.days[number])


def test_the_same_hours_share_a_rule() -> None:
    half = spans_of("09:00-12:00,14:00-18:00")
    assert half is not None
    week = Week((half, half, half, half, half, (Span(540, 720),), ()))

    assert week.osm == "Mo-Fr 09:00-12:00,14:00-18:00; Sa 09:00-12:00; PH off"
    assert Week.of("24/7") == Week(((Span(0, DAY),),) * 7, holidays=True)
    assert Week.of("Apr-Sep Mo-Sa 09:00-20:00") is None
    assert Week.of("Mo-Fr 09:00-12:00, Fr 14:00-16:00") is None, "a comma adds: a week would replace"


# As people type them


def test_each_of_the_hours_typed_by_hand_in_niort_is_read_or_gets_a_sentence_and_a_suggestion() -> None:
    """29 of 35 do not parse: a slash stands where a comma should."""
    wrong = [text for text in WRITTEN if explain(text) is not None]

    assert len(WRITTEN) == 35
    assert len(wrong) == 29
    with french_words():
        assert all("virgule" in str(explain(text)) for text in wrong)
    for text in wrong:
        meant = suggest(text)
        assert Week.of(meant) is not None, text
        assert normal(meant) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("lundi-vendredi 9h-12h", "Mo-Fr 09:00-12:00"),
        (
            "Du lundi au vendredi de 9h à 12h et de 14h à 18h30, samedi 9h-12h, fermé le dimanche",
            "Mo-Fr 09:00-12:00,14:00-18:30; Sa 09:00-12:00",
        ),
        ("tous les jours 8h–20h sauf le mercredi", "Mo-Tu,Th-Su 08:00-20:00"),
        ("lun. mar. jeu. 9 h - 12 h 30", "Mo-Tu,Th 09:00-12:30"),
        ("Lundi : fermé ; mardi au samedi 10h-19h ; fermé les jours fériés", "Tu-Sa 10:00-19:00; PH off"),
        ("ven sam 18h-2h", "Fr-Sa 18:00-02:00"),
        ("mar-dim midi à minuit", "Tu-Su 12:00-24:00"),
        ("7j/7 24h/24", "24/7"),
        ("Mo-Fr 08:45-12:30 / 14:00-19:30, Su 00:00-00:00", "Mo-Fr 08:45-12:30,14:00-19:30"),
    ],
)
def test_hours_in_french_are_understood(typed: str, meant: str) -> None:
    assert suggest(typed) == meant
    assert normal(meant) == meant


@pytest.mark.parametrize(
    "typed",
    ["bonjour", "sur rendez-vous", "samedi matin", "lundi 9h75-12h", "lundi 9h", "fermé", "25h-26h", "9h-12h 10h-11h",
     "dimanche et jours fériés 9h-12h", "un lundi sur deux 9h-12h"],
)  # fmt: skip
def test_what_is_not_surely_hours_is_not_guessed(typed: str) -> None:
    assert suggest(typed) == ""
    assert explain(typed) is not None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Mo-Fr 09:00-12:00 / 14:00-18:00", "une virgule et non une barre"),
        ("lundi 9h-12h", "s’écrivent Mo, Tu, We"),
        ("Mo-Sa 09:30", "Une heure est seule"),
        ("Mo-Fr 09:00-12:00; SH off", "vacances scolaires"),
        ("Mo-Fr 09:00-12:00; bla", "«\u00a0bla\u202f»"),
        ("Mo-Fr 09:00-12:00; Su 00:00-00:00", "ouvert toute la journée"),
        ("Mo-Fr 09:00-12:00; " * 30, "trop longs"),
        ("???", "ne sont pas compris"),
    ],
)
def test_what_is_wrong_is_said_in_french(typed: str, said: str) -> None:
    with french_words():
        assert said in str(explain(typed))


PIECES = """
Mo Tu We PH SH off closed open unknown - , ; / || 09:00 12:00 24:00 48:00 99:99 2026 Jan Feb 29 week 53 easter +1
sunrise ( ) [1] [-1] + : " 9h 24/7 lundi au sauf fermé midi jours fériés 9999 0 é
"""
TOKENS = st.sampled_from(PIECES.split())


@settings(max_examples=1500, deadline=None)
@example("Mo - sauf Mo")
@example("Mo - fermé Mo")
@given(
    st.lists(TOKENS, max_size=14).map(" ".join)
    | st.lists(TOKENS, max_size=14).map("".join)
    | st.text(max_size=60)
    | st.text(string.printable, max_size=60)
)
def test_nothing_that_is_typed_breaks_the_page(typed: str) -> None:
    meant = suggest(typed)
    if meant:
        normal(meant)
    if explain(typed) is not None:
        return
    try:
        found = hours(normal(typed))
    except Unclear:
        return
    found.intervals(at("2026-10-24 12:00"), at("2026-11-08 12:00"))
    found.next_change(at("2026-10-24 12:00"))
    assert Week.of(found.expression) is None or found.known


# In words


@pytest.fixture
def tuesday(town: Town) -> Iterator[time_machine.Traveller]:
    """17 h on Tuesday 24 November, in French."""
    with time_machine.travel(at("2026-11-24 17:00"), tick=False) as clock, force_locale("fr"):
        yield clock


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-11-24 17:00", "Ouvert, ferme à 19 h 30"),
        ("2026-11-24 05:00", "Fermé, ouvre à 6 h 30"),
        ("2026-11-24 21:00", "Fermé, ouvre demain à 6 h 30"),
        ("2026-11-22 14:00", "Fermé, ouvre mardi à 6 h 30"),
    ],
)
def test_open_or_not_is_said_with_when_it_changes(tuesday: time_machine.Traveller, moment: str, said: str) -> None:
    tuesday.move_to(at(moment))
    state = state_of(hours(BAKERY))

    assert state is not None
    assert state.words.replace("\u00a0", " ") == said


def test_far_away_openings_are_said_by_their_date(tuesday: time_machine.Traveller) -> None:
    closed = Closure(date(2026, 11, 24), date(2027, 1, 4), (), "travaux")
    state = state_of(hours(BAKERY, closed))

    assert state is not None
    assert state.words.replace("\u00a0", " ") == "Fermé, ouvre le 5 janvier 2027 à 6 h 30"
    assert closure_words(closed) == "Fermé du 24 novembre au 4 janvier 2027 (travaux)"
    assert state_of(hours("24/7")).words == "Ouvert"  # type: ignore[union-attr]  # it has hours
    assert state_of(hours("")) is None


def test_the_week_marks_today_and_says_why_a_day_differs(tuesday: time_machine.Traveller) -> None:
    fair = Closure(date(2026, 11, 26), date(2026, 11, 26), (Span(540, 720),), "foire")
    week = days_of_week(hours(BAKERY, fair))

    assert [row.name for row in week if row.today] == ["Mardi"]
    assert week[0].words == "Fermé"
    assert (week[3].words.replace("\u00a0", " "), week[3].note) == ("9 h – 12 h", "foire")
    tuesday.move_to(at("2026-11-09 10:00"))
    assert days_of_week(hours("Mo-Fr 09:00-12:00; PH off"))[2].note == "jour férié"
    assert spans_words([Span(0, DAY)]) == "toute la journée"
    assert spans_words([Span(18 * 60, 26 * 60)]).replace("\u00a0", " ") == "18 h – 2 h"
