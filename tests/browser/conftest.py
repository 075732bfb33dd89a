"""Walks in a real Chromium: two towns served as `town serve` does, and people who sign in by the real form."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.eventually import eventually
from tests.browser.proxy import Network
from tests.browser.served import Served
from tests.cast import CAST, PASSWORD
from town.demo import DEMO_SLUG
from town.kernel.registry import Registry

HERE = Path(__file__).parent
SECOND_SLUG = "bourg-d-en-face"
FLAGS = ["--disable-background-networking", "--disable-component-update", "--no-first-run"]
NO_SANDBOX = "--no-sandbox"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)


def chromium_options() -> dict[str, Any]:
    """How Chromium is started here: the system's own, and without its sandbox only where root leaves no choice."""
    found = shutil.which("chromium")
    return {
        **({"executable_path": found} if found else {}),
        "args": FLAGS + ([NO_SANDBOX] if os.getuid() == 0 else []),
    }


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, **chromium_options()}


@pytest.fixture(scope="session")
def two_towns(filled_instance: Path, demo_database: str | None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo town, and a second one with the same people in another colour: what is told apart must be the town."""
    if demo_database:
        pytest.skip("walks are for the browser's sake: once, on towns in files")
    instance = tmp_path_factory.mktemp("two-towns")
    shutil.copytree(filled_instance, instance, dirs_exist_ok=True)
    registry = Registry(instance / "registry.sqlite")
    profile = {"name": "Bourg-d’en-Face", "insee": "99002", "language": "fr", "hue": 150, "chroma": 0.09}
    registry.add(SECOND_SLUG, ["town-b.localhost"], profile)
    registry.close()
    shutil.copytree(instance / "towns" / DEMO_SLUG, instance / "towns" / SECOND_SLUG)
    return instance


@pytest.fixture(scope="module")
def served(two_towns: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Both towns, on a fresh copy for each file of walks. The server must not have broken on the way."""
    instance = tmp_path_factory.mktemp("served")
    shutil.copytree(two_towns, instance, dirs_exist_ok=True)
    towns = Served(instance)
    towns.start()
    try:
        yield towns
    finally:
        towns.stop()
    assert towns.broken() == []


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`visit()` opens a browser of its own, as another phone: its cookies and saved pages are its own."""
    with ExitStack() as opened:
        yield lambda **options: opened.enter_context(phone_of(browser, **options)).new_page()


@contextmanager
def phone_of(browser: Browser, **options: Any) -> Iterator[BrowserContext]:
    """A phone, for a while."""
    context = browser.new_context(**{"viewport": {"width": 390, "height": 844}, "locale": "fr-FR", **options})
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture(scope="module")
def network(served: Served) -> Iterator[Network]:
    """What stands between a phone and the towns, and may fail."""
    found = Network(served.port)
    yield found
    found.stop()


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """A walk waits for what it expects as long as that may take on a machine that has other work."""
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)


def email_of(name: str) -> str:
    return next(part.email for part in CAST if part.key == name)


def sign_in(page: Page, served: Served | Network, name: str, town: str = "saint-loup") -> None:
    """Sign in as somebody of the cast, by the form that everybody uses."""
    page.goto(served.url("/login?password=1", town))
    page.fill('main input[name="email"]', email_of(name))
    page.fill('main input[name="password"]', PASSWORD)
    page.locator('main form:has(input[name="password"]) button:not([type="button"])').click()
    expect(page).not_to_have_url(re.compile("/login"))


def sign_out(page: Page, served: Served | Network, town: str = "saint-loup") -> None:
    page.goto(served.url("/logout", town))
    page.locator('main form[action="/logout"] button').click()
    expect(page.locator("header .enter")).to_be_visible()


def worker_ready(page: Page) -> None:
    """Wait until the service worker looks after this page, once more if it was being opened while the worker began."""
    page.evaluate("navigator.serviceWorker.ready")
    if not page.evaluate("navigator.serviceWorker.controller !== null || new Promise(done => setTimeout(done, 500))"):
        page.reload()
    eventually(page, "navigator.serviceWorker.controller !== null")
