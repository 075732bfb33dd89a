"""How often one may try: generous for a network, strict for an account, and closed when nobody can count."""

import sqlite3
from datetime import timedelta

import pytest
import time_machine

from tests.account.conftest import WORDS, a_door, form_of_camille
from tests.cast import PASSWORD
from tests.conftest import Browse
from town.kernel.db import now
from town.kernel.web import TownApp

KARIM = {"email": "karim@saint-loup.example", "password": PASSWORD}


def test_ten_wrong_passwords_close_the_account_for_five_minutes_and_no_other(browse_strictly: Browse) -> None:
    thief = browse_strictly()
    for _ in range(10):
        assert thief.post("/login", data={**KARIM, "password": WORDS}).status_code == 422
    refused = thief.post("/login", data=KARIM)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 300
    assert "e-mail" in refused.text
    others = {"email": "odile@saint-loup.example", "password": PASSWORD}
    assert browse_strictly().post("/login", data=others).status_code == 303
    with time_machine.travel(now() + timedelta(minutes=6)):
        assert browse_strictly().post("/login", data=KARIM).status_code == 303


def test_capitals_and_aliases_are_the_same_mailbox_for_guesses(browse_strictly: Browse) -> None:
    thief = browse_strictly()
    for n in range(10):
        odd = f"Karim+{n}@Saint-Loup.example "
        assert thief.post("/login", data={"email": odd, "password": WORDS}).status_code == 422
    assert thief.post("/login", data=KARIM).status_code == 429


def test_the_right_password_is_no_guess(browse_strictly: Browse) -> None:
    for _ in range(15):
        assert browse_strictly().post("/login", data=KARIM).status_code == 303


def test_one_network_guesses_thirty_times_over_all_accounts(browse_strictly: Browse) -> None:
    thief = browse_strictly()
    tries = [thief.post("/login", data={"email": f"v{n}@exemple.fr", "password": WORDS}).status_code for n in range(31)]
    assert tries[:30] == [422] * 30
    assert tries[30] == 429
    neighbour = browse_strictly()
    neighbour.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    assert neighbour.post("/login", data=KARIM).status_code == 303


def test_a_household_of_ipv6_counts_as_one_network(browse_strictly: Browse) -> None:
    for n in range(30):
        thief = browse_strictly()
        thief.environ_base["REMOTE_ADDR"] = f"2001:db8:1:2::{n:x}"
        thief.post("/login", data={"email": f"v{n}@exemple.fr", "password": WORDS})
    thief.environ_base["REMOTE_ADDR"] = "2001:db8:1:2:ffff::1"
    assert thief.post("/login", data=KARIM).status_code == 429
    thief.environ_base["REMOTE_ADDR"] = "2001:db8:1:3::1"
    assert thief.post("/login", data=KARIM).status_code == 303


def test_five_codes_a_day_for_one_mailbox(browse_strictly: Browse) -> None:
    for _ in range(5):
        assert browse_strictly().post("/login/code", data={"email": KARIM["email"]}).status_code == 303
    assert browse_strictly().post("/login/code", data={"email": KARIM["email"]}).status_code == 429
    assert browse_strictly().post("/login/forgotten", data={"email": KARIM["email"]}).status_code == 429


def test_five_people_join_from_one_network_and_mistakes_do_not_count(browse_strictly: Browse) -> None:
    camille = browse_strictly()
    door = a_door(camille)
    for _ in range(8):
        assert camille.post("/join/you", data=form_of_camille(door, password="court")).status_code == 422
    for n in range(5):
        assert camille.post("/join/you", data=form_of_camille(door, email=f"c{n}@exemple.fr")).status_code == 303
    refused = camille.post("/join/you", data=form_of_camille(door, email="c6@exemple.fr"))
    assert refused.status_code == 429
    assert "Camille" in refused.text  # nothing typed is lost
    assert WORDS not in refused.text


def test_whoever_says_that_they_are_camille_writes_to_her_five_times_a_day(browse_strictly: Browse) -> None:
    """SECURITY (c): the mailbox is nobody's yet, and many networks may type it."""
    thief = browse_strictly()
    door, answers = a_door(thief), []
    for n in range(6):
        thief.environ_base["REMOTE_ADDR"] = f"192.0.2.{n}"
        answers.append(thief.post("/join/you", data=form_of_camille(door, email=f"camille+{n}@exemple.fr")).status_code)
    assert answers == [303] * 5 + [429]


def test_when_tries_cannot_be_counted_passwords_stay_closed_and_pages_open(
    strict_app: TownApp, browse_strictly: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(strict_app.extensions["limits"].storage, "_connection", broken)
    karim = browse_strictly()
    refused = karim.post("/login", data=KARIM)
    assert refused.status_code == 503
    assert refused.headers["Retry-After"]
    assert karim.get("/login").status_code == 200
    assert karim.get("/").status_code == 200


def test_the_counts_name_nobody(strict_app: TownApp, browse_strictly: Browse) -> None:
    browse_strictly().post("/login", data={**KARIM, "password": WORDS})
    folder = strict_app.extensions["towns"].instance
    kept = b"".join(file.read_bytes() for file in folder.glob("limits.sqlite*"))
    assert kept
    assert b"karim" not in kept
    assert b"127.0.0.1" not in kept


def test_counts_of_one_town_are_not_those_of_another(strict_app: TownApp) -> None:
    from town.kernel.limits import Limit, spend
    from town.kernel.tenancy import current_town, enter

    limit = Limit("test", "1 per minute", lambda: "somebody")
    with enter(strict_app, "saint-loup-des-tilleuls"):
        spend(limit)
        first = current_town()
    from dataclasses import replace

    from flask import g

    with strict_app.app_context():
        g.town = replace(first, slug="ailleurs", uid="another")
        spend(limit)


def test_one_searches_thirty_times_a_minute_and_a_network_takes_nobodys_turn(browse_strictly: Browse) -> None:
    visitor, karim = browse_strictly(), browse_strictly()
    karim.post("/login", data=KARIM)
    moment = now()
    for number in range(30):
        with time_machine.travel(moment + timedelta(seconds=number), tick=False):
            assert visitor.get(f"/search/?q=echelle+{number}").status_code == 200
    with time_machine.travel(moment + timedelta(seconds=31), tick=False):
        refused = visitor.get("/search/?q=perceuse")
        assert (refused.status_code, int(refused.headers["Retry-After"]) <= 60) == (429, True)
        assert "beaucoup de recherches" in refused.text
        assert visitor.get("/search/").status_code == 200, "the page itself is free"
        assert karim.get("/search/?q=perceuse").status_code == 200, "on the same network"
    with time_machine.travel(moment + timedelta(seconds=100), tick=False):
        assert [karim.get("/search/?q=a").status_code for _ in range(6)] == [200] * 5 + [429]


def test_searching_goes_on_when_nobody_can_count(browse_strictly: Browse, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> bool:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("town.kernel.limits.FixedWindowRateLimiter.hit", full)
    assert browse_strictly().get("/search/?q=echelle").status_code == 200
