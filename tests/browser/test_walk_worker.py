"""The worker on a phone over the months: new versions, pages that age, pages that are taken down."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import worker_ready
from tests.browser.eventually import eventually
from tests.browser.kept import kept_pages, wait_until_kept
from tests.browser.served import Served
from town.demo import DEMO_SLUG
from town.kernel.registry import Registry

Visit = Callable[..., Page]

LOOK_FOR_A_NEW_VERSION = "navigator.serviceWorker.getRegistration().then(found => found.update()).then(() => null)"
GENERATIONS = "caches.keys().then(names => names.filter(name => name.includes(' files ')))"


@contextmanager
def the_town_says(served: Served, **profile: Any) -> Iterator[None]:
    """The town is changed while it is served, and put back."""
    registry = Registry(served.instance / "registry.sqlite")
    before = registry.town(DEMO_SLUG)
    registry.change(DEMO_SLUG, **profile)
    try:
        yield
    finally:
        registry.change(DEMO_SLUG, hue=before.hue, features_off=sorted(before.features_off))
        registry.close()


def test_a_new_version_waits_asks_and_loads_the_page_once(served: Served, visit: Visit) -> None:
    page = visit()
    page.goto(served.url("/"))
    worker_ready(page)
    asked = page.locator("[data-update]")
    loads: list[str] = []
    with the_town_says(served, hue=30):
        page.evaluate(LOOK_FOR_A_NEW_VERSION)
        expect(asked).to_be_visible()
        assert len(page.evaluate(GENERATIONS)) == 2
        page.on("load", lambda: loads.append(page.url))
        asked.get_by_role("button").click()
        expect(asked).to_be_hidden()
        eventually(page, "navigator.serviceWorker.controller?.state === 'activated'")
        page.wait_for_timeout(1000)  # long enough for a second load to show itself
    assert len(loads) == 1


def test_nobody_is_asked_about_versions_while_writing(served: Served, visit: Visit) -> None:
    page = visit()
    page.goto(served.url("/login"))
    worker_ready(page)
    page.locator('main input[name="email"]').press_sequentially("odile@")
    with the_town_says(served, hue=60):
        page.evaluate(LOOK_FOR_A_NEW_VERSION)
        eventually(page, "navigator.serviceWorker.getRegistration().then(found => Boolean(found.waiting))")
        expect(page.locator("[data-update]")).to_be_hidden()
        assert page.locator('main input[name="email"]').input_value() == "odile@"


def test_the_files_of_the_version_before_stay_for_saved_pages(served: Served, visit: Visit) -> None:
    page = visit()
    page.goto(served.url("/"))
    worker_ready(page)
    generations = [page.evaluate(GENERATIONS)]
    for hue in (90, 120):
        with the_town_says(served, hue=hue):
            page.evaluate(LOOK_FOR_A_NEW_VERSION)
            with page.expect_navigation():
                page.locator("[data-update] button").click()
            eventually(page, "navigator.serviceWorker.controller?.state === 'activated'")
            generations.append(page.evaluate(GENERATIONS))
    first, second, third = generations
    assert len(first) == 1
    assert second[:1] == first
    assert third[:1] == second[1:], "of three versions the oldest goes"
    assert len(third) == 2


def test_a_page_taken_down_is_not_read_from_the_phone_for_ever(served: Served, visit: Visit) -> None:
    page = visit()
    page.goto(served.url("/"))
    worker_ready(page)
    for address in ("/town-hall/", "/town-hall/?before=0-0"):
        page.goto(served.url(address))
        wait_until_kept(page, address)
    with the_town_says(served, features_off=["townhall"]):
        answer = page.goto(served.url("/town-hall/"))
        assert answer is not None
        assert answer.status == 404
        page.goto(served.url("/"))
        assert "/town-hall/" not in kept_pages(page), "with any filter"


def test_what_moderators_hide_leaves_the_phone_at_its_next_contact(served: Served, visit: Visit) -> None:
    """AD-02: not only the page itself, asked for again, but the lists that show it; whatever is opened next."""
    page = visit()
    page.goto(served.url("/"))
    worker_ready(page)
    page.goto(served.url("/shops/"))
    bakery = page.locator("main a").filter(has_text="Boulangerie Moreau").get_attribute("href") or ""
    page.goto(served.url(bakery))
    page.goto(served.url("/privacy"))
    for path in ("/shops/", bakery, "/privacy"):
        wait_until_kept(page, path)
    with closing(sqlite3.connect(served.instance / "towns" / DEMO_SLUG / "town.sqlite", timeout=30)) as town, town:
        held = "INSERT INTO hold (thing, public_id, why, at) VALUES ('shops_shop', ?, 'pending', datetime('now'))"
        town.execute(held, (bakery.rpartition("/")[2],))
    workers = page.context.new_cdp_session(page)
    workers.send("ServiceWorker.enable")
    workers.send("ServiceWorker.stopAllWorkers")  # it sleeps between two contacts, and looks when it wakes
    page.goto(served.url("/accessibility"))
    eventually(page, "async path => !await caches.match(path, { ignoreVary: true })", arg=bakery)
    eventually(page, "async path => !await caches.match(path, { ignoreVary: true })", arg="/shops/")
    assert "/privacy" in kept_pages(page)


def test_what_was_saved_long_ago_is_not_shown_as_the_town_of_today(served: Served, visit: Visit) -> None:
    page = visit()
    page.goto(served.url("/"))
    worker_ready(page)
    page.evaluate(
        """async () => {
            const name = (await caches.keys()).find(one => one.endsWith(' public'));
            const shelf = await caches.open(name);
            const longAgo = new Date(Date.now() - 40 * 24 * 3600 * 1000).toISOString();
            const headers = { 'Content-Type': 'text/html', 'X-Saved-At': longAgo };
            await shelf.put('/help', new Response('<h1>Last spring</h1>', { headers }));
        }"""
    )
    page.context.set_offline(True)
    page.goto(served.url("/help"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Pas de réseau")


def test_a_phone_keeps_sixty_pages_and_lets_the_oldest_go(served: Served, visit: Visit) -> None:
    page = visit()
    page.goto(served.url("/"))
    worker_ready(page)
    stocked = page.evaluate("fetch('/offline/pages').then(answer => answer.json()).then(answer => answer.pages)")
    for path in stocked:
        wait_until_kept(page, path)
    for n in range(70):  # one lies on the shelf before the next is asked for: the order is what is looked at
        page.evaluate(
            "path => fetch(path, { headers: { 'HX-Request-Type': 'full' } }).then(answer => answer.text())",
            f"/offline?n={n}",
        )
        eventually(page, f"caches.match('/offline?n={n}', {{ ignoreVary: true }}).then(Boolean)")
    eventually(page, "caches.match('/offline?n=9', { ignoreVary: true }).then(early => !early)")
    kept = kept_pages(page, " public")
    assert len(kept) <= 60
    assert kept.count("/offline") == 60, "the first visit's pages were the oldest"
