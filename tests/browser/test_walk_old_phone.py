"""PW-06: an old phone on a weak network lacks what is new, and reading, reporting and coming still work."""

import re

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from tests.browser.conftest import phone_of, sign_in
from tests.browser.pocket import PHOTOS, send, write
from tests.browser.served import Served

FIRST_VISIT = 100_000
"""Bytes on the wire of a first visit, PW-06."""

SECOND_GENERATION = {"offline": False, "latency": 800, "downloadThroughput": 35_000, "uploadThroughput": 32_000}
"""WebPageTest's « 2G »: 280 and 256 kbit/s, 800 ms there and back."""

OF_2020 = """
for (const name of ['indexedDB', 'caches', 'structuredClone', 'BroadcastChannel', 'PushManager', 'CSSLayerBlockRule'])
    delete window[name];
delete Navigator.prototype.serviceWorker; delete Navigator.prototype.storage; delete Navigator.prototype.locks;
delete Crypto.prototype.randomUUID; delete Array.prototype.at; delete Object.hasOwn;
delete Document.prototype.startViewTransition;
delete HTMLDialogElement.prototype.showModal; delete HTMLElement.prototype.showPopover; delete AbortSignal.timeout;
"""
"""What Safari of iOS 14 and WebViews of Android 8 lack, of all that our scripts might touch (caniuse.com)."""


def old(phone: BrowserContext) -> Page:
    """It knows neither layers of styles nor private methods: no style of ours and no htmx, and it says what breaks."""
    phone.add_init_script(OF_2020)
    phone.route(re.compile(r"\.css\b|/htmx\."), lambda route: route.abort())
    return phone.new_page()


def test_an_old_phone_reads_reports_and_comes(browser: Browser, served: Served) -> None:
    with phone_of(browser, service_workers="block") as phone:
        page, broken = old(phone), []
        phone.on("weberror", lambda error: broken.append(str(error.error)))
        sign_in(page, served, "odile")
        expect(page.get_by_role("heading", level=1)).to_be_visible()

        page.goto(served.url("/complaints/new"))
        write(page, "Le banc du lavoir est cassé, vu d’un vieux téléphone.", PHOTOS)
        send(page)
        expect(page.locator("main")).to_contain_text("Le banc du lavoir est cassé")
        expect(page.locator("main img").first).to_be_attached()

        page.goto(served.url("/associations/missions"))
        slot = page.locator("#slots button[name=slot]:not([form])")
        for mission in [link.get_attribute("href") or "" for link in page.locator("main a[href*='/missions/']").all()]:
            page.goto(served.url(mission))
            if slot.count():
                break
        slot.first.click()
        expect(page.locator("#slots")).to_contain_text("On vous attend")
        assert broken == []


def test_a_first_visit_on_2g_weighs_little_and_is_read(browser: Browser, served: Served) -> None:
    with phone_of(browser) as phone:
        page = phone.new_page()
        wire: CDPSession = phone.new_cdp_session(page)
        wire.send("Network.enable")
        wire.send("Network.emulateNetworkConditions", SECOND_GENERATION)
        weighed: list[float] = []
        wire.on("Network.loadingFinished", lambda done: weighed.append(done["encodedDataLength"]))
        page.goto(served.url("/"), wait_until="load")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate("typeof htmx") == "object", "all of it has come"
        assert 10_000 < sum(weighed) < FIRST_VISIT, weighed
