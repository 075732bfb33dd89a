"""A phone without network: what was read stays readable and says since when; what is private leaves with its owner."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.conftest import chromium_options, sign_in, sign_out, worker_ready
from tests.browser.eventually import eventually
from tests.browser.kept import everything_kept, kept_pages, wait_until_kept
from tests.browser.served import Served

Visit = Callable[..., Page]
Network = Callable[..., None]


@pytest.fixture
def network(served: Served) -> Iterator[Network]:
    """`network(page, False)` takes the phone's network away; `server=False` the town's server with it."""

    def switch(page: Page, there: bool, server: bool = True) -> None:
        page.context.set_offline(not there)
        if server and served.process is None:
            served.start()
        if not server:
            served.stop()

    yield switch
    if served.process is None:
        served.start()


def test_a_visitor_reads_without_network_what_was_read_before(served: Served, visit: Visit, network: Network) -> None:
    page = visit()
    page.goto(served.url("/"))
    worker_ready(page)
    page.goto(served.url("/privacy"))
    expect(page.locator("[data-saved]")).to_be_hidden()
    wait_until_kept(page, "/privacy")
    wait_until_kept(page, "/emergencies")
    network(page, False, server=False)
    for path in ("/privacy", "/", "/?who=townhall", "/emergencies"):  # nobody opened the last one
        page.goto(served.url(path))
        banner = page.locator("[data-saved]")
        expect(banner).to_be_visible()
        expect(banner).to_contain_text(re.compile(r"Page enregistrée le \d+ \S+ à \d+ h \d\d"))
        expect(page.locator("h1")).to_be_visible()
        assert page.evaluate("getComputedStyle(document.querySelector('.plate')).backgroundColor") != "rgba(0, 0, 0, 0)"


def test_a_page_never_opened_is_answered_with_what_can_be_read(served: Served, visit: Visit, network: Network) -> None:
    page = visit()
    page.goto(served.url("/"))
    worker_ready(page)
    network(page, False)
    page.goto(served.url("/accessibility"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Pas de réseau")
    readable = page.locator("[data-kept] a")
    expect(readable.first).to_be_visible()
    addresses = {link.get_attribute("href") for link in readable.all()}
    assert "/" in addresses
    page.locator('[data-kept] a[href="/"]').click()
    expect(page.locator("[data-saved]")).to_be_visible()
    network(page, True)
    page.locator("[data-saved] a").click()
    expect(page.locator("[data-saved]")).to_be_hidden()


def test_a_slow_town_shows_the_saved_page(served: Served, visit: Visit) -> None:
    """Its process sleeps: connections open, and nothing comes."""
    import signal

    page = visit()
    page.goto(served.url("/"))
    worker_ready(page)
    page.goto(served.url("/help"))
    wait_until_kept(page, "/help")
    assert served.process is not None
    served.process.send_signal(signal.SIGSTOP)
    try:
        page.goto(served.url("/help"))
        expect(page.locator("[data-saved]")).to_be_visible()
    finally:
        served.process.send_signal(signal.SIGCONT)


def test_odile_reads_her_own_pages_without_network_until_she_signs_out(
    served: Served, visit: Visit, network: Network
) -> None:
    page = visit()
    page.goto(served.url("/"))
    worker_ready(page)
    sign_in(page, served, "odile")
    for path in ("/", "/town-hall/", "/account/"):
        page.goto(served.url(path))
        wait_until_kept(page, path)
    assert {"/", "/town-hall/", "/account/"} <= set(kept_pages(page, " private "))
    network(page, False)
    for path in ("/account/", "/town-hall/", "/"):
        page.goto(served.url(path))
        expect(page.locator("[data-saved]")).to_be_visible()
        expect(page.locator("header")).to_contain_text("Odile")

    network(page, True)
    page.goto(served.url("/account/"))
    sign_out(page, served)
    assert kept_pages(page, " private ") == []
    assert "Odile" not in everything_kept(page)
    network(page, False)
    page.goto(served.url("/account/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Pas de réseau")
    expect(page.locator("body")).not_to_contain_text("Odile")
    page.goto(served.url("/"))
    expect(page.locator("header")).not_to_contain_text("Odile")


def test_the_back_button_after_signing_out_asks_to_sign_in(served: Served, visit: Visit) -> None:
    page = visit()
    page.goto(served.url("/"))
    worker_ready(page)
    sign_in(page, served, "odile")
    page.goto(served.url("/account/"))
    expect(page.locator("header")).to_contain_text("Odile")
    sign_out(page, served)
    for _ in range(2):  # over the question whether to sign out, to the private page
        page.go_back()
        expect(page.locator("body")).not_to_contain_text("Odile")
    expect(page).to_have_url(re.compile("/login"))


@pytest.fixture
def page_in_memory(playwright: Playwright) -> Iterator[Page]:
    """A page of a browser that holds whole pages in its memory for the back button, which Playwright's do not."""
    ours = playwright.chromium.launch(**chromium_options(), ignore_default_args=["--disable-back-forward-cache"])
    page = ours.new_context(locale="fr-FR").new_page()
    page.add_init_script("addEventListener('pageshow', event => { window.cameFromMemory = event.persisted; });")
    yield page
    ours.close()


def test_a_page_from_the_browsers_memory_is_shown_to_its_owner_alone(served: Served, page_in_memory: Page) -> None:
    page = page_in_memory
    sign_in(page, served, "odile")
    worker_ready(page)
    page.goto(served.url("/account/"))
    page.goto(served.url("/help"))
    page.go_back(wait_until="commit")
    eventually(page, "window.cameFromMemory === true")
    expect(page.locator("header")).to_be_visible()
    expect(page.locator("header")).to_contain_text("Odile")

    page.goto(served.url("/help"))
    page.context.clear_cookies()  # her session ends
    page.go_back(wait_until="commit")
    expect(page).to_have_url(re.compile("/login"))
    expect(page.locator("body")).not_to_contain_text("Odile")


def test_karim_on_the_same_phone_finds_nothing_of_odile(served: Served, visit: Visit, network: Network) -> None:
    page = visit()
    sign_in(page, served, "odile")
    worker_ready(page)
    page.goto(served.url("/account/"))
    wait_until_kept(page, "/account/")
    page.context.clear_cookies()  # her session ends without a word: an expired one, a cookie lost
    sign_in(page, served, "karim")
    page.goto(served.url("/"))
    wait_until_kept(page, "/")
    assert kept_pages(page, " private ") == ["/"]
    assert "Odile M" not in page.locator("header").inner_text()
    network(page, False)
    page.goto(served.url("/account/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Pas de réseau")
    page.goto(served.url("/"))
    expect(page.locator("header")).to_contain_text("Karim")


def test_a_session_that_ended_elsewhere_takes_its_pages_along(served: Served, visit: Visit) -> None:
    page = visit()
    sign_in(page, served, "odile")
    worker_ready(page)
    page.goto(served.url("/account/"))
    wait_until_kept(page, "/account/")
    page.context.clear_cookies()
    page.goto(served.url("/"))
    expect(page.locator("header .enter")).to_be_visible()
    assert kept_pages(page, " private ") == []


def test_another_tab_notices_that_somebody_signed_out(served: Served, visit: Visit) -> None:
    page = visit()
    sign_in(page, served, "odile")
    worker_ready(page)
    other = page.context.new_page()
    other.goto(served.url("/account/"))
    worker_ready(other)
    expect(other.locator("header")).to_contain_text("Odile")
    sign_out(page, served)
    expect(other).to_have_url(re.compile("/login"))


def test_sign_in_pages_and_tokens_are_never_kept(served: Served, visit: Visit) -> None:
    page = visit()
    page.goto(served.url("/"))
    worker_ready(page)
    for path in ("/login", "/login/forgotten", "/nothing-at-all"):
        page.goto(served.url(path))
    page.goto(served.url("/help"))
    wait_until_kept(page, "/help")
    assert [path for path in kept_pages(page) if path.startswith(("/login", "/nothing"))] == []


def test_fragments_lie_apart_from_pages(served: Served, visit: Visit, network: Network) -> None:
    page = visit()
    page.goto(served.url("/"))
    worker_ready(page)
    page.goto(served.url("/"))
    ask = """async target => {
        const headers = { 'HX-Request': 'true', 'HX-Target': 'section#' + target };
        const answer = await fetch('/?who=townhall', { headers });
        return [answer.status, answer.headers.get('HX-Trigger'), await answer.text()];
    }"""
    status, trigger, fragment = page.evaluate(ask, "feed")
    assert (status, trigger) == (200, None)
    assert "<html" not in fragment
    eventually(page, "async () => (await caches.keys()).some(name => name.endsWith(' fragments'))")
    network(page, False)
    assert page.evaluate(ask, "feed") == [200, "app:offline", fragment]
    assert page.evaluate(ask, "older") == [204, "app:offline", ""], "nothing is swapped when nothing was kept"
    page.goto(served.url("/?who=townhall"))
    assert page.locator("html").count() == 1
    expect(page.locator("header.plate")).to_be_visible()


def test_two_towns_keep_apart_on_one_phone(served: Served, visit: Visit) -> None:
    page = visit()
    sign_in(page, served, "odile")
    worker_ready(page)
    page.goto(served.url("/account/"))
    page.goto(served.url("/", town="town-b"))
    expect(page.locator("header .enter")).to_be_visible()
    expect(page.locator("header .town")).to_contain_text("Bourg-d’en-Face")
    sign_in(page, served, "odile", town="town-b")
    page.goto(served.url("/"))
    expect(page.locator("header")).to_contain_text("Odile")
