"""One view answers browsers, htmx and the outbox; what is acknowledged is on the disk, and nothing else is."""

import threading
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from tests.client import browser_of
from town.commons.places.models import Quarter
from town.kernel.db import TownSession, db, now
from town.kernel.jobs import run_nightly
from town.kernel.receipts import Receipt
from town.kernel.tenancy import enter
from town.kernel.web import TownApp


def client(app: TownApp, town: str = "a") -> FlaskClient:
    return browser_of(app, f"{town}.localhost")


def quarters(app: TownApp, town: str = "a") -> list[str]:
    with enter(app, town):
        return sorted(db.session.scalars(select(Quarter.name)))


def test_a_browser_is_sent_to_what_it_made(trial: TownApp) -> None:
    answer = client(trial).post("/trial/", data={"name": "Bel-Air"})
    assert answer.status_code == 303
    assert "Bel-Air" in client(trial).get(answer.location).text


def test_a_file_sent_in_the_place_of_words_is_no_words(trial: TownApp) -> None:
    answer = client(trial).post("/trial/", data={"name": (BytesIO(b"Bel-Air"), "name.txt")})
    assert answer.status_code == 422
    assert quarters(trial) == []


def test_htmx_gets_the_piece_it_aims_at_with_the_address_it_now_shows(trial: TownApp) -> None:
    headers = {"HX-Request": "true", "HX-Target": "section#quarter"}
    answer = client(trial).post("/trial/", data={"name": "Bel-Air"}, headers=headers)
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<section id="quarter">Bel-Air')
    assert 'id="flash"' in answer.text
    assert answer.headers["HX-Push-Url"].startswith("/trial/")


def test_htmx_aiming_elsewhere_gets_the_whole_page(trial: TownApp) -> None:
    answer = client(trial).get("/trial/", headers={"HX-Request": "true", "HX-Target": "div#elsewhere"})
    assert answer.text.startswith("<!doctype html>")
    assert answer.headers["HX-Retarget"] == "body"


def test_going_back_shows_whole_pages(trial: TownApp) -> None:
    headers = {"HX-Request": "true", "HX-Target": "section#quarter", "HX-History-Restore-Request": "true"}
    assert client(trial).get("/trial/", headers=headers).text.startswith("<!doctype html>")


def test_the_outbox_gets_the_address_of_what_it_made(trial: TownApp) -> None:
    headers = {"Accept": "application/json", "Idempotency-Key": "key-1"}
    first = client(trial).post("/trial/", data={"name": "Bel-Air"}, headers=headers)
    assert first.status_code == 201
    assert first.headers["Location"].startswith("/trial/")
    again = client(trial).post("/trial/", data={"name": "Bel-Air"}, headers=headers)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert again.headers["Location"] == first.headers["Location"]
    other = client(trial).post("/trial/", data={"name": "La Gare"}, headers=headers)
    assert (other.status_code, other.json and other.json["error"]) == (422, "key-reuse")
    assert quarters(trial) == ["Bel-Air"]


def test_the_outbox_is_told_which_field_is_wrong(trial: TownApp) -> None:
    answer = client(trial).post("/trial/", data={"name": ""}, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json == {"errors": {"name": ["Ce champ est requis."]}}


def test_a_double_tap_is_one_thing(trial: TownApp) -> None:
    form = {"name": "Bel-Air", "_key": "the-page-made-this"}
    first, second = (client(trial).post("/trial/", data=form) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert quarters(trial) == ["Bel-Air"]


def test_twenty_taps_at_once_are_one_thing(trial: TownApp) -> None:
    answers: list[int] = []

    def tap() -> None:
        answers.append(client(trial).post("/trial/", data={"name": "Bel-Air", "_key": "one"}).status_code)

    threads = [threading.Thread(target=tap) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303] * 20
    assert quarters(trial) == ["Bel-Air"]


def test_a_used_key_with_other_words_keeps_the_words(trial: TownApp) -> None:
    client(trial).post("/trial/", data={"name": "Bel-Air", "_key": "one"})
    answer = client(trial).post("/trial/", data={"name": "Les Tanneries", "_key": "one"})
    assert answer.status_code == 409
    assert "Les Tanneries" in answer.text
    assert quarters(trial) == ["Bel-Air"]


def test_a_refusal_is_a_sentence_on_the_same_page_and_leaves_nothing(trial: TownApp) -> None:
    client(trial).post("/trial/", data={"name": "Bel-Air"})
    answer = client(trial).post("/trial/", data={"name": "Bel-Air", "_form": "QuarterForm"})
    assert answer.status_code == 409
    assert "Another quarter bears that name." in answer.text
    assert 'value="Bel-Air"' in answer.text, "what was typed is still there"
    assert quarters(trial) == ["Bel-Air"]


def test_a_refused_gesture_may_be_tried_again(trial: TownApp) -> None:
    client(trial).post("/trial/", data={"name": "Bel-Air"})
    client(trial).post("/trial/", data={"name": "Bel-Air", "_key": "two"})
    with enter(trial, "a"):
        assert db.session.scalar(select(func.count()).select_from(Receipt)) == 0
    assert client(trial).post("/trial/", data={"name": "La Gare", "_key": "two"}).status_code == 303


def test_a_breakdown_after_the_verb_leaves_nothing_and_shows_what_was_typed(trial: TownApp) -> None:
    answer = client(trial).post("/trial/", data={"name": "Bel-Air", "then": "break"})
    assert answer.status_code == 500
    assert "Bel-Air" in answer.text
    assert quarters(trial) == []


def test_nothing_is_acknowledged_that_could_not_be_committed(trial: TownApp, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_session: TownSession) -> None:
        raise OperationalError("COMMIT", {}, Exception("database or disk is full"))

    monkeypatch.setattr(TownSession, "commit", full)
    answer = client(trial).post("/trial/", data={"name": "Bel-Air"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "Set-Cookie" not in answer.headers
    monkeypatch.undo()
    assert quarters(trial) == []


def test_a_page_that_only_reads_may_not_write(trial: TownApp) -> None:
    assert client(trial).get("/trial/careless").status_code == 500
    assert quarters(trial) == []


def test_slow_work_may_not_hold_the_lock(trial: TownApp) -> None:
    assert client(trial).post("/trial/slow").status_code == 500


CROSS: list[dict[str, str]] = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


@pytest.mark.parametrize("headers", CROSS)
def test_another_site_cannot_post_in_a_visitors_name(trial: TownApp, headers: dict[str, str]) -> None:
    assert client(trial).post("/trial/", data={"name": "Bel-Air"}, headers=headers).status_code == 403
    assert quarters(trial) == []


def test_our_own_page_may_post(trial: TownApp) -> None:
    headers = {"Origin": "http://a.localhost", "Sec-Fetch-Site": "same-origin"}
    assert client(trial).post("/trial/", data={"name": "Bel-Air"}, headers=headers).status_code == 303


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "",
        "a.localhost.evil.example",
        "a\x00b",
        "A.localhost:80:80",
        "..",
        "é",
        "127.0.0.1.nip.io",
        "a.localhost:80@evil.example",
        "a.localhost:80, evil.example",
        "a.localhost:",
        "[a.localhost]evil.example",
    ],
)
def test_an_unknown_host_is_told_so_and_hears_nothing_back(trial: TownApp, host: str) -> None:
    browser = trial.test_client()
    answer = browser.get("/", environ_overrides={"HTTP_HOST": host})
    assert answer.status_code in (400, 421)
    assert "evil" not in answer.text


@pytest.mark.parametrize("host", ["A.LOCALHOST", "a.localhost.", "a.localhost:8000"])
def test_a_host_is_the_same_in_capitals_with_a_port_or_a_dot(trial: TownApp, host: str) -> None:
    assert trial.test_client().get("/", environ_overrides={"HTTP_HOST": host}).status_code == 200


def test_this_machine_is_nobody_when_there_are_several_towns(trial: TownApp) -> None:
    for host in ("localhost:8000", "127.0.0.1:8000", "[::1]:8000"):
        assert trial.test_client().get("/", environ_overrides={"HTTP_HOST": host}).status_code == 421
        assert trial.test_client().get("/healthz", environ_overrides={"HTTP_HOST": host}).status_code == 200


def test_this_machine_is_the_only_town(trial: TownApp) -> None:
    trial.extensions["towns"].registry.remove("b")
    for host in ("localhost:8000", "127.0.0.1:8000", "[::1]:8000"):
        assert trial.test_client().get("/", environ_overrides={"HTTP_HOST": host}).status_code == 200


def test_a_visitor_is_sent_to_sign_in_and_the_outbox_waits(trial: TownApp) -> None:
    answer = client(trial).get("/trial/mine")
    assert answer.status_code == 303
    assert answer.location.startswith("/login?next=")
    waiting: Any = client(trial).get("/trial/mine", headers={"Accept": "application/json"})
    assert waiting.status_code == 401


def test_a_public_page_sets_no_cookie_and_carries_no_token(trial: TownApp) -> None:
    answer = client(trial).get("/trial/")
    assert "Set-Cookie" not in answer.headers
    assert "_csrf" not in answer.text
    assert answer.headers["Cache-Control"] == "public, no-cache"


def test_an_unchanged_page_is_not_sent_again(trial: TownApp) -> None:
    first = client(trial).get("/help")
    again = client(trial).get("/help", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_a_body_that_is_no_form_is_a_form_with_nothing_in_it(trial: TownApp) -> None:
    for body in ('{"name": 5}', '{"name":', "[]"):
        answer = client(trial).post("/trial/", data=body, content_type="application/json")
        assert answer.status_code in (400, 422)
    assert quarters(trial) == []


def test_keys_are_forgotten_after_half_a_year_and_not_before(trial: TownApp) -> None:
    client(trial).post("/trial/", data={"name": "Bel-Air", "_key": "old"})
    for days, left in ((170, 1), (190, 0)):
        with time_machine.travel(now() + timedelta(days=days)):
            run_nightly(trial, "a")
        with enter(trial, "a"):
            assert db.session.scalar(select(func.count()).select_from(Receipt)) == left
