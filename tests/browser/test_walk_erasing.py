"""LG-01: Lucas takes his data along, then erases himself; without JavaScript, as with it."""

import json
from collections.abc import Callable
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import email_of, sign_in
from tests.browser.eventually import eventually
from tests.browser.kept import kept_pages, wait_until_kept
from tests.browser.served import Served
from tests.cast import PASSWORD

DRAWERS = """async () => {
    const asked = indexedDB.open('outbox');
    const box = await new Promise(done => { asked.onsuccess = () => done(asked.result); });
    const whose = {};
    for (const store of box.objectStoreNames) {
        whose[store] = await new Promise(done => {
            box.transaction(store).objectStore(store).getAll().onsuccess = event => done(event.target.result);
        }).then(all => all.map(one => one.owner).sort());
    }
    box.close();
    return whose;
}"""
"""Whose things lie in each store of the phone's drawer."""

WAITING = """async ([owner, other]) => {
    const asked = indexedDB.open('outbox');
    const box = await new Promise(done => { asked.onsuccess = () => done(asked.result); });
    const turn = box.transaction(['items', 'sent', 'drafts'], 'readwrite');
    const put = (store, owner) => turn.objectStore(store).put({ id: `${owner} ${store}`, owner, url: '/x',
        page: '/help', kind: 'loan', title: 'T', thread: '', fields: [], files: [], written: 1, at: Date.now(),
        state: 'refused' });
    for (const whose of [owner, other]) for (const store of ['items', 'sent']) put(store, whose);
    put('drafts', other);
    await new Promise(done => { turn.oncomplete = done; });
    box.close();
}"""
"""Something of two people waits on this phone, and something that each has sent."""


@pytest.mark.parametrize("name", ["lucas", "theo"], ids=["Lucas with JavaScript", "Théo without"])
def test_a_resident_takes_his_data_and_goes(served: Served, visit: Callable[..., Page], name: str) -> None:
    page = visit(java_script_enabled=name == "lucas", accept_downloads=True)
    sign_in(page, served, name)
    page.goto(served.url("/account/"))
    page.get_by_role("link", name="Emporter une copie").click()
    with page.expect_download() as coming:
        page.get_by_role("button", name="Télécharger mes données").click()
    with ZipFile(coming.value.path()) as copy:
        said = json.loads(copy.read("data.json"))
        assert said["parts"]["account"]["rows"][0]["email"] == email_of(name)
        assert "Mes données à Saint-Loup" in copy.read("index.html").decode()

    page.goto(served.url("/account/"))
    page.get_by_role("link", name="Effacer mon compte").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Effacer mon compte")
    page.get_by_role("button", name="Effacer mon compte").click()
    expect(page.get_by_role("alert")).to_be_visible()
    if name == "lucas":
        page.evaluate("navigator.serviceWorker.ready")
        page.goto(served.url("/lending/loans"))
        wait_until_kept(page, "/lending/loans")
        page.goto(served.url("/complaints/new"))
        owner = page.locator('meta[name="owner"]').get_attribute("content")
        page.fill("textarea[name=words]", "Le banc de la place penche.")
        eventually(page, f"({DRAWERS})().then(whose => whose.drafts?.length)")
        page.evaluate(WAITING, [owner, "theo"])
        page.goto(served.url("/account/erase"))
    page.locator('input[name="when"][value="now"]').check()
    page.locator('input[name="understood"]').check()
    page.get_by_role("button", name="Effacer mon compte").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Au revoir")
    if name == "lucas":
        assert kept_pages(page, " private ") == [], "nothing of his is left on the phone"
        eventually(page, f"({DRAWERS})().then(whose => Object.values(whose).every(all => all.join() === 'theo'))")

    page.goto(served.url("/account/"))
    expect(page).to_have_url(served.url("/login?next=/account/"))
    page.fill('main input[name="email"]', email_of(name))
    page.fill('main input[name="password"]', PASSWORD)
    page.locator('main form:has(input[name="password"]) button:not([type="button"])').click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Vous revenez")
