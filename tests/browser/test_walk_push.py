"""PW-05, TH-02: a phone learns to ring on its page, rings through a real push service and the real worker, and stops.

Chromium without a screen has no push service: `subscribe` is replaced in the page by a phone of ours, and what the town
sent to it is handed to the worker by the browser's own tools.
"""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete, select

from tests import push_service
from tests.browser.conftest import sign_in, sign_out, worker_ready
from tests.browser.eventually import eventually
from tests.browser.served import Served
from tests.push_service import Phone, PushService
from tests.townhall.conftest import published
from town import create_app
from town.blueprints.townhall.models import ALERT
from town.commons.notices.push.models import PushDevice
from town.commons.places.concerns import Concerns
from town.demo import DEMO_SLUG
from town.kernel.db import db
from town.kernel.jobs import Job
from town.kernel.tenancy import enter
from town.settings import Settings

Visit = Callable[..., Page]

A_PHONE = """said => {
    const bytes = key => Uint8Array.from(atob(key.replace(/-/g, '+').replace(/_/g, '/')), one => one.charCodeAt(0));
    const made = key => ({
        endpoint: said.endpoint,
        options: { applicationServerKey: bytes(key).buffer },
        toJSON: () => said,
        unsubscribe: async () => { localStorage.removeItem('phone'); return true; },
    });
    PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
        localStorage.phone = applicationServerKey;
        return made(applicationServerKey);
    };
    PushManager.prototype.getSubscription = async () => localStorage.phone ? made(localStorage.phone) : null;
}"""
SHOWN = """navigator.serviceWorker.ready.then(found => found.getNotifications()).then(
    all => all.map(one => ({ title: one.title, body: one.body, tag: one.tag, url: one.data, lang: one.lang })))"""


@pytest.fixture(scope="module")
def service() -> Iterator[PushService]:
    with push_service.running() as service:
        yield service


@pytest.fixture(scope="module")
def served(two_towns: Path, tmp_path_factory: pytest.TempPathFactory, service: PushService) -> Iterator[Served]:
    """Both towns, which know the push service of this machine and have nothing else to tell."""
    instance = tmp_path_factory.mktemp("served")
    shutil.copytree(two_towns, instance, dirs_exist_ok=True)
    with enter(create_app(Settings(env="development", instance=instance)), DEMO_SLUG):
        db.session.execute(delete(Job))
        db.session.commit()
    towns = Served(instance, more={"TOWN_PUSH_SERVICE": service.origin})
    towns.start()
    try:
        yield towns
    finally:
        towns.stop()
    assert towns.broken() == []


class Town:
    """The town hall's hand in the town that is being served."""

    def __init__(self, served: Served) -> None:
        self.app = create_app(Settings(env="development", instance=served.instance, staff_2fa="off", rate_limits="off"))

    def alert(self, title: str) -> None:
        """An urgent notice: it rings at any hour, whenever this test is run."""
        with enter(self.app, DEMO_SLUG):
            published(kind=ALERT, concerns=Concerns(), title=title)

    def phones(self) -> int:
        with enter(self.app, DEMO_SLUG):
            return len(db.session.scalars(select(PushDevice.id)).all())


def with_phone(visit: Visit, service: PushService) -> tuple[Page, Phone]:
    """A browser whose push service is ours, where notifications are allowed."""
    phone = service.phone()
    page = visit(permissions=["notifications"])
    page.add_init_script(f"({A_PHONE})({json.dumps(phone.to_json())})")
    return page, phone


def turn_on(page: Page, served: Served, phone: Phone) -> None:
    page.goto(served.url("/push/"))
    worker_ready(page)
    page.get_by_role("button", name="Recevoir les avis sur ce téléphone").click()
    expect(page.get_by_text("Ce téléphone vous prévient.")).to_be_visible()
    phone.vapid = page.evaluate("localStorage.phone")


def deliver(page: Page, served: Served, words: dict[str, Any]) -> None:
    """Hand a decrypted message to the worker of this page, as the browser would."""
    tools = page.context.new_cdp_session(page)
    found: list[str] = []
    tools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda said: found.extend(
            one["registrationId"] for one in said["registrations"] if served.url("/") == one["scopeURL"]
        ),
    )
    tools.send("ServiceWorker.enable")
    until = time.monotonic() + 15
    while not found and time.monotonic() < until:
        page.wait_for_timeout(50)
    tools.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": served.url("").rstrip("/"), "registrationId": found[0], "data": json.dumps(words)},
    )


def received(phone: Phone, page: Page, count: int) -> list[dict[str, Any]]:
    """What the push service has for a phone, once that is so many."""
    until = time.monotonic() + 30
    while len(phone.received) < count and time.monotonic() < until:
        page.wait_for_timeout(100)
    assert len(phone.received) == count
    return phone.received


def test_a_phone_without_account_and_one_of_odile_s_ring_until_they_are_told_to_stop(
    served: Served, service: PushService, visit: Visit
) -> None:
    hall = Town(served)
    anybody, theirs = with_phone(visit, service)
    odile, hers = with_phone(visit, service)
    turn_on(anybody, served, theirs)
    sign_in(odile, served, "odile")
    turn_on(odile, served, hers)
    assert anybody.context.cookies() == []
    beyond = anybody.evaluate("fetch('/push/').then(answer => answer.text())")
    assert theirs.vapid == hers.vapid
    assert theirs.vapid in beyond

    hall.alert("Évacuez la rue Basse")
    said, to_her = received(theirs, anybody, 1)[0], received(hers, odile, 1)[0]
    deliver(anybody, served, said)
    eventually(anybody, f"{SHOWN}.then(all => all.length === 1)")
    deliver(anybody, served, said)
    deliver(odile, served, to_her)
    eventually(odile, f"{SHOWN}.then(all => all.length === 1)")
    shown = anybody.evaluate(SHOWN)
    assert len(shown) == 1, "the same tag stands in the place of the first"
    assert shown[0]["title"] == "Saint-Loup-des-Tilleuls"
    assert shown[0]["body"] == "Mairie, urgent\u00a0: Évacuez la rue Basse"
    assert shown[0]["lang"] == "fr"

    # A tap: the window that is open comes forward and goes there. Focusing needs a hand, which no test has.
    worker = next(one for one in odile.context.service_workers if one.url.startswith(served.url("")))
    worker.evaluate(
        """async () => {
            WindowClient.prototype.focus = async function () { self.focused = this.id; return this; };
            const [notification] = await registration.getNotifications();
            const tap = new NotificationEvent('notificationclick', { notification });
            Object.defineProperty(tap, 'waitUntil', { value: done => { self.tapped = done; } });
            dispatchEvent(tap);
            await self.tapped.catch(() => {});
        }"""
    )
    expect(odile.get_by_role("heading", level=1)).to_contain_text("Évacuez la rue Basse")
    eventually(odile, f"{SHOWN}.then(all => all.length === 0)")

    # She signs out: the phone is hers no more. She signs in again: it rings again, without a tap.
    sign_out(odile, served)
    assert hall.phones() == 1
    sign_in(odile, served, "odile")
    until = time.monotonic() + 15
    while hall.phones() < 2 and time.monotonic() < until:
        odile.wait_for_timeout(100)
    assert hall.phones() == 2
    # Karim signs in on her phone: it rings for nobody.
    sign_out(odile, served)
    sign_in(odile, served, "karim")
    eventually(odile, "localStorage.phone === undefined && localStorage.push === undefined")
    assert hall.phones() == 1

    # The phone without account is gone at its push service: the town forgets it, and its page says so.
    theirs.answers = [(410, {})]
    hall.alert("Fin de l’alerte")
    until = time.monotonic() + 15
    while hall.phones() and time.monotonic() < until:
        anybody.wait_for_timeout(100)
    assert hall.phones() == 0
    anybody.goto(served.url("/push/"))
    expect(anybody.get_by_role("button", name="Recevoir les avis sur ce téléphone")).to_be_visible()
    turn_on(anybody, served, theirs)
    anybody.get_by_role("button", name="Arrêter sur ce téléphone").click()
    expect(anybody.get_by_text("Ce téléphone vous prévient.")).to_be_hidden()
    assert hall.phones() == 0


def test_where_it_cannot_be_the_page_says_why(served: Served, visit: Visit) -> None:
    """PW-04: push on an iPhone is for what is on the home screen."""
    without = visit()
    without.add_init_script("delete window.PushManager")
    without.goto(served.url("/push/"))
    expect(without.get_by_text("Ce navigateur ne le permet pas")).to_be_visible()
    iphone = visit(user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605 Safari/604.1")
    iphone.add_init_script("delete window.PushManager")
    iphone.goto(served.url("/push/"))
    expect(iphone.get_by_text("mettez d’abord la commune sur l’écran d’accueil")).to_be_visible()
    refused = visit()
    refused.add_init_script("Object.defineProperty(Notification, 'permission', { value: 'denied' })")
    refused.goto(served.url("/push/"))
    expect(refused.get_by_text("a reçu la consigne")).to_be_visible()
    plain = visit(java_script_enabled=False)
    plain.goto(served.url("/push/"))
    expect(plain.locator("form[data-choice]")).to_be_hidden()
    assert "Il faut pour cela JavaScript" in plain.locator("noscript").inner_text()
