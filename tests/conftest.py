"""What every test may ask for: the app with its demo town, a browser for anybody of the cast, the worker, the mail."""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.cast import person_named
from tests.client import browser_of
from town import create_app
from town.commons.people.models import SessionRow
from town.commons.people.sessions import IDLE, token_hash
from town.demo import DEMO_SLUG, open_demo_town
from town.kernel.db import db, now
from town.kernel.jobs import run_due
from town.kernel.registry import Town
from town.kernel.tenancy import enter
from town.kernel.web import TownApp
from town.settings import Settings

os.environ.pop("TOWN_DATABASE_URL", None)

Browse = Callable[..., FlaskClient]


@pytest.fixture(scope="session")
def filled_instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance folder whose demo town was opened once; every test works on a copy of its file."""
    instance = tmp_path_factory.mktemp("filled")
    open_demo_town(create_app(_settings(instance)))
    return instance


def _settings(instance: Path, **more: object) -> Settings:
    return Settings(env="development", instance=instance, staff_2fa="off", rate_limits="off", **more)  # type: ignore[arg-type]  # keyword settings


@pytest.fixture(scope="session")
def app_of_the_session(filled_instance: Path, tmp_path_factory: pytest.TempPathFactory) -> TownApp:
    instance = tmp_path_factory.mktemp("instance")
    shutil.copytree(filled_instance, instance, dirs_exist_ok=True)
    return create_app(_settings(instance))


@pytest.fixture
def app(app_of_the_session: TownApp, filled_instance: Path) -> Iterator[TownApp]:
    """The application, its demo town as on opening day."""
    towns = app_of_the_session.extensions["towns"]
    towns.engines.close()
    folder = towns.folder(DEMO_SLUG)
    shutil.rmtree(folder)
    shutil.copytree(filled_instance / "towns" / DEMO_SLUG, folder)
    towns.registry.change(DEMO_SLUG, features_off=[])
    yield app_of_the_session
    towns.engines.close()


@pytest.fixture
def town(app: TownApp) -> Iterator[Town]:
    """Work inside the demo town, as a command would."""
    with enter(app, DEMO_SLUG) as opened:
        yield opened


@pytest.fixture
def browse(app: TownApp) -> Browse:
    """`browse("karim")` is Karim's browser, signed in; `browse()` is anybody's."""

    def open_browser(name: str | None = None, host: str = "localhost") -> FlaskClient:
        browser = browser_of(app, host)
        if name is not None:
            token = secrets.token_urlsafe(32)
            with enter(app, DEMO_SLUG):
                account = person_named(name).account
                assert account is not None
                db.session.add(
                    SessionRow(
                        token_hash=token_hash(token),
                        account_id=account.id,
                        data=f'{{"account_id": {account.id}}}',
                        expires_at=now() + IDLE,
                    )
                )
                db.session.commit()
            browser.set_cookie("s", token, domain=host)
            browser.environ_base["HTTP_X_CSRF_TOKEN"] = _csrf(app, token)
        return browser

    return open_browser


def _csrf(app: TownApp, token: str) -> str:
    import hashlib
    import hmac

    secret = hashlib.sha256(token.encode()).hexdigest()
    key = app.extensions["towns"].settings.key().encode()
    return hmac.new(key, f"csrf:{secret}".encode(), hashlib.sha256).hexdigest()


@pytest.fixture
def work(app: TownApp) -> Callable[[], int]:
    """The worker looks after the demo town once: `work()` does what is due and says how much that was."""
    return lambda: run_due(app, DEMO_SLUG)


@pytest.fixture
def outbox(app: TownApp) -> Callable[[], list[EmailMessage]]:
    """The e-mails that the demo town has sent, oldest first."""

    def read() -> list[EmailMessage]:
        folder = app.extensions["towns"].folder(DEMO_SLUG) / "mail"
        files = sorted(folder.glob("*.eml"))
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]  # type: ignore[misc]  # policy.default gives EmailMessage

    return read
