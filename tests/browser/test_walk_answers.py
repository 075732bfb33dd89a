"""PW-03: what somebody asks and answers without network leaves in the order it was written, and arrives once."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from tests.browser.conftest import phone_of
from tests.browser.kept import wait_until_kept
from tests.browser.pocket import nudge, signed_in, wait_for, waiting
from tests.browser.proxy import DOWN, SWALLOW, Network
from tests.browser.served import Served
from town import create_app
from town.blueprints.lending.models import Loan
from town.commons.notices.models import InboxNotice
from town.commons.signups.models import Signup
from town.demo import DEMO_SLUG
from town.kernel.db import db, now
from town.kernel.tenancy import enter
from town.settings import Settings

GARLAND = "Pour ma guirlande, écrit dans la cave."


@pytest.fixture(scope="module")
def counted(served: Served) -> Callable[[], list[int]]:
    """How many loans of these words, sign-ups in all, and notices read in all the town has."""
    app = create_app(Settings(env="development", instance=served.instance, staff_2fa="off", rate_limits="off"))

    def look() -> list[int]:
        with enter(app, DEMO_SLUG):
            wanted = (
                select(func.count()).select_from(Loan).where(Loan.message == GARLAND),
                select(func.count()).select_from(Signup),
                select(func.count()).select_from(InboxNotice).where(InboxNotice.read_at.is_not(None)),
            )
            found = [db.session.scalar(query) or 0 for query in wanted]
            db.session.rollback()
        return found

    return look


def ask_for_the_ladder(page: Page, days_ahead: int) -> None:
    day = now().date() + timedelta(days=days_ahead)
    for name, when in (("starts", day), ("ends", day + timedelta(days=1))):
        page.locator(f"#booking [name={name}]").fill(when.isoformat())
    page.fill("#booking textarea[name=message]", GARLAND)
    page.locator("#booking form button[type=submit]").click()


def test_odile_asks_for_a_ladder_signs_up_and_answers_a_notice_in_her_cellar(
    browser: Browser, network: Network, counted: Callable[[], list[int]]
) -> None:
    with phone_of(browser) as phone:
        signed_in(phone, network, "odile")
        page = phone.new_page()
        page.goto(network.url("/search/?q=echelles"))
        item = page.locator("main a[href*='/lending/items/']").first.get_attribute("href") or ""
        page.goto(network.url("/associations/missions"))
        missions = [link.get_attribute("href") or "" for link in page.locator("main a[href*='/missions/']").all()]
        page.goto(network.url("/town-hall/"))
        notice = page.locator("main a[href*='/town-hall/notices/']").first.get_attribute("href") or ""
        slot = "#slots button[name=slot]:not([form])"
        for mission in missions:
            page.goto(network.url(mission))
            if page.locator(slot).count():
                break
        before = counted()
        for path in (item, mission, notice):
            page.goto(network.url(path))
            wait_until_kept(page, path)

        with network.failing(DOWN):
            page.goto(network.url(item))
            ask_for_the_ladder(page, days_ahead=47)
            expect(page.locator("[data-outbox-list] article")).to_have_count(1)
            page.goto(network.url(mission))
            page.locator(slot).first.click()
            expect(page.locator("[data-outbox-list] article")).to_have_count(2)
            page.goto(network.url(notice))
            page.get_by_role("button", name="J’ai bien lu").click()
            expect(page.locator("[data-outbox-list] article")).to_have_count(3)
            assert counted() == before
            expect(page.locator("[data-outbox-list]")).to_contain_text("Un prêt")

            network.sent.clear()
            network.mode = (
                SWALLOW  # the town takes them, and its answers are lost; never good in between: they would leave
            )
            nudge(page)
            wait_for(page, lambda: len({path for path, _body in network.sent}) == 3)
        for _ in range(3):
            nudge(page)
        wait_for(page, lambda: waiting(page) == 0)
        loans, signups, read = counted()
        assert (loans, signups - before[1], read - before[2]) == (1, 1, 1)
        order = dict.fromkeys(path.rpartition("/")[2] for path, _body in network.sent)  # each at its first try
        assert list(order) == ["loans", "signups", "reading"]
        expect(page.locator("[data-sent] a")).to_have_count(3)


def test_what_comes_too_late_is_shown_with_the_towns_sentence(browser: Browser, network: Network) -> None:
    """409: somebody else has the days. Odile reads why, and changes her days."""
    with phone_of(browser) as odile, phone_of(browser) as theo:
        for phone, who in ((odile, "odile"), (theo, "theo")):
            signed_in(phone, network, who)
        page, other = odile.new_page(), theo.new_page()
        page.goto(network.url("/search/?q=echelles"))
        item = page.locator("main a[href*='/lending/items/']").first.get_attribute("href") or ""
        page.goto(network.url(item))
        wait_until_kept(page, item)
        odile.set_offline(True)  # hers alone, and until he has asked: what waits tries again by itself
        ask_for_the_ladder(page, days_ahead=54)
        expect(page.locator("[data-outbox-list] article")).to_be_visible()
        other.goto(network.url(item))
        ask_for_the_ladder(other, days_ahead=54)
        expect(other).to_have_url(re.compile("/lending/loans/"))
        odile.set_offline(False)
        nudge(page)
        expect(page.locator("[data-outbox-list]")).to_contain_text("À corriger")
        expect(page.locator("[data-sentence]")).not_to_be_empty()
        page.locator("[data-edit]").click()
        expect(page.locator("#booking textarea[name=message]")).to_have_value(GARLAND)
        ask_for_the_ladder(page, days_ahead=61)
        expect(page).to_have_url(re.compile("/lending/loans/"))
