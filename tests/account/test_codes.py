"""Codes by e-mail: five tries, one use, a quarter of an hour, and worthless in another town."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from tests.client import browser_of
from tests.conftest import Browse
from town.commons.people import codes
from town.commons.people.models import OneUseCode
from town.demo import DEMO_SLUG
from town.kernel.db import db, now
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

YVONNE = {"email": "yvonne@saint-loup.example"}
Code = Callable[[str], str]


def ask(browse: Browse) -> str:
    return str(browse().post("/login/code", data=YVONNE).headers["Location"])


def wrong(code: str) -> str:
    return f"{(int(code.replace(' ', '')) + 1) % 1_000_000:06}"


def test_the_sixth_try_is_refused_even_with_the_right_code(browse: Browse, figures: Code) -> None:
    page = ask(browse)
    code = figures(YVONNE["email"])
    yvonne = browse()
    for _ in range(5):
        assert yvonne.post(page, data={"code": wrong(code)}).status_code == 422
    assert yvonne.post(page, data={"code": code}).status_code == 422
    assert yvonne.get("/account/").status_code == 303


def test_what_cannot_be_a_code_costs_no_try(browse: Browse, figures: Code) -> None:
    page = ask(browse)
    code = figures(YVONNE["email"])
    yvonne = browse()
    for typed in ("", "12345", "1234567", "12345O", "٤٨٢٩١٣", "\x00" * 6) * 2:
        assert yvonne.post(page, data={"code": typed}).status_code == 422
    assert yvonne.post(page, data={"code": code}).status_code == 303


def test_a_code_works_for_a_quarter_of_an_hour(browse: Browse, figures: Code) -> None:
    page = ask(browse)
    code = figures(YVONNE["email"])
    with time_machine.travel(now() + timedelta(minutes=16)):
        assert browse().post(page, data={"code": code}).status_code == 422
    with time_machine.travel(now() + timedelta(minutes=14)):
        assert browse().post(page, data={"code": code}).status_code == 303


def test_twenty_tries_at_once_are_five(
    app: TownApp, browse: Browse, figures: Code, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = ask(browse)
    code = figures(YVONNE["email"])
    compared: list[str] = []
    seal = codes._seal

    def counted(row: OneUseCode, typed: str) -> str:
        compared.append(typed)
        return seal(row, typed)

    monkeypatch.setattr(codes, "_seal", counted)
    with ThreadPoolExecutor(10) as people:
        tries = range(20)
        statuses = list(people.map(lambda n: browser_of(app).post(page, data={"code": wrong(code)}).status_code, tries))
    assert set(statuses) <= {422, 503}
    assert len(compared) <= 5
    with enter(app, DEMO_SLUG):
        row = db.session.scalar(select(OneUseCode))
        assert row is not None
        assert row.tries == len(compared) == 5


def test_the_right_code_twice_at_once_signs_in_one_browser(app: TownApp, browse: Browse, figures: Code) -> None:
    page = ask(browse)
    code = figures(YVONNE["email"])
    with ThreadPoolExecutor(4) as people:
        statuses = list(people.map(lambda n: browser_of(app).post(page, data={"code": code}).status_code, range(4)))
    assert statuses.count(303) == 1


def test_the_code_of_one_page_opens_no_other(browse: Browse, figures: Code) -> None:
    page = ask(browse)
    code = figures(YVONNE["email"])
    other = browse().post("/login/code", data={"email": "karim@saint-loup.example"}).headers["Location"]
    if figures("karim@saint-loup.example") != code:
        assert browse().post(other, data={"code": code}).status_code == 422
    forgotten = page.replace("/login/code/", "/login/new-password/")
    assert browse().post(forgotten, data={"code": code, "password": "les volets bleus"}).status_code == 404


def test_a_code_is_kept_hashed(app: TownApp, browse: Browse, figures: Code) -> None:
    ask(browse)
    code = figures(YVONNE["email"]).replace(" ", "")
    with enter(app, DEMO_SLUG):
        row = db.session.scalar(select(OneUseCode))
        assert row is not None
        assert code not in repr({column.name: getattr(row, column.name) for column in OneUseCode.__table__.columns})
