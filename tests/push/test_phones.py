"""PW-05, TH-02: a phone rings for whoever is signed in on it, or for places and nobody; its address is checked."""

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.cast import PASSWORD, person_named
from tests.client import browser_of
from tests.conftest import Browse
from tests.push.conftest import Ring
from tests.push_service import Phone, PushService
from tests.townhall.conftest import published
from town.commands import main
from town.commons.notices.push import keys
from town.commons.notices.push import service as push_service
from town.commons.notices.push.models import MOST_PHONES, PushDevice, PushTopic, ringing_for
from town.commons.people.leaving import erase
from town.commons.people.models import Pin
from town.commons.people.returning import without_keys
from town.commons.places.concerns import Concerns
from town.demo import DEMO_SLUG
from town.kernel.db import db, now
from town.kernel.inventory import inventory
from town.kernel.jobs import run_due
from town.kernel.outbound import NotAllowed, Reach, public_address
from town.kernel.registry import Registry, Town
from town.kernel.retention import table
from town.kernel.tenancy import enter
from town.kernel.towns import make_town, unmake_town
from town.kernel.web import TownApp
from town.settings import Settings

JSON = {"Accept": "application/json"}


def kept(app: TownApp, slug: str = DEMO_SLUG) -> list[str]:
    with enter(app, slug):
        return list(db.session.scalars(select(PushDevice.endpoint).order_by(PushDevice.id)))


def state(browser: FlaskClient, phone: Phone) -> dict[str, Any]:
    found: dict[str, Any] = browser.post("/push/state", data={"endpoint": phone.endpoint}).get_json()
    return found


# Whose it is


def test_a_phone_without_account_is_an_address_and_places_and_no_cookie(
    app: TownApp, browse: Browse, ring_on: Ring
) -> None:
    anybody = browse()
    page = anybody.get("/push/")
    assert "Recevoir les avis sur ce téléphone" in page.text
    phone = ring_on(anybody, scope="places", street="rue des  TANNERIES")
    assert "Set-Cookie" not in page.headers
    assert not anybody._cookies  # type: ignore[attr-defined]  # werkzeug's jar
    with enter(app, DEMO_SLUG):
        device = db.session.scalars(select(PushDevice)).one()
        assert (device.session_id, device.official, device.direct) == (None, True, False)
    assert state(anybody, phone) == {"on": True, "scope": "places", "quarters": [], "street": "Rue des Tanneries"}
    assert state(browse("odile"), phone) == {"on": False}, "it does not ring for her"
    ring_on(anybody, phone, scope="town")
    assert state(anybody, phone)["scope"] == "town"
    assert anybody.post("/push/silence", data={"endpoint": phone.endpoint}).status_code == 204
    assert state(anybody, phone) == {"on": False}
    with enter(app, DEMO_SLUG):
        assert db.session.scalar(select(func.count()).select_from(PushTopic)) == 0


def test_what_cannot_be_followed_is_said(browse: Browse) -> None:
    wrong = browse().post("/push/phones", data={"scope": "places", "street": "rue de Rivoli"})
    assert wrong.status_code == 422
    assert "Cette rue n’existe pas ici" in wrong.text
    assert "Choisissez au moins un quartier" in browse().post("/push/phones", data={"scope": "places"}).text


def test_a_phone_rings_for_whoever_is_signed_in_until_they_sign_out(
    app: TownApp, browse: Browse, ring_on: Ring
) -> None:
    """T14: sign-out unsubscribes."""
    odile, elsewhere = browse("odile"), browse("odile")
    here, there = ring_on(odile, official="y"), ring_on(elsewhere)
    assert state(odile, here) == {"on": True, "official": True, "direct": False}
    assert state(browse("karim"), here) == {"on": False}
    shown = elsewhere.get("/push/").text
    assert shown.count("Arrêter là\u00a0:") == 2
    odile.post("/logout")
    assert kept(app) == [there.endpoint]
    with enter(app, DEMO_SLUG):
        number = db.session.scalars(select(PushDevice.public_id)).one()
    assert browse("karim").post(f"/push/phones/{number}/silence").status_code == 404
    assert elsewhere.post(f"/push/phones/{number}/silence").status_code == 303
    assert kept(app) == []


def test_a_phone_taken_by_somebody_else_rings_for_them_alone(app: TownApp, browse: Browse, ring_on: Ring) -> None:
    odile, karim = browse("odile"), browse("karim")
    phone = ring_on(odile)
    ring_on(karim, phone)
    assert state(odile, phone) == {"on": False}
    assert state(karim, phone)["on"]
    assert len(kept(app)) == 1


def test_a_new_password_keeps_this_phone_and_silences_the_others(app: TownApp, browse: Browse, ring_on: Ring) -> None:
    odile, stolen = browse("odile"), browse("odile")
    here = ring_on(odile)
    ring_on(stolen)
    words = {"password": PASSWORD, "new_password": "quatre-vents-et-une-lanterne"}
    assert odile.post("/account/password", data=words).status_code == 303
    assert kept(app) == [here.endpoint]
    assert stolen.get("/account/").status_code == 303
    assert odile.get("/account/").status_code == 200


def test_a_session_that_ran_out_rings_no_more(app: TownApp, browse: Browse, ring_on: Ring) -> None:
    ring_on(browse("odile"))
    with enter(app, DEMO_SLUG):
        people = [person_named("odile").id]
        assert len(db.session.execute(ringing_for(people, official=True)).all()) == 1
        db.session.rollback()
        with time_machine.travel(now() + timedelta(days=31)):
            assert db.session.execute(ringing_for(people, official=True)).all() == []


def test_of_eleven_phones_the_one_silent_for_longest_goes(app: TownApp, browse: Browse, ring_on: Ring) -> None:
    phones = []
    for day in range(MOST_PHONES + 1):
        with time_machine.travel(now() + timedelta(hours=day), tick=True):
            phones.append(ring_on(browse("odile")))
    assert kept(app) == [phone.endpoint for phone in phones[1:]]


def test_nothing_of_somebody_s_phones_stays_once_they_are_erased_and_their_copy_holds_them(
    app: TownApp, browse: Browse, ring_on: Ring, follow: Ring
) -> None:
    """LG-01: their own copy, and their erasure."""
    mine, nobodys = ring_on(browse("odile")), follow()
    with enter(app, DEMO_SLUG):
        odile = person_named("odile")
        line = next(line for line in inventory() if line.name == "push_device")
        assert [line.say(row)["endpoint"] for row in line.of(odile.id)] == [mine.endpoint]
        erase(odile)
        db.session.commit()
    assert kept(app) == [nobodys.endpoint]


def test_a_phone_that_nothing_reached_for_a_year_is_forgotten(app: TownApp, follow: Ring) -> None:
    follow()
    with enter(app, DEMO_SLUG):
        line = next(line for line in table() if line.name == "notices.push")
        assert (line.total(), line.due()) == (1, 0)
        db.session.rollback()
        with time_machine.travel(now() + timedelta(days=367)):
            assert line.due() == 1
            line()
            db.session.commit()
    assert kept(app) == []


# Where it leads


NOWHERE: list[Any] = [
    "http://fcm.googleapis.com/x",
    "https://127.0.0.1/x",
    "https://[::1]/x",
    "https://169.254.169.254/latest/meta-data/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://[::ffff:10.0.0.1]/",
    "https://localhost./",
    "https://me@fcm.googleapis.com/x",
    "https://fcm.googleapis.com:8443/x",
    "https://fcm.googleapis.com:443@evil.fr/x",
    "https://xn--fcm-googleapis.com/x",
    "https://xn--a.push.services.mozilla.com/x",
    "https://fcm.googleapis.com.evil.fr/x",
    "https://evilfcm.googleapis.com/x",
    "https://evil.fr/.push.services.mozilla.com/x",
    "https://push.services.mozilla.com.evil.fr/",
    "https://evil.fr\\.push.services.mozilla.com/x",
    "https://evil.fr#.push.services.mozilla.com/x",
    "https://updates.push.services.mozilla.com./x",
    "https://fcm.googleapis.com/" + "x" * 1000,
    "https://fcm.googleapis.com/\r\nX-Evil: 1",
    "file:///etc/passwd",
    "",
    17,
]
KNOWN = [
    "https://fcm.googleapis.com/fcm/send/abc:def-g_h",
    "https://updates.push.services.mozilla.com/wpush/v2/gAAAA",
    "https://web.push.apple.com/QGuQ",
    "https://wns2-par02p.notify.windows.com/w/?token=BQYAAAD%2f",
]


def subscribed(browser: FlaskClient, vapid: str, said: Any) -> TestResponse:
    words = said if isinstance(said, str) else json.dumps(said)
    form = {"subscription": words, "vapid": vapid, "scope": "town"}
    return browser.post("/push/phones", data=form, headers=JSON)


def test_only_the_known_push_services_are_ever_called(browse: Browse, vapid: str, service: PushService) -> None:
    """T13, bad input 35."""
    for endpoint in NOWHERE:
        answer = subscribed(browse(), vapid, {**service.phone().to_json(), "endpoint": endpoint})
        assert (answer.status_code, answer.get_json()["error"]) == (422, "NotAPhone"), endpoint
        with pytest.raises(NotAllowed):
            Reach(push_service.HOSTS).parts(str(endpoint))
    for endpoint in KNOWN:
        assert subscribed(browse(), vapid, Phone(endpoint).to_json()).status_code == 201, endpoint


def test_what_no_browser_says_is_refused(browse: Browse, vapid: str, service: PushService) -> None:
    for broken in ("", "{", "[]", '{"endpoint": 1}', "null", "[" * 2900):
        assert subscribed(browse(), vapid, broken).status_code == 422, broken
    for wrong in ({"p256dh": "BAAA"}, {"auth": "AAAA"}, {"p256dh": "é"}, {"auth": None}):
        said = service.phone().to_json()
        said["keys"] |= wrong
        assert subscribed(browse(), vapid, said).status_code == 422, wrong
    assert subscribed(browse(), "B" * 87, service.phone().to_json()).status_code == 422, "a key of another town"


@pytest.mark.parametrize(
    "number",
    ["127.0.0.1", "10.0.0.1", "169.254.169.254", "100.64.0.1", "::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "fd00::1"],
)
def test_a_known_name_that_leads_inside_is_not_called(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    """T13: the name is looked up once, and what is found is what would be called."""
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: [(2, 1, 6, "", (number, 443))])
    with pytest.raises(NotAllowed):
        public_address("fcm.googleapis.com")


def test_a_push_service_on_this_machine_is_for_tests_alone() -> None:
    with pytest.raises(ValueError, match="TOWN_PUSH_SERVICE"):
        Settings(env="production", secret_key="x" * 40, push_service="http://127.0.0.1:9000")  # type: ignore[arg-type]  # pydantic makes it one


# Keys, and two towns


def test_two_towns_never_ring_each_other_s_phones(
    app: TownApp, browse: Browse, service: PushService, follow: Ring, vapid: str
) -> None:
    """T4: keys, phones and jobs of one town know nothing of the other."""
    towns = app.extensions["towns"]
    here = follow()
    make_town(towns, "beyond", ["beyond.localhost"], {"name": "Beyond"})
    try:
        with enter(app, "beyond"):
            theirs = keys.current().public
        assert theirs != vapid
        there = browser_of(app, "beyond.localhost")
        form = {"subscription": service.phone().said, "scope": "town"}
        assert there.post("/push/phones", data={**form, "vapid": vapid}, headers=JSON).status_code == 422
        assert there.post("/push/phones", data={**form, "vapid": theirs}, headers=JSON).status_code == 201
        assert len(kept(app)) == len(kept(app, "beyond")) == 1
        assert there.post("/push/state", data={"endpoint": here.endpoint}).get_json() == {"on": False}
        there.post("/push/silence", data={"endpoint": here.endpoint})
        assert kept(app) == [here.endpoint]
    finally:
        unmake_town(towns, "beyond")
    assert towns.registry.push_keys("beyond") == [], "its keys go with it"


def test_the_private_key_is_not_in_the_town_s_own_file(app: TownApp, town: Town, follow: Ring) -> None:
    private = keys.current().private
    follow()
    db.session.rollback()
    towns = app.extensions["towns"]
    assert private.encode() not in towns.file(DEMO_SLUG).read_bytes()
    assert private not in browser_of(app).get("/push/").text


def test_a_copy_of_the_town_that_is_given_away_holds_nobody_s_phone(
    app: TownApp, browse: Browse, ring_on: Ring, follow: Ring, tmp_path: Path
) -> None:
    """Neither the phone of whoever is signed in, nor that of whoever follows without account, nor a PIN."""
    phones, copy = [ring_on(browse("odile")), follow()], tmp_path / "copy.sqlite"
    with enter(app, DEMO_SLUG):
        odile = person_named("odile").account
        assert odile is not None
        db.session.add(Pin(account_id=odile.id, device_hash="d" * 64, figures="2749, under a seal"))
        db.session.commit()
    with closing(sqlite3.connect(app.extensions["towns"].file(DEMO_SLUG))) as file:
        file.execute("VACUUM INTO ?", (str(copy),))
    assert all(phone.endpoint.encode() in copy.read_bytes() for phone in phones)
    without_keys(copy)
    assert not any(phone.endpoint.encode() in copy.read_bytes() for phone in phones)
    with closing(sqlite3.connect(copy)) as file:
        assert file.execute("PRAGMA foreign_key_check").fetchall() == []
        left = (
            "SELECT (SELECT count(*) FROM pin), (SELECT count(*) FROM push_device), (SELECT count(*) FROM push_topic)"
        )
        assert file.execute(left).fetchone() == (0, 0, 0)


def test_the_first_key_is_made_once_however_many_ask_for_it(app: TownApp, town: Town) -> None:
    registry: Registry = app.extensions["towns"].registry
    first = keys.current()
    assert registry.add_push_key(DEMO_SLUG, "other", "pair", now(), only_first=True)[0] == (first.public, first.private)


def test_after_a_new_key_a_phone_moves_with_its_next_push(
    app: TownApp, browse: Browse, service: PushService, follow: Ring
) -> None:
    phone = follow()
    with time_machine.travel((now() + timedelta(days=1)).replace(hour=10), tick=True):
        with enter(app, DEMO_SLUG):
            db.session.rollback()
            environ = {"TOWN_ENV": "development", "TOWN_INSTANCE": str(app.extensions["towns"].instance)}
            done = CliRunner().invoke(main, ["push-key", "--town", DEMO_SLUG], env=environ)
            assert done.exit_code == 0, done.output
            today = keys.current().public
            published(concerns=Concerns(), title="Premier")
        run_due(app, DEMO_SLUG)
        assert phone.received[-1]["key"] == today, "sent with the former key, it brings the new one"
        moved = service.phone(today)
        worker = browse()
        said = {"former": phone.endpoint, "subscription": moved.said, "key": today}
        assert worker.post("/push/moves", data=said).status_code == 204
        assert worker.post("/push/moves", data=said).status_code == 422, "it has moved"
        with enter(app, DEMO_SLUG):
            published(concerns=Concerns(), title="Second")
        run_due(app, DEMO_SLUG)
    assert moved.bodies == ["Mairie\u00a0: Second"]
    assert "key" not in moved.received[0]
    assert phone.bodies[-1] == "Mairie\u00a0: Premier"


def test_a_browser_that_gives_its_phone_another_address_keeps_what_it_wants(
    app: TownApp, browse: Browse, service: PushService, ring_on: Ring, vapid: str
) -> None:
    """`pushsubscriptionchange`: the worker knows the former address, and that is enough."""
    odile = browse("odile")
    before, after = ring_on(odile, direct="y"), service.phone(vapid)
    assert browse().post("/push/moves", data={"former": before.endpoint, "subscription": after.said}).status_code == 204
    assert state(odile, after) == {"on": True, "official": False, "direct": True}
    assert kept(app) == [after.endpoint]


def test_another_site_cannot_make_a_phone_ring_or_stop(
    app: TownApp, browse: Browse, follow: Ring, service: PushService
) -> None:
    """T16."""
    phone, evil = follow(), {"Origin": "https://evil.example"}
    for path in ("/push/silence", "/push/moves", "/push/state", "/push/phones"):
        form = {"endpoint": phone.endpoint, "former": phone.endpoint, "subscription": service.phone().said}
        assert browse().post(path, data=form, headers=evil).status_code == 403, path
    odile = browse("odile")
    del odile.environ_base["HTTP_X_CSRF_TOKEN"]
    assert odile.post("/push/phones", data={"subscription": service.phone().said}).status_code == 403
    assert kept(app) == [phone.endpoint]
