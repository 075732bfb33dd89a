"""What the worker is told, and what pages tell it: what may be kept, whose it is, for how long."""

import json
import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.conftest import Browse
from town.demo import DEMO_SLUG
from town.kernel.web import TownApp


def told(answer: TestResponse) -> dict[str, Any]:
    """What the server wrote at the top of the worker."""
    found = re.match(r"const APP = (\{.*?\n\});\n", answer.text, re.DOTALL)
    assert found
    said: dict[str, Any] = json.loads(found[1])
    return said


def test_the_worker_serves_the_whole_town_and_is_asked_for_each_time(browse: Browse) -> None:
    browser = browse()
    answer = browser.get("/sw.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "Set-Cookie" not in answer.headers
    assert browser.get("/sw.js", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_every_file_that_the_worker_keeps_is_there_and_never_changes(browse: Browse) -> None:
    browser = browse()
    files = told(browser.get("/sw.js"))["files"]
    assert len(files) > 8
    for address in files:
        answer = browser.get(address)
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["Cache-Control"], address


def test_every_file_that_home_asks_for_is_kept_by_the_worker(browse: Browse) -> None:
    browser = browse()
    kept = set(told(browser.get("/sw.js"))["files"])
    asked = set(
        re.findall(r'(?:src|href)="(/(?:(?:static|scripts)/[^"]+|(?:town|style)\.css[^"]*))"', browser.get("/").text)
    )
    assert {address.partition("#")[0] for address in asked if "/media/" not in address} <= kept


def test_what_is_read_in_advance_is_open_to_anybody_and_may_be_kept(browse: Browse) -> None:
    browser = browse()
    worker = told(browser.get("/sw.js"))
    assert "/" in worker["seeds"]
    for address in [*worker["seeds"], worker["offline"]]:
        answer = browser.get(address)
        assert answer.status_code == 200, address
        assert answer.headers["X-Offline"] == "public", address
        assert "X-Owner" not in answer.headers, address


def test_a_feature_that_is_off_is_not_read_in_advance(app: TownApp, browse: Browse) -> None:
    def worker() -> dict[str, Any]:
        return told(browse().get("/sw.js"))

    optional = [name for name, feature in app.extensions["features"].items() if not feature.essential]
    before = worker()
    app.extensions["towns"].registry.change(DEMO_SLUG, features_off=optional)
    after = worker()
    assert set(after["seeds"]) < set(before["seeds"])
    assert after["version"] != before["version"]


def test_a_page_says_whose_it_is(browse: Browse) -> None:
    def owner(name: str | None) -> tuple[str, str]:
        answer = browse(name).get("/")
        found = re.search(r'<meta name="owner" content="(\w*)">', answer.text)
        assert found
        assert answer.headers.get("X-Owner", "") == found[1]
        return answer.headers["X-Offline"], found[1]

    assert owner(None) == ("public", "")
    kind, karim = owner("karim")
    assert kind == "private"
    assert len(karim) == 20
    assert owner("karim")[1] == karim, "on another device too"
    assert owner("odile")[1] not in {karim, ""}


def test_the_session_says_who_is_there_and_leaves_no_trace(browse: Browse) -> None:
    nobody = browse().get("/session")
    assert nobody.json == {"owner": None, "csrf": ""}
    karim = browse("karim")
    here = karim.get("/session")
    assert here.json is not None
    assert here.json["owner"] == karim.get("/").headers["X-Owner"]
    assert here.json["csrf"] == karim.environ_base["HTTP_X_CSRF_TOKEN"]
    for answer in (nobody, here):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Offline"] == "never"
        assert "Set-Cookie" not in answer.headers


def test_asking_for_the_session_after_a_long_while_sets_no_cookie(app: TownApp, browse: Browse) -> None:
    from sqlalchemy import update

    from town.commons.people.models import SessionRow
    from town.commons.people.sessions import SEEN_EVERY
    from town.kernel.db import db, now
    from town.kernel.tenancy import enter

    karim = browse("karim")
    with enter(app, DEMO_SLUG):
        db.session.execute(update(SessionRow).values(seen_at=now() - 2 * SEEN_EVERY))
        db.session.commit()
    assert "Set-Cookie" not in karim.get("/session").headers
    assert "Set-Cookie" in karim.get("/").headers, "a page notes the visit"


@pytest.mark.parametrize(
    ("address", "visitors", "karims"),
    [
        ("/", "public", "private"),
        ("/offline", "public", "private"),
        ("/help", "public", "private"),
        ("/town-hall/", "public", "private"),
        ("/account/", "never", "private"),
        ("/account/password", "never", "never"),
        ("/certification/", "never", "never"),
        ("/login", "never", None),
        ("/nothing-here", "never", "never"),
        ("/session", "never", "never"),
    ],
)
def test_what_may_be_kept_of_a_page(browse: Browse, address: str, visitors: str, karims: str | None) -> None:
    assert browse().get(address).headers["X-Offline"] == visitors
    if karims is not None:
        assert browse("karim").get(address).headers["X-Offline"] == karims


def test_the_page_without_network_needs_nobody_and_nothing(browse: Browse) -> None:
    page = browse().get("/offline")
    assert "Saint-Loup-des-Tilleuls" in page.text
    assert "Pas de réseau" in page.text
    assert "data-kept" in page.text
    assert "Me connecter" not in page.text, "nobody can sign in without network"
