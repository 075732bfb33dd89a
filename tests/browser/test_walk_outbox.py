"""CP-02: a report written on a bad network is sent exactly once, with all its photos, whatever happens on the way."""

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.browser.conftest import sign_in, worker_ready
from tests.browser.eventually import eventually
from tests.browser.proxy import BREAK, CUT, DOWN, HANG, SWALLOW, Network
from tests.browser.served import Served
from town import create_app
from town.blueprints.complaints.models import Complaint
from town.demo import DEMO_SLUG
from town.kernel.db import db
from town.kernel.media import pictures_of
from town.kernel.tenancy import enter
from town.settings import Settings

Visit = Callable[..., Page]

PATIENCE = 20_000  # milliseconds: the machine has other work

KEPT = """async words => {
    const box = await new Promise(done => { const asked = indexedDB.open('outbox', 1);
        asked.onupgradeneeded = () => asked.transaction.abort();
        asked.onerror = () => done(null); asked.onsuccess = () => done(asked.result); });
    if (!box) return 0;
    const store = box.transaction('items', 'readwrite').objectStore('items');
    const items = await new Promise(done => { store.getAll().onsuccess = event => done(event.target.result); });
    for (const item of items) if (words !== null) store.put({ ...item, after: words });
    await new Promise(done => { store.transaction.oncomplete = done; });
    box.close();
    return items.length;
}"""
"""How many things wait on this phone; with a moment, their next try is set to it."""


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    expect.set_options(timeout=PATIENCE)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture
def network(served: Served) -> Iterator[Network]:
    found = Network(served.port)
    yield found
    found.stop()


@pytest.fixture(scope="module")
def told(served: Served) -> Callable[[str], list[int]]:
    """`told("words")`: for every report of these words that the town has, how many photos came with it."""
    app = create_app(Settings(env="development", instance=served.instance, staff_2fa="off", rate_limits="off"))

    def look(words: str) -> list[int]:
        with enter(app, DEMO_SLUG):
            reports = db.session.scalars(select(Complaint).where(Complaint.words == words)).all()
            found = [len(db.session.scalars(pictures_of("complaint", report.id)).all()) for report in reports]
            db.session.rollback()
        return found

    return look


def photo(size: tuple[int, int] = (900, 600)) -> bytes:
    made = BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(made, "JPEG", quality=60)
    return made.getvalue()


PHOTOS = [{"name": f"photo-{n}.jpg", "mimeType": "image/jpeg", "buffer": photo()} for n in (1, 2)]


def open_form(page: Page, network: Network, who: str = "odile") -> None:
    """Somebody signed in has the form open, and the worker looks after the page."""
    page.goto(network.url("/login"))
    sign_in(page, _at(network), who)
    worker_ready(page)
    page.goto(network.url("/complaints/new"))
    worker_ready(page)
    eventually(page, "caches.match('/complaints/new', { ignoreVary: true }).then(Boolean)")
    eventually(page, "caches.match('/outbox', { ignoreVary: true }).then(Boolean)")


def _at(network: Network) -> Any:
    return network  # it has the same `url()` as the served towns


def write(page: Page, words: str, photos: list[dict[str, Any]] = PHOTOS) -> None:
    page.locator("input[name=category]").first.check()
    page.fill("input[name=where]", "place du Tilleul")
    page.fill("textarea[name=words]", words)
    page.locator("input[name=readers]").first.check()
    if photos:
        page.set_input_files("input[type=file]", photos)
        page.wait_for_timeout(300)


def send(page: Page) -> None:
    page.locator("#report button[type=submit]").last.click()


def waiting(page: Page) -> int:
    count: int = page.evaluate(KEPT, None)
    return count


def wait_for(page: Page, seen: Callable[[], bool], seconds: float = 30) -> None:
    for _ in range(int(seconds * 10)):
        if seen():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it never came")


def arrives_once(page: Page, words: str, told: Callable[[str], list[int]], photos: int = 2) -> None:
    wait_for(page, lambda: told(words) != [])
    wait_for(page, lambda: waiting(page) == 0)
    assert told(words) == [photos]


def nudge(page: Page) -> None:
    """The network is back; somebody looks at the app again, and pauses are over."""
    page.evaluate(KEPT, 0)
    page.evaluate("dispatchEvent(new Event('online'))")


def test_with_network_the_report_is_sent_and_shown_with_its_number(
    visit: Visit, network: Network, told: Callable[[str], list[int]]
) -> None:
    page = visit()
    open_form(page, network)
    write(page, "Le lampadaire du lavoir est éteint.")
    send(page)
    expect(page).to_have_url(re.compile(r"/complaints/\d+$"))
    arrives_once(page, "Le lampadaire du lavoir est éteint.", told)


def test_without_network_it_waits_in_sight_and_leaves_by_itself(
    visit: Visit, network: Network, told: Callable[[str], list[int]]
) -> None:
    page = visit()
    open_form(page, network)
    words = "Une latte du banc est cassée."
    with network.failing(DOWN):
        write(page, words)
        send(page)
        expect(page.get_by_role("heading", level=1)).to_have_text("À envoyer au retour du réseau")
        expect(page.locator("[data-outbox-list] article")).to_contain_text(words)
        expect(page.locator("[data-outbox-list]")).to_contain_text("En attente")
        assert told(words) == []
    nudge(page)
    arrives_once(page, words, told)
    expect(page.locator("[data-sent] a")).to_have_attribute("href", re.compile(r"/complaints/\d+"))


@pytest.mark.parametrize("mode", [SWALLOW, BREAK, CUT])
def test_an_answer_lost_on_the_way_makes_no_second_report(
    visit: Visit, network: Network, told: Callable[[str], list[int]], mode: str
) -> None:
    page = visit()
    open_form(page, network)
    words = f"La grille du caniveau manque ({mode})."
    with network.failing(mode):
        write(page, words)
        send(page)
        expect(page.locator("[data-outbox-list] article")).to_be_visible(timeout=20_000)
    for _ in range(20):
        nudge(page)
    arrives_once(page, words, told)
    assert len({body for path, body in network.sent if path == "/complaints/new" and words.encode() in body}) >= 1


def test_the_tab_is_closed_while_the_photos_go_up(
    visit: Visit, network: Network, told: Callable[[str], list[int]]
) -> None:
    page = visit()
    open_form(page, network)
    words = "Le panneau du stop est tombé."
    network.mode = HANG
    write(page, words)
    send(page)
    wait_for(page, lambda: waiting(page) == 1)
    other = page.context.new_page()
    page.close()
    network.mode = "pass"
    other.goto(network.url("/"))
    nudge(other)
    arrives_once(other, words, told)


def test_two_tabs_try_at_once(visit: Visit, network: Network, told: Callable[[str], list[int]]) -> None:
    page = visit()
    open_form(page, network)
    words = "Un arbre penche sur la route."
    with network.failing(DOWN):
        write(page, words)
        send(page)
        expect(page.locator("[data-outbox-list] article")).to_be_visible()
    other = page.context.new_page()
    other.goto(network.url("/outbox"))
    for tab in (page, other, page, other):
        nudge(tab)
    arrives_once(page, words, told)


def test_what_the_town_refuses_comes_back_to_be_put_right(
    visit: Visit, network: Network, told: Callable[[str], list[int]]
) -> None:
    """422: with network, the form itself says what is missing, with everything that was written."""
    page = visit()
    open_form(page, network)
    write(page, "Sans lieu.")
    page.fill("input[name=where]", "")
    send(page)
    expect(page.locator("#errors")).to_be_visible()
    expect(page.locator("textarea[name=words]")).to_have_value("Sans lieu.")
    assert waiting(page) == 0
    page.fill("input[name=where]", "place du Tilleul")
    send(page)
    expect(page).to_have_url(re.compile(r"/complaints/\d+$"))
    arrives_once(page, "Sans lieu.", told)


def test_refused_after_waiting_it_is_changed_and_sent(
    visit: Visit, network: Network, told: Callable[[str], list[int]]
) -> None:
    page = visit()
    open_form(page, network)
    with network.failing(DOWN):
        write(page, "Refusé, puis corrigé.")
        page.fill("input[name=where]", "")
        send(page)
        expect(page.locator("[data-outbox-list] article")).to_be_visible()
    nudge(page)
    expect(page.locator("[data-outbox-list]")).to_contain_text("À corriger")
    page.locator("[data-edit]").click()
    expect(page.locator("textarea[name=words]")).to_have_value("Refusé, puis corrigé.")
    assert page.evaluate("document.querySelector('input[type=file]').files.length") == 2
    page.fill("input[name=where]", "place du Tilleul")
    send(page)
    expect(page).to_have_url(re.compile(r"/complaints/\d+$"))
    arrives_once(page, "Refusé, puis corrigé.", told)


def test_a_session_that_ended_waits_for_its_owner_and_for_nobody_else(
    visit: Visit, network: Network, told: Callable[[str], list[int]]
) -> None:
    page = visit()
    open_form(page, network)
    words = "Le portail du cimetière grince."
    with network.failing(DOWN):
        write(page, words)
        send(page)
        expect(page.locator("[data-outbox-list] article")).to_be_visible()
    page.context.clear_cookies()
    nudge(page)
    expect(page.locator("[data-outbox-list]")).to_contain_text("Attend votre connexion")
    sign_in(page, _at(network), "karim")
    page.goto(network.url("/outbox"))
    nudge(page)
    expect(page.locator("[data-others]")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text(words)
    assert told(words) == []
    page.context.clear_cookies()
    sign_in(page, _at(network), "odile")
    nudge(page)
    arrives_once(page, words, told)


def test_a_clock_set_back_delays_nothing(visit: Visit, network: Network, told: Callable[[str], list[int]]) -> None:
    page = visit()
    open_form(page, network)
    words = "L’horloge de la mairie retarde."
    with network.failing(DOWN):
        write(page, words)
        send(page)
        expect(page.locator("[data-outbox-list] article")).to_be_visible()
    page.evaluate(KEPT, page.evaluate("Date.now() + 40 * 86400e3"))
    page.goto(network.url("/"))
    arrives_once(page, words, told)


def test_where_nothing_can_be_kept_the_form_is_sent_as_ever(
    visit: Visit, network: Network, told: Callable[[str], list[int]]
) -> None:
    """A full phone, or storage that is closed."""
    page = visit()
    page.add_init_script(
        "IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); };"
    )
    open_form(page, network)
    write(page, "Le téléphone est plein.")
    send(page)
    expect(page).to_have_url(re.compile(r"/complaints/\d+$"))
    assert told("Le téléphone est plein.") == [2]


def test_the_photos_arrive_as_they_left(visit: Visit, network: Network, told: Callable[[str], list[int]]) -> None:
    page = visit()
    open_form(page, network)
    with network.failing(DOWN):
        write(page, "Deux photos, octet pour octet.")
        send(page)
        expect(page.locator("[data-outbox-list] article")).to_be_visible()
    nudge(page)
    arrives_once(page, "Deux photos, octet pour octet.", told)
    body = next(body for path, body in reversed(network.sent) if path == "/complaints/new")
    assert all(photo["buffer"] in body for photo in PHOTOS)


def test_what_was_being_written_comes_back_after_a_crash(visit: Visit, network: Network) -> None:
    page = visit()
    open_form(page, network)
    write(page, "Écrit avant que la batterie ne lâche.")
    page.wait_for_timeout(900)
    context = page.context
    page.close()
    again = context.new_page()
    again.goto(network.url("/complaints/new"))
    expect(again.locator("textarea[name=words]")).to_have_value("Écrit avant que la batterie ne lâche.")
    assert again.evaluate("document.querySelector('input[type=file]').files.length") == 2
    again.get_by_role("button", name="Effacer et recommencer").click()
    expect(again.locator("textarea[name=words]")).to_have_value("")


def test_a_copy_can_be_kept_in_a_file(visit: Visit, network: Network, tmp_path: Path) -> None:
    page = visit()
    open_form(page, network)
    network.mode = DOWN
    write(page, "À recopier si le téléphone s’éteint.")
    send(page)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Garder une copie").click()
    text = Path(saved.value.path()).read_text()
    assert "À recopier si le téléphone s’éteint." in text
    assert text.count("data:image/jpeg;base64,") == 2
