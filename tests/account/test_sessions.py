"""Sessions: how long they last, how they end, and that they are worth nothing in another town."""

import re
import secrets
import shutil
import sqlite3
import time
from datetime import datetime, timedelta

import flask_login
import pytest
import time_machine
from pydantic import SecretStr
from sqlalchemy import select, update

from tests.account.conftest import WORDS, settings_of
from tests.cast import PASSWORD, person_named
from tests.client import browser_of
from tests.conftest import ON_POSTGRES, Browse
from town import create_app
from town.commons.people.models import Account, Person, RoleGrant, SessionRow
from town.commons.people.seen import TOGETHER
from town.demo import DEMO_SLUG
from town.kernel.db import db, now
from town.kernel.engines import PATIENCE
from town.kernel.jobs import run_nightly
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

KARIM = {"email": "karim@saint-loup.example", "password": PASSWORD}
JEAN = {"email": "jean@saint-loup.example", "password": PASSWORD}


@pytest.mark.skipif(ON_POSTGRES, reason="a town is cloned by copying its file")
def test_a_session_is_worth_nothing_in_a_town_made_of_a_copy_of_the_file(app: TownApp, browse: Browse) -> None:
    karim = browse()
    karim.post("/login", data=KARIM)
    cookie = karim.get_cookie("s")
    assert cookie is not None
    towns = app.extensions["towns"]
    towns.engines.close(DEMO_SLUG)
    profile = {"name": "Le Clone", "insee": "99998"}
    towns.registry.add("le-clone", ["clone.localhost"], profile)
    try:
        shutil.copytree(towns.folder(DEMO_SLUG), towns.folder("le-clone"))
        with enter(app, "le-clone"):
            assert db.session.scalar(select(SessionRow)) is not None  # the row is there, and useless
        elsewhere = browser_of(app, "clone.localhost")
        elsewhere.set_cookie("s", cookie.value, domain="clone.localhost")
        assert elsewhere.get("/account/").status_code == 303
        at_home = browser_of(app, "saint-loup.localhost")
        at_home.set_cookie("s", cookie.value, domain="saint-loup.localhost")
        assert at_home.get("/account/").status_code == 200
    finally:
        towns.engines.close("le-clone")
        towns.registry.remove("le-clone")
        shutil.rmtree(towns.folder("le-clone"), ignore_errors=True)


def test_flask_logins_own_cookie_opens_nothing(app: TownApp, browse: Browse) -> None:
    with app.test_request_context("http://localhost/"):
        app.preprocess_request()
        account = person_named("karim").account
        assert account is not None
        remembered = flask_login.utils.encode_cookie(account.get_id())
    stranger = browse()
    stranger.set_cookie("remember_token", remembered, domain="localhost")
    assert stranger.get("/account/").status_code == 303


def test_a_neighbour_stays_signed_in_as_long_as_they_come_back(browse: Browse) -> None:
    karim = browse()
    karim.post("/login", data=KARIM)
    start = now()
    for days in (20, 40, 60, 80):
        with time_machine.travel(start + timedelta(days=days)):
            assert karim.get("/account/").status_code == 200
    with time_machine.travel(start + timedelta(days=111)):
        assert karim.get("/account/").status_code == 303


def test_staff_are_signed_out_after_half_an_hour_of_idleness(browse: Browse) -> None:
    jean = browse()
    jean.post("/login", data=JEAN)
    start = now()
    for minutes in (25, 50, 75):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            assert jean.get("/account/").status_code == 200
    with time_machine.travel(start + timedelta(minutes=75 + 31)):
        assert jean.get("/account/").status_code == 303


def test_staff_sign_in_again_after_twelve_hours_even_without_a_pause(browse: Browse) -> None:
    jean = browse()
    jean.post("/login", data=JEAN)
    start = now()
    for third in range(1, 12 * 3):  # well within the half-hour of idleness that ends a sitting
        with time_machine.travel(start + timedelta(minutes=20 * third)):
            assert jean.get("/account/").status_code == 200
    with time_machine.travel(start + timedelta(hours=12, minutes=1)):
        assert jean.get("/account/").status_code == 303


def test_a_new_token_does_not_make_the_day_of_staff_longer(app: TownApp, browse: Browse) -> None:
    jean = browse("jean")
    start = now()
    with time_machine.travel(start + timedelta(minutes=20)):
        jean.post("/account/password", data={"password": PASSWORD, "new_password": WORDS})
    with enter(app, DEMO_SLUG):
        account = person_named("jean").account
        assert account is not None
        row = db.session.scalar(select(SessionRow).where(SessionRow.account_id == account.id))
        assert row is not None
        assert row.created_at < start + timedelta(minutes=1)


def test_a_role_taken_away_is_gone_with_the_next_click(app: TownApp, browse: Browse) -> None:
    jean = browse("jean")
    assert "/account/second-factor" in jean.get("/account/").text
    with enter(app, DEMO_SLUG):
        for grant in db.session.scalars(select(RoleGrant).where(RoleGrant.person_id == person_named("jean").id)):
            db.session.delete(grant)
        db.session.commit()
    assert "/account/second-factor" not in jean.get("/account/").text


def test_a_neighbour_signs_out_another_device_and_then_all_of_them(browse: Browse) -> None:
    phone, desktop, library = browse("karim"), browse("karim"), browse("karim")
    page = phone.get("/account/sessions").text
    ends = re.findall(r'action="(/account/sessions/[\w-]{22}/end)"', page)
    assert len(ends) == 2
    assert phone.post(ends[0]).status_code == 303
    assert [desktop.get("/account/").status_code, library.get("/account/").status_code].count(303) == 1
    assert phone.post("/account/sessions/end").status_code == 303
    assert desktop.get("/account/").status_code == 303
    assert library.get("/account/").status_code == 303
    assert phone.get("/account/").status_code == 200


def test_nobody_signs_out_somebody_elses_device(app: TownApp, browse: Browse) -> None:
    karim = browse("karim")
    with enter(app, DEMO_SLUG):
        account = person_named("karim").account
        assert account is not None
        row = db.session.scalar(select(SessionRow).where(SessionRow.account_id == account.id))
        assert row is not None
        path = f"/account/sessions/{row.public_id}/end"
    assert browse("odile").post(path).status_code == 404
    assert karim.get("/account/").status_code == 200


def test_a_new_password_signs_out_every_other_device_and_changes_the_token(browse: Browse) -> None:
    here, there = browse("karim"), browse("karim")
    before = here.get_cookie("s")
    answer = here.post("/account/password", data={"password": PASSWORD, "new_password": WORDS})
    assert answer.status_code == 303
    after = here.get_cookie("s")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 303


def test_a_slow_page_does_not_bring_a_former_token_back(app: TownApp, browse: Browse) -> None:
    """A page that began before the token was renewed ends after it: its cookie must not undo the new one."""
    karim = browse("karim")
    former = karim.get_cookie("s")
    assert former is not None
    karim.post("/account/password", data={"password": PASSWORD, "new_password": WORDS})
    slow = browse()
    slow.set_cookie("s", former.value, domain="localhost")
    assert "Set-Cookie" not in slow.get("/").headers


def test_a_session_signed_with_a_former_key_is_read_while_that_key_stands(app: TownApp, browse: Browse) -> None:
    karim = browse("karim")
    cookie = karim.get_cookie("s")
    assert cookie is not None
    former = SecretStr(app.extensions["towns"].settings.key())
    new = SecretStr(secrets.token_urlsafe(48))
    for fallbacks, status in (([former], 200), ([], 303)):
        rotated = create_app(settings_of(app, secret_key=new, secret_key_fallbacks=fallbacks))
        later = browser_of(rotated)
        later.set_cookie("s", cookie.value, domain="localhost")
        assert later.get("/account/").status_code == status
        rotated.extensions["towns"].engines.close()


def test_passwords_outlive_the_secret_key(app: TownApp) -> None:
    rotated = create_app(settings_of(app, secret_key=SecretStr(secrets.token_urlsafe(48))))
    assert browser_of(rotated).post("/login", data=KARIM).status_code == 303
    rotated.extensions["towns"].engines.close()


def test_sessions_nobody_came_back_to_are_deleted_at_night(app: TownApp, browse: Browse) -> None:
    browse("karim")
    with enter(app, DEMO_SLUG):
        db.session.execute(update(SessionRow).values(expires_at=now() - timedelta(minutes=1)))
        db.session.commit()
    run_nightly(app, DEMO_SLUG)
    with enter(app, DEMO_SLUG):
        assert db.session.scalar(select(SessionRow)) is None


@pytest.mark.skipif(ON_POSTGRES, reason="PostgreSQL has no single writer")
def test_a_reading_page_is_shown_although_the_visit_cannot_be_noted(app: TownApp, browse: Browse) -> None:
    karim, odile = browse("karim"), browse("odile")
    with enter(app, DEMO_SLUG):
        db.session.execute(update(SessionRow).values(seen_at=now() - timedelta(hours=3)))
        db.session.commit()
    file = app.extensions["towns"].file(DEMO_SLUG)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        begun = time.monotonic()
        assert karim.get("/account/").status_code == 200
        assert time.monotonic() - begun < PATIENCE, "nor does it wait as long as a verb would"
    finally:
        other.execute("ROLLBACK")
        other.close()
    with time_machine.travel(now() + 2 * TOGETHER):
        odile.get("/account/")
    assert _last_seen(app, "karim") > now() - timedelta(minutes=5), "it is noted with the next one's"


def _last_seen(app: TownApp, name: str) -> datetime:
    with enter(app, DEMO_SLUG):
        found = select(SessionRow.seen_at).join(Account).join(Person).where(Person.id == person_named(name).id)
        seen = db.session.scalar(found)
    assert seen is not None
    return seen


def test_openings_of_a_whole_town_are_noted_together_a_few_seconds_later(app: TownApp, browse: Browse) -> None:
    """After an alert everybody opens the town: one write for many. An agent’s half hour is short: theirs is at once."""
    names = ("karim", "odile", "yvonne", "theo")
    browsers = [browse(name) for name in (*names, "jean")]
    long_ago = now() - timedelta(hours=3)
    with enter(app, DEMO_SLUG):
        db.session.execute(update(SessionRow).values(seen_at=now() - timedelta(minutes=20)))
        db.session.execute(
            update(SessionRow)
            .where(SessionRow.account_id.in_([person_named(name).account.id for name in names]))
            .values(seen_at=long_ago, expires_at=now() + timedelta(days=1))
        )
        db.session.commit()
    moment = now() + timedelta(minutes=1)
    with time_machine.travel(moment, tick=False):
        for browser in browsers[:3]:
            assert "Max-Age" in browser.get("/").headers["Set-Cookie"]
        assert [_last_seen(app, name) for name in names[:3]] == [moment, long_ago, long_ago]
        browsers[4].get("/")
        assert _last_seen(app, "jean") == moment
        assert _last_seen(app, "yvonne") == moment, "with what waited"
    with time_machine.travel(moment + TOGETHER, tick=False):
        browsers[3].get("/")
        assert _last_seen(app, "theo") == moment + TOGETHER
