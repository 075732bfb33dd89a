"""A clock that jumps, back or forward: nobody is locked out for a year, and nothing that had ended lives again."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from tests.conftest import Browse
from town.commons.people.models import SessionRow
from town.kernel.db import db, now
from town.kernel.registry import Town
from town.kernel.web import TownApp

AHEAD = timedelta(days=400)


@pytest.fixture
def counted(app: TownApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.extensions["towns"].settings, "rate_limits", "on")


def wrong_passwords(browse: Browse, times: int) -> list[int]:
    visitor = browse()
    typed = {"email": "karim@saint-loup.example", "password": "not this one"}
    return [visitor.post("/login", data=typed).status_code for _ in range(times)]


@pytest.mark.usefixtures("counted")
def test_tries_counted_by_a_clock_that_ran_ahead_lock_nobody_out_for_a_year(browse: Browse) -> None:
    with time_machine.travel(now() + AHEAD):
        assert wrong_passwords(browse, 12)[-1] == 429
    assert wrong_passwords(browse, 1) == [422]
    assert wrong_passwords(browse, 12)[-1] == 429, "and today's tries count"


def test_a_session_lives_through_a_clock_put_back_and_counts_its_days_anew(browse: Browse, town: Town) -> None:
    karim = browse("karim")
    with time_machine.travel(now() + timedelta(days=20)):
        assert karim.get("/account/").status_code == 200
    assert karim.get("/account/").status_code == 200
    left = max(db.session.scalars(select(SessionRow.expires_at))) - now()
    assert left <= timedelta(days=30, minutes=1), "not the days that the clock had added"
    with time_machine.travel(now() + timedelta(days=31)):
        assert karim.get("/account/").status_code == 303


def test_a_session_that_ended_does_not_live_again_once_it_was_forgotten(
    app: TownApp, browse: Browse, town: Town
) -> None:
    from town.kernel.jobs import run_nightly

    karim = browse("karim")
    with time_machine.travel(now() + AHEAD):
        assert karim.get("/account/").status_code == 303
        run_nightly(app, town.slug)
    assert karim.get("/account/").status_code == 303


def test_nobody_knows_how_long_ago_staff_begun_by_a_clock_that_ran_ahead(browse: Browse, town: Town) -> None:
    jean = browse("jean")
    assert jean.get("/desk/").status_code == 200
    db.session.execute(update(SessionRow).values(created_at=now() + AHEAD, seen_at=now() + AHEAD))
    db.session.commit()
    assert jean.get("/desk/").status_code == 303, "a stolen cookie of the future would be good for a year"
