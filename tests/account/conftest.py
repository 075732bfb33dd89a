"""What the tests of accounts share: the figures of the last e-mail, an address, somebody who joins."""

import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.client import browser_of
from tests.conftest import Browse
from town import create_app
from town.demo import DEMO_SLUG
from town.kernel.web import TownApp
from town.settings import Settings

Read = Callable[[], list[EmailMessage]]
WORDS = "trois mots bien choisis"


@pytest.fixture
def last_mail(work: Callable[[], int], outbox: Read) -> Callable[[str], str]:
    """The e-mail to somebody that came since the last look: its text."""
    work()  # what the demo town itself sends
    seen: set[str] = {mail["Message-ID"] for mail in outbox()}

    def read(to: str) -> str:
        work()
        found = [mail for mail in outbox() if mail["To"] == to and mail["Message-ID"] not in seen]
        assert len(found) == 1, f"{len(found)} e-mails to {to}"
        seen.add(found[0]["Message-ID"])
        body = found[0].get_body(("plain",))
        assert body is not None
        return str(body.get_content()).replace("\r\n", "\n")

    return read


@pytest.fixture
def figures(last_mail: Callable[[str], str]) -> Callable[[str], str]:
    """The code in the newest e-mail to somebody."""
    return lambda to: code_in(last_mail(to))


def code_in(text: str) -> str:
    found = re.search(r"^(\d{3} \d{3})$", text, re.MULTILINE)
    assert found, text
    return found[1]


def a_door(browser: FlaskClient, text: str = "12 rue des tanneries") -> str:
    """The public id of the first address that somebody typing this is shown."""
    found = re.search(r"/join/you\?address=([\w-]{22})", browser.get("/join", query_string={"q": text}).text)
    assert found, text
    return found[1]


def form_of_camille(door: str, **other: str) -> dict[str, str]:
    return {
        "address": door,
        "first_name": "Camille",
        "last_name": "Durand",
        "email": "camille@exemple.fr",
        "password": WORDS,
        "charter": "y",
        **other,
    }


def settings_of(app: TownApp, **other: Any) -> Settings:
    """The settings of an app, but for some."""
    kept: Settings = app.extensions["towns"].settings
    return kept.model_copy(update=other)


@pytest.fixture
def strict_app(app: TownApp) -> Iterator[TownApp]:
    """The same town as production guards it: limits on tries, second factor for staff."""
    strict = create_app(settings_of(app, staff_2fa="on", rate_limits="on"))
    strict.extensions["limits"].storage.reset()
    yield strict
    strict.extensions["towns"].engines.close(DEMO_SLUG)


@pytest.fixture
def browse_strictly(strict_app: TownApp) -> Browse:
    return lambda: browser_of(strict_app)
