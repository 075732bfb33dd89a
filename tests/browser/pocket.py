"""A phone in somebody's pocket, on a network that fails: what waits in its outbox, and what the town got of it."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import sign_in, worker_ready
from tests.browser.kept import wait_until_kept
from tests.browser.proxy import DOWN, Network

DRAWER = """async ([store, work]) => {
    const asked = indexedDB.open('outbox');
    const box = await new Promise((done, failed) => { asked.onsuccess = () => done(asked.result);
        asked.onerror = () => failed(asked.error); asked.onupgradeneeded = () => asked.transaction.abort(); });
    const found = box.transaction(store, 'readwrite').objectStore(store);
    const all = await new Promise(done => { found.getAll().onsuccess = event => done(event.target.result); });
    if (work === 'empty') found.clear();
    else if (work !== null) for (const item of all) found.put({ ...item, after: work });
    await new Promise(done => { found.transaction.oncomplete = done; });
    box.close();
    return all.map(one => [JSON.stringify(one.fields), one.files?.length, one.state]);
}"""
"""What lies in a store of the phone's drawer. A moment becomes the next try of each; « empty » empties it."""


def photo(size: tuple[int, int] = (900, 600)) -> bytes:
    made = BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(made, "JPEG", quality=60)
    return made.getvalue()


PHOTOS = [{"name": f"photo-{n}.jpg", "mimeType": "image/jpeg", "buffer": photo()} for n in (1, 2)]


def signed_in(phone: BrowserContext, network: Network, who: str) -> None:
    """Somebody signs in; the worker looks after their pages and has kept those of the outbox."""
    page = phone.new_page()
    page.goto(network.url("/login"))
    worker_ready(page)
    sign_in(page, network, who)
    for path in ("/complaints/new", "/outbox"):
        page.goto(network.url(path))
        worker_ready(page)
        wait_until_kept(page, path)
    page.close()


def write(page: Page, words: str, photos: list[dict[str, Any]] = PHOTOS, where: str = "place du Tilleul") -> None:
    page.locator("input[name=category]").first.check()
    page.fill("input[name=where]", where)
    page.fill("textarea[name=words]", words)
    page.locator("input[name=readers]").first.check()
    if photos:
        page.set_input_files("input[type=file]", photos)


def send(page: Page) -> None:
    page.locator("#report button[type=submit]").last.click()


def written_without_network(page: Page, network: Network, words: str, **more: Any) -> None:
    """A report is written and sent while nobody answers: it waits, in sight."""
    with network.failing(DOWN):
        write(page, words, **more)
        send(page)
        expect(page.locator("[data-outbox-list] article")).to_contain_text(words)


def drawer(page: Page, store: str = "items", work: object = None) -> list[Any]:
    found: list[Any] = page.evaluate(DRAWER, [store, work])
    return found


def waiting(page: Page) -> int:
    return len(drawer(page))


def wait_for(page: Page, seen: Callable[[], bool], seconds: float = 30) -> None:
    for _ in range(int(seconds * 20)):
        if seen():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it never came")


def arrives_once(page: Page, words: str, told: Callable[[str], list[int]], photos: int = 2) -> None:
    wait_for(page, lambda: waiting(page) == 0)
    assert told(words) == [photos]


def nudge(page: Page) -> None:
    """The network is back; somebody looks at the app again, and pauses are over."""
    drawer(page, work=0)
    page.evaluate("dispatchEvent(new Event('online'))")
