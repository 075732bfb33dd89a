"""CP-02: a report written on a bad network is sent exactly once, with all its photos, whatever happens on the way."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from tests.browser.conftest import phone_of, sign_in, worker_ready
from tests.browser.pocket import (
    PHOTOS,
    arrives_once,
    drawer,
    nudge,
    send,
    signed_in,
    wait_for,
    waiting,
    write,
    written_without_network,
)
from tests.browser.proxy import BREAK, CUT, DOWN, HANG, PASS, SWALLOW, Network
from tests.browser.served import Served
from town import create_app
from town.blueprints.complaints.models import Complaint
from town.demo import DEMO_SLUG
from town.kernel.db import db
from town.kernel.media import pictures_of
from town.kernel.tenancy import enter
from town.settings import Settings

Told = Callable[[str], list[int]]


@pytest.fixture(scope="module")
def phone(browser: Browser, network: Network) -> Iterator[BrowserContext]:
    """Odile's, signed in: the same one for all that happens here."""
    with phone_of(browser) as found:
        signed_in(found, network, "odile")
        yield found


@pytest.fixture
def page(phone: BrowserContext, network: Network) -> Iterator[Page]:
    """The form to report something is open, nothing waits, the network is good."""
    network.mode = PASS
    page = phone.new_page()
    page.goto(network.url("/complaints/new"))
    yield page
    network.mode = PASS
    last = phone.new_page()
    last.goto(network.url("/help"))
    for store in ("items", "sent", "drafts"):
        drawer(last, store, "empty")
    last.evaluate("localStorage.removeItem('outbox')")
    for tab in phone.pages:
        tab.close()


@pytest.fixture(scope="module")
def told(served: Served) -> Told:
    """`told("words")`: for every report of these words that the town has, how many photos came with it."""
    app = create_app(Settings(env="development", instance=served.instance, staff_2fa="off", rate_limits="off"))

    def look(words: str) -> list[int]:
        with enter(app, DEMO_SLUG):
            reports = db.session.scalars(select(Complaint).where(Complaint.words == words)).all()
            found = [len(db.session.scalars(pictures_of("complaint", report.id)).all()) for report in reports]
            db.session.rollback()
        return found

    return look


def test_with_network_the_report_is_sent_and_shown_with_its_number(page: Page, told: Told) -> None:
    write(page, "Le lampadaire du lavoir est éteint.")
    send(page)
    expect(page).to_have_url(re.compile(r"/complaints/\d+$"))
    arrives_once(page, "Le lampadaire du lavoir est éteint.", told)


def test_without_network_it_waits_in_sight_leaves_by_itself_and_its_photos_arrive_as_they_left(
    page: Page, network: Network, told: Told
) -> None:
    words = "Une latte du banc est cassée."
    written_without_network(page, network, words)
    expect(page.get_by_role("heading", level=1)).to_have_text("À envoyer au retour du réseau")
    expect(page.locator("[data-outbox-list]")).to_contain_text("En attente")
    assert told(words) == []
    nudge(page)
    arrives_once(page, words, told)
    expect(page.locator("[data-sent] a")).to_have_attribute("href", re.compile(r"/complaints/\d+"))
    body = next(body for path, body in reversed(network.sent) if path == "/complaints/new")
    assert all(photo["buffer"] in body for photo in PHOTOS)


def test_where_there_is_no_background_sync_the_next_look_at_the_app_sends_it(
    page: Page, network: Network, told: Told
) -> None:
    """PW-04: Safari has none."""
    page.add_init_script("delete ServiceWorkerRegistration.prototype.sync")
    page.reload()
    assert page.evaluate("navigator.serviceWorker.ready.then(here => 'sync' in here)") is False
    written_without_network(page, network, "La barrière du pont ne ferme plus.")
    page.goto(network.url("/help"))
    arrives_once(page, "La barrière du pont ne ferme plus.", told)


@pytest.mark.parametrize("mode", [SWALLOW, BREAK, CUT])
def test_an_answer_lost_on_the_way_makes_no_second_report(page: Page, network: Network, told: Told, mode: str) -> None:
    words = f"La grille du caniveau manque ({mode})."
    with network.failing(mode):
        write(page, words)
        send(page)
        expect(page.locator("[data-outbox-list] article")).to_be_visible()
    assert told(words) == ([] if mode == CUT else [2])
    for _ in range(20):
        nudge(page)
    arrives_once(page, words, told)


def test_the_tab_is_closed_while_the_photos_go_up(
    page: Page, phone: BrowserContext, network: Network, told: Told
) -> None:
    words = "Le panneau du stop est tombé."
    network.mode = HANG
    write(page, words)
    send(page)
    wait_for(page, lambda: waiting(page) == 1)
    other = phone.new_page()
    page.close()
    network.mode = PASS
    other.goto(network.url("/"))
    nudge(other)
    arrives_once(other, words, told)


def test_two_tabs_try_at_once(page: Page, phone: BrowserContext, network: Network, told: Told) -> None:
    words = "Un arbre penche sur la route."
    written_without_network(page, network, words)
    other = phone.new_page()
    other.goto(network.url("/outbox"))
    for tab in (page, other, page, other):
        nudge(tab)
    arrives_once(page, words, told)


def test_what_the_town_refuses_comes_back_to_be_put_right(page: Page, told: Told) -> None:
    """422: with network, the form itself says what is missing, with everything that was written."""
    write(page, "Sans lieu.", where="")
    send(page)
    expect(page.locator("#errors")).to_be_visible()
    expect(page.locator("textarea[name=words]")).to_have_value("Sans lieu.")
    assert waiting(page) == 0
    page.fill("input[name=where]", "place du Tilleul")
    send(page)
    expect(page).to_have_url(re.compile(r"/complaints/\d+$"))
    arrives_once(page, "Sans lieu.", told)


def test_refused_after_waiting_it_is_changed_and_sent(page: Page, network: Network, told: Told) -> None:
    words = "Refusé, puis corrigé."
    written_without_network(page, network, words, where="")
    nudge(page)
    expect(page.locator("[data-outbox-list]")).to_contain_text("À corriger")
    page.locator("[data-edit]").click()
    expect(page.locator("textarea[name=words]")).to_have_value(words)
    assert page.evaluate("document.querySelector('input[type=file]').files.length") == 2
    page.fill("input[name=where]", "place du Tilleul")
    send(page)
    expect(page).to_have_url(re.compile(r"/complaints/\d+$"))
    arrives_once(page, words, told)


def test_a_session_that_ended_waits_for_its_owner_and_for_nobody_else(page: Page, network: Network, told: Told) -> None:
    words = "Le portail du cimetière grince."
    written_without_network(page, network, words)
    page.context.clear_cookies()
    nudge(page)
    expect(page.locator("[data-outbox-list]")).to_contain_text("Attend votre connexion")
    sign_in(page, network, "karim")
    page.goto(network.url("/outbox"))
    nudge(page)
    wait_for(page, lambda: [state for _fields, _files, state in drawer(page)] == ["held"])
    expect(page.locator("[data-others]")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text(words)
    assert told(words) == []
    page.context.clear_cookies()
    sign_in(page, network, "odile")
    nudge(page)
    arrives_once(page, words, told)


def test_what_nobody_signed_leads_to_the_way_in_and_waits_in_sight_for_whoever_sends_it(
    visit: Callable[..., Page], network: Network
) -> None:
    """Without network it waits; whoever signs in reads it, and it is theirs once they say so."""
    visitor = visit()
    visitor.goto(network.url("/login"))
    worker_ready(visitor)
    visitor.goto(network.url("/associations/"))
    visitor.locator("a[href*='/missions/']").first.click()
    slot = visitor.get_by_role("button", name=re.compile("Je viens de"))
    mission = visitor.url
    with network.failing(DOWN):
        visitor.context.set_offline(True)
        slot.first.click()
        expect(visitor.locator("[data-outbox-list] article")).to_be_visible()
        visitor.context.set_offline(False)
    drawer(visitor, work=0)
    visitor.goto(mission)
    slot.last.click()
    way_in = visitor.locator("main").get_by_role("link", name="Me connecter")
    expect(way_in).to_have_attribute("href", re.compile("/login.*next=.*missions"))
    expect(visitor.locator("main textarea")).to_have_count(0)  # a slot's public id is no words of theirs
    assert waiting(visitor) == 1

    sign_in(visitor, network, "mathilde")
    visitor.goto(network.url("/outbox"))
    nudge(visitor)
    expect(visitor.locator("[data-outbox-list]")).to_contain_text("Envoyez-le en votre nom")
    expect(visitor.locator("[data-others]")).to_be_hidden()
    visitor.locator("[data-now]").click()
    expect(visitor.locator("[data-sent] a")).to_be_visible()
    visitor.goto(mission)
    expect(visitor.get_by_text("On vous attend", exact=True)).to_be_visible()


def test_a_clock_set_back_delays_nothing(page: Page, network: Network, told: Told) -> None:
    words = "L’horloge de la mairie retarde."
    written_without_network(page, network, words)
    drawer(page, work=page.evaluate("Date.now() + 40 * 86400e3"))
    page.goto(network.url("/"))
    arrives_once(page, words, told)


def test_where_nothing_can_be_kept_the_form_is_sent_as_ever(page: Page, told: Told) -> None:
    """A full phone, or storage that is closed."""
    full = "() => { throw new DOMException('full', 'QuotaExceededError'); }"
    page.evaluate(f"() => {{ IDBObjectStore.prototype.put = {full}; }}")
    write(page, "Le téléphone est plein.")
    send(page)
    expect(page).to_have_url(re.compile(r"/complaints/\d+$"))
    assert told("Le téléphone est plein.") == [2]


def test_what_was_being_written_comes_back_after_a_crash(page: Page, phone: BrowserContext, network: Network) -> None:
    words = "Écrit avant que la batterie ne lâche."
    write(page, words)
    wait_for(page, lambda: any(words in one[0] and one[1] == 2 for one in drawer(page, "drafts")))
    page.close()
    again = phone.new_page()
    again.goto(network.url("/complaints/new"))
    expect(again.locator("textarea[name=words]")).to_have_value(words)
    assert again.evaluate("document.querySelector('input[type=file]').files.length") == 2
    again.get_by_role("button", name="Effacer et recommencer").click()
    expect(again.locator("textarea[name=words]")).to_have_value("")


def test_a_copy_can_be_kept_in_a_file(page: Page, network: Network) -> None:
    words = "À recopier si le téléphone s’éteint."
    written_without_network(page, network, words)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Garder une copie").click()
    text = Path(saved.value.path()).read_text()
    assert words in text
    assert text.count("data:image/jpeg;base64,") == 2
