"""What a server writes about its visitors: JSON lines in which nobody is named and nothing is quoted."""

import json
import logging
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import DictLoader

from tests.client import browser_of
from tests.trial import TEMPLATE, open_two, trial_feature
from town import create_app
from town.commons.people.visit import Visitor
from town.kernel import logs
from town.kernel.db import db
from town.kernel.features import register
from town.kernel.jobs import enqueue, job, run_due
from town.kernel.tenancy import enter
from town.settings import Settings

SECRETS = [f"secret-{number}-{word}" for number, word in enumerate(("name", "mail", "street", "code", "text", "file"))]


@pytest.fixture
def production(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[Flask]:
    app = create_app(Settings(env="production", instance=tmp_path, secret_key="k" * 40))
    feature = trial_feature()
    feature.jinja_loader = DictLoader({"trial.html": TEMPLATE})  # type: ignore[misc]  # a cached property
    register(app, feature)
    open_two(app)
    yield app
    root = logging.getLogger()
    root.handlers[:] = [handler for handler in root.handlers if handler.name != logs.HANDLER]


def lines(said: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in said.splitlines()]


def test_no_secret_that_somebody_typed_is_ever_in_the_log(production: Flask, capfd: pytest.CaptureFixture[str]) -> None:
    """SECURITY (f): names, words, addresses, tokens and file names, in whatever part of a request, whatever breaks."""
    name, mail, street, code, words, file = SECRETS
    browser = browser_of(production, "a.localhost")

    @job("logs.break")
    def broken(payload: dict[str, str]) -> None:
        raise ValueError(f"no such person: {payload['to']}")

    with enter(production, "a"):
        enqueue("logs.break", {"to": mail})
        db.session.commit()
    browser.get(f"/trial/{name}?q={words}", headers={"Referer": f"https://a.localhost/{street}", "User-Agent": code})
    browser.post("/trial/", data={"name": name, "then": "break", "photo": (BytesIO(b"x"), file)})
    browser.post(f"/{street}/{code}", data={"name": words}, headers={"Cookie": f"__Host-s={code}"})
    browser.post("/trial/", data=words, content_type=f"text/{words}")
    browser.get("/trial/", headers={"Host": f"{name}.example", "Idempotency-Key": code})
    browser.open("/trial/", method=words.upper())
    run_due(production, "a")
    said = capfd.readouterr().err
    found = lines(said)
    assert not [secret for secret in SECRETS if secret.lower() in said.lower()]
    requests = [line for line in found if line["event"] == "request"]
    assert len(requests) >= 5
    assert {"event", "ts", "town", "route", "method", "status", "ms", "actor", "id", "level"} == set(requests[0])
    broken_view = next(line for line in found if line["event"] == "broken: trial.create")
    assert broken_view["error"] == "ZeroDivisionError"
    assert any(str(place).startswith("trial.py:") for place in broken_view["way"])  # type: ignore[attr-defined]  # a list
    assert any("job logs.break failed (ValueError)" in str(line["event"]) for line in found)


def test_the_same_neighbour_is_the_same_word_and_nobodys_name(
    production: Flask, capfd: pytest.CaptureFixture[str]
) -> None:
    karim = Visitor(person_id=7, public_id="karims-page", first_name="Karim")
    production.before_request_funcs[None].insert(-1, lambda: setattr(logs.g, "viewer", karim))
    browser = browser_of(production, "a.localhost")
    browser.get("/trial/")
    browser.get("/help")
    browser_of(production, "b.localhost").get("/trial/")
    said = capfd.readouterr().err
    first, second, elsewhere = (line["actor"] for line in lines(said) if line["event"] == "request")
    assert first == second
    assert first != elsewhere
    assert len(str(first)) == 12
    assert "karim" not in said.lower()
