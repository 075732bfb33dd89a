"""A push service, and phones of the cast that ring."""

from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient

from tests import push_service
from tests.conftest import Browse
from tests.push_service import Phone, PushService
from tests.townhall.conftest import claire, letters, told
from town.commons.notices.push import keys
from town.demo import DEMO_SLUG
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

__all__ = ["claire", "letters", "told"]

Ring = Callable[..., Phone]


@pytest.fixture
def service(app: TownApp) -> Iterator[PushService]:
    """The push service that every phone of a test uses, known to the town by its setting."""
    settings = app.extensions["towns"].settings
    with push_service.running() as service:
        settings.push_service = service.origin
        yield service
        settings.push_service = None


@pytest.fixture
def vapid(app: TownApp) -> str:
    """The demo town's public key."""
    with enter(app, DEMO_SLUG):
        return keys.current().public


@pytest.fixture
def ring_on(service: PushService, vapid: str) -> Ring:
    """`ring_on(browser)`: a new phone rings for whoever is signed in there, or follows places without account."""

    def subscribe(browser: FlaskClient, phone: Phone | None = None, **choice: object) -> Phone:
        phone = phone or service.phone(vapid)
        answer = browser.post(
            "/push/phones",
            data={"subscription": phone.said, "vapid": phone.vapid, **(choice or {"official": "y", "direct": "y"})},
            headers={"Accept": "application/json"},
        )
        assert answer.status_code == 201, answer.text
        return phone

    return subscribe


@pytest.fixture
def follow(browse: Browse, ring_on: Ring) -> Ring:
    """A phone without account that follows the whole town, or `scope="places"` with quarters and a street."""

    def subscribe(**choice: object) -> Phone:
        return ring_on(browse(), **{"scope": "town", **choice})

    return subscribe
