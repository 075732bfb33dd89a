"""LG-02: the table of durations, the nights that keep to it, and what holds a night back (bad input 45)."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask_babel import force_locale
from sqlalchemy import func, select

from town.demo import DEMO_SLUG
from town.kernel import retention
from town.kernel.db import db, now
from town.kernel.jobs import Job, run_nightly
from town.kernel.receipts import Receipt
from town.kernel.registry import Town
from town.kernel.retention import Night, Span, forget_what_is_over, last_night, problems, table
from town.kernel.web import TownApp


@pytest.mark.parametrize(
    ("span", "before"),
    [
        (Span(days=30), datetime(2026, 2, 27, 9, tzinfo=UTC)),
        (Span(months=1), datetime(2026, 2, 28, 9, tzinfo=UTC)),
        (Span(months=13), datetime(2025, 2, 28, 9, tzinfo=UTC)),
        (Span(years=2), datetime(2024, 3, 29, 9, tzinfo=UTC)),
        (Span(months=24), datetime(2024, 3, 29, 9, tzinfo=UTC)),
        (Span(months=1, days=1), datetime(2026, 2, 27, 9, tzinfo=UTC)),
    ],
)
def test_months_are_those_of_the_calendar(span: Span, before: datetime) -> None:
    assert span.before(datetime(2026, 3, 29, 9, tzinfo=UTC)) == before


def test_every_line_says_what_why_how_long_and_what_then(town: Town) -> None:
    for language in ("fr", "en"):
        with force_locale(language):
            for line in table():
                assert all(str(part).strip() for part in (line.what, line.why, line.how_long, line.then)), line.name
    assert len({line.name for line in table()}) == len(table()) > 15


def test_every_line_that_forgets_counts_what_it_would_forget(town: Town) -> None:
    for line in table():
        if line.forget is not None:
            assert 0 <= line.due() <= line.total(), line.name


def sent(days_ago: int, count: int = 1) -> None:
    """So many receipts of that age."""
    for number in range(count):
        at = now() - timedelta(days=days_ago)
        key = f"{days_ago}-{number}"
        db.session.add(Receipt(actor="visitor", key=key, body="", endpoint="home.index", place="{}", at=at))
    db.session.commit()


def receipts() -> int:
    return db.session.scalar(select(func.count()).select_from(Receipt)) or 0


def nights_left(days: int) -> None:
    """The town remembers a night so many days ago, and the clock had been steady."""
    db.session.add(Night(at=now() - timedelta(days=days), steady=3, forgotten={}, held_back={}))
    db.session.commit()


@pytest.fixture
def guarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Receipts, as if they were dear: they stand in for whatever a wrong clock must not cost."""
    from dataclasses import replace

    line = next(line for line in table() if line.name == "kernel.receipts")
    monkeypatch.setitem(retention._table, line.name, replace(line, guarded=True))


def test_a_night_forgets_what_is_over_and_keeps_the_rest(town: Town) -> None:
    sent(181)
    sent(179)
    night = forget_what_is_over()
    assert receipts() == 1
    assert night.forgotten["kernel.receipts"] == 1
    assert problems() == []


@pytest.mark.usefixtures("guarded")
@pytest.mark.parametrize("jump", [timedelta(days=400), -timedelta(days=40)], ids=["ahead", "back"])
def test_a_clock_that_jumped_forgets_nothing_until_it_has_been_steady(town: Town, jump: timedelta) -> None:
    nights_left(1)
    sent(400 if jump.days < 0 else 100)
    with time_machine.travel(now() + jump, tick=False) as clock:
        for _ in range(3):
            night = forget_what_is_over()
            assert night.held_back["kernel.receipts"] == 1
            assert "the clock jumped" in problems()[0]
            clock.shift(timedelta(days=1))
        assert forget_what_is_over().forgotten["kernel.receipts"] == 1
        assert not any("clock" in problem for problem in problems())


@pytest.mark.usefixtures("guarded")
def test_a_server_started_again_and_again_does_not_make_a_clock_right(town: Town) -> None:
    nights_left(400)
    sent(200)
    for _ in range(5):
        assert forget_what_is_over().held_back["kernel.receipts"] == 1


@pytest.mark.usefixtures("guarded")
def test_one_night_does_not_forget_in_bulk(town: Town) -> None:
    sent(200, 60)
    sent(10, 40)
    assert forget_what_is_over().held_back["kernel.receipts"] == 60
    assert receipts() == 100
    assert problems() == ["forgetting kernel.receipts: 60 rows wait (town retention --help)"]
    assert forget_what_is_over(force=True).forgotten["kernel.receipts"] == 60
    assert receipts() == 40
    assert problems() == []


@pytest.mark.usefixtures("guarded")
def test_a_share_that_a_night_may_forget(town: Town) -> None:
    sent(200, 60)
    sent(10, 300)
    assert forget_what_is_over().forgotten["kernel.receipts"] == 60


def test_a_line_that_fails_does_not_keep_the_others(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from dataclasses import replace

    def breaks(_limit: datetime) -> None:
        raise RuntimeError("no")

    db.session.add(Job(name="mail.send", payload={}, run_at=now(), failed_at=now() - timedelta(days=40)))
    sent(200)
    line = next(line for line in table() if line.name == "kernel.jobs")
    monkeypatch.setitem(retention._table, line.name, replace(line, forget=breaks))
    night = forget_what_is_over()
    assert night.held_back == {"kernel.jobs": -1}
    assert receipts() == 0
    assert problems() == ["forgetting kernel.jobs: failed, see the log (town retention --help)"]


def test_each_night_leaves_its_figures(app: TownApp, town: Town) -> None:
    sent(200)
    run_nightly(app, DEMO_SLUG)
    night = last_night()
    assert night is not None
    assert night.forgotten == {"kernel.receipts": 1}


def test_the_command_says_what_would_go(app: TownApp, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from town.commands import main

    if app.extensions["towns"].settings.database_url:
        pytest.skip("the command reads its settings from the environment")
    sent(200, 3)
    monkeypatch.setenv("TOWN_INSTANCE", str(app.extensions["towns"].settings.instance))
    monkeypatch.setenv("TOWN_ENV", "development")
    dry = CliRunner().invoke(main, ["retention", "--dry-run"])
    assert dry.exit_code == 0, dry.output
    assert "kernel.receipts                   3 of 3       180 days" in dry.output
    assert receipts() == 3
    db.session.rollback()
    done = CliRunner().invoke(main, ["retention"])
    assert "kernel.receipts: 3 forgotten" in done.output
    assert receipts() == 0
