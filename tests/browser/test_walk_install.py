"""PW-01, PW-04: the town on a home screen, what its phone hands over, and leaving it without network."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, expect

from tests.browser.conftest import chromium_options, phone_of, sign_in, sign_out, worker_ready
from tests.browser.eventually import eventually
from tests.browser.kept import everything_kept, kept_pages, wait_until_kept
from tests.browser.pocket import PHOTOS, drawer, nudge, signed_in, wait_for, waiting
from tests.browser.proxy import DOWN, PASS, Network
from tests.browser.served import Served
from tests.cast import PASSWORD

SHARE = """async ([address, bytes, words]) => {
    const form = Object.assign(document.createElement('form'),
        { method: 'post', action: address, enctype: 'multipart/form-data' });
    const input = Object.assign(document.createElement('input'), { type: 'file', name: 'photos', multiple: true });
    const all = new DataTransfer();
    for (const [n, one] of bytes.entries()) {
        const pixels = Uint8Array.from(atob(one), letter => letter.charCodeAt(0));
        all.items.add(new File([pixels], `shared-${n}.jpg`, { type: 'image/jpeg' }));
    }
    input.files = all.files;
    const text = Object.assign(document.createElement('input'), { name: 'text', value: words });
    form.append(input, text);
    document.body.append(form);
    form.submit();
}"""
"""What a phone does when somebody chooses the town in the menu of its gallery."""


@pytest.fixture
def phone(browser: Browser, network: Network) -> Iterator[BrowserContext]:
    """Odile's, signed in."""
    with phone_of(browser) as found:
        signed_in(found, network, "odile")
        yield found
        network.mode = PASS


def test_chromium_finds_nothing_that_keeps_the_town_from_being_installed(
    browser_type: BrowserType, served: Served, tmp_path: Path
) -> None:
    """Not in a private window: a browser with a folder of its own, as on somebody's computer."""
    context = browser_type.launch_persistent_context(str(tmp_path), locale="fr-FR", **chromium_options())
    page = context.pages[0]
    page.goto(served.url("/"))
    worker_ready(page)
    tools = context.new_cdp_session(page)
    assert tools.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
    manifest = tools.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert "Saint-Loup-des-Tilleuls" in manifest["data"]
    context.close()


def test_the_home_screen_is_offered_on_the_third_day_and_refused_once(browser: Browser, served: Served) -> None:
    with phone_of(browser) as phone:
        page = phone.new_page()
        invite = page.locator("[data-invite]")
        asks = "() => dispatchEvent(Object.assign(new Event('beforeinstallprompt'), { prompt() {} }))"
        for days, seen in ((0, False), (2, True)):
            page.goto(served.url("/"))
            page.evaluate(f"localStorage.days = 'before {days}'")
            page.reload()
            eventually(page, "performance.getEntriesByType('resource').some(one => one.name.includes('/outbox.js'))")
            page.wait_for_timeout(200)
            page.evaluate(asks)
            expect(invite).to_be_visible(visible=seen)
        page.get_by_role("button", name="Non, merci").click()
        expect(invite).to_have_count(0)
        page.evaluate("localStorage.days = 'before 30'")
        page.reload()
        eventually(page, "performance.getEntriesByType('resource').some(one => one.name.includes('/outbox.js'))")
        page.wait_for_timeout(200)
        page.evaluate(asks)
        expect(invite).to_be_hidden()


def test_photos_shared_from_the_gallery_start_a_report_without_network(phone: BrowserContext, network: Network) -> None:
    page = phone.new_page()
    page.goto(network.url("/help"))
    bytes_ = [base64.b64encode(photo["buffer"]).decode() for photo in PHOTOS]
    with network.failing(DOWN):
        page.evaluate(SHARE, ["/share", bytes_, "Vu ce matin"])
        expect(page).to_have_url(re.compile("/complaints/new$"))
        expect(page.locator("textarea[name=words]")).to_have_value("Vu ce matin")
        assert page.evaluate("document.querySelector('input[type=file]').files.length") == 2
        page.locator("input[name=category]").first.check()
        page.fill("input[name=where]", "place du Tilleul")
        page.locator("input[name=readers]").first.check()
        page.locator("#report button[type=submit]").last.click()
        expect(page.locator("[data-outbox-list] article")).to_contain_text("Vu ce matin")
    nudge(page)
    wait_for(page, lambda: waiting(page) == 0)
    body = next(body for path, body in reversed(network.sent) if path == "/complaints/new")
    assert all(photo["buffer"] in body for photo in PHOTOS)
    page.goto(network.url("/complaints/new"))
    expect(page.locator("textarea[name=words]")).to_have_value("")


def test_signing_out_without_network_empties_the_phone_at_once_and_ends_the_session_at_the_next_contact(
    phone: BrowserContext, network: Network
) -> None:
    """T14: nobody who picks the phone up reads what was Odile's, before or after the network is back."""
    page = phone.new_page()
    page.goto(network.url("/account/"))
    wait_until_kept(page, "/account/")
    with network.failing(DOWN):
        page.goto(network.url("/account/"))
        page.get_by_role("button", name="Me déconnecter").click()
        expect(page.locator("[data-left]")).to_be_visible()
        assert kept_pages(page, " private ") == []
        assert "Odile" not in everything_kept(page)
        page.goto(network.url("/account/"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Pas de réseau")
    cookies = [cookie["value"] for cookie in phone.cookies() if cookie["name"] == "s"]
    page.goto(network.url("/account/"))
    expect(page).to_have_url(re.compile("/login"))
    assert drawer(page, "drafts") == []
    assert [cookie["value"] for cookie in phone.cookies() if cookie["name"] == "s"] != cookies
    assert [path for path, _body in network.sent].count("/logout") == 1


def test_leaving_is_told_when_the_network_is_back_though_nobody_looks_at_a_page(
    phone: BrowserContext, network: Network
) -> None:
    network.sent.clear()
    page: Page = phone.new_page()
    page.goto(network.url("/account/"))
    wait_until_kept(page, "/account/")
    with network.failing(DOWN):
        page.get_by_role("button", name="Me déconnecter").click()
        expect(page.locator("[data-left]")).to_be_visible()
    eventually(page, "performance.getEntriesByType('resource').some(one => one.name.includes('/outbox.js'))")
    page.evaluate("dispatchEvent(new Event('online'))")
    wait_for(page, lambda: "/logout" in [path for path, _body in network.sent])
    wait_for(page, lambda: drawer(page, "drafts") == [])


def test_karim_takes_the_phone_of_the_house_after_odile_and_finds_none_of_her_pages(
    browser: Browser, network: Network
) -> None:
    """PW-08: changed over in two taps; each has pages of their own, and what waits is sent by whoever wrote it."""
    with phone_of(browser) as phone:
        signed_in(phone, network, "karim")
        page = phone.new_page()
        page.goto(network.url("/account/pin"))
        page.fill("input[name=pin]", "7294")
        page.fill("input[name=password]", PASSWORD)
        page.get_by_role("button", name="Garder ce code secret").click()
        expect(page).to_have_url(re.compile("/account/sessions$"))
        sign_out(page, network)
        sign_in(page, network, "odile")
        page.goto(network.url("/account/"))
        wait_until_kept(page, "/account/")
        assert "Marchetti" in everything_kept(page)
        page.get_by_role("link", name="Au tour de quelqu’un d’autre").click()
        expect(page.locator("details")).to_have_count(1)
        page.locator("main input[name=pin]").fill("7294")
        page.get_by_role("button", name="Entrer").click()
        expect(page).to_have_url(network.url("/"))
        wait_until_kept(page, "/")
        assert "Marchetti" not in everything_kept(page)
        owner = page.evaluate("document.querySelector('meta[name=owner]').content")
        shelves = page.evaluate("caches.keys().then(names => names.filter(name => name.includes(' private ')))")
        assert [name.rpartition(" ")[2] for name in shelves] == [owner]
