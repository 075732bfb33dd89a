"""SH-02: a baker on his phone, between two customers: an offer in the window, sold out, or gone with its hour."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.served import Served
from town.demo import DEMO_SLUG

COUNT = "addEventListener('pointerdown', () => sessionStorage.taps = Number(sessionStorage.taps ?? 0) + 1, true)"
WITHOUT_ITS_AGE = """card => {
    card.querySelector('time')?.remove();
    return card.innerText;
}"""
TAPS, TYPED = 6, 3
NO_WORKER = (
    "block"  # where the town is slow, the worker shows the page of before, and says so: right, but not this walk
)


def tomorrow() -> int:
    """Its day of the month, in Saint-Loup."""
    return (datetime.now(ZoneInfo("Europe/Paris")) + timedelta(days=1)).day


def card_in(page: Page, title: str, within: str = "main") -> Locator:
    return page.locator(f"{within} article[data-kind=offer]").filter(has_text=title)


def words_of(card: Locator) -> list[str]:
    """What a card says, but for how long ago."""
    words = card.evaluate(WITHOUT_ITS_AGE)
    return re.sub(r"[\s,·]+", " ", words).casefold().split()


def publish(page: Page, served: Served, typed: dict[str, str]) -> list[str]:
    """From home to the window; what the preview promised. The page itself counts every touch of the glass."""
    page.goto(served.url("/"))
    page.evaluate("sessionStorage.removeItem('taps')")
    page.locator("main").get_by_role("link", name="Publier une offre").click()
    for name, words in typed.items():
        page.locator(f"main input[name={name}]").click()
        page.keyboard.type(words)
    page.get_by_text(re.compile("^Demain")).click()
    preview = card_in(page, typed["title"], "#preview")
    expect(preview).to_contain_text(re.compile(rf"jusqu’au {tomorrow()}\b"))
    expect(preview).to_contain_text(typed["price"])
    seen = words_of(preview)
    page.get_by_role("button", name="Mettre en vitrine").click()
    expect(page.locator("#flash")).to_contain_text("En vitrine")
    assert len(typed) <= TYPED
    assert 0 < page.evaluate("Number(sessionStorage.taps)") <= TAPS
    return seen


def lucas_on_his_phone(served: Served, visit: Callable[..., Page]) -> Page:
    page = visit(service_workers=NO_WORKER)
    page.add_init_script(COUNT)
    sign_in(page, served, "lucas")
    return page


def test_lucas_fills_his_window_in_six_taps_and_empties_it(served: Served, visit: Callable[..., Page]) -> None:
    lucas, anybody = lucas_on_his_phone(served, visit), visit(service_workers=NO_WORKER)
    title = "Galette aux amandes"
    promised = publish(lucas, served, {"title": title, "price": "3,50"})
    shop = lucas.url

    # In the shop's window, and on everybody's home as it was promised.
    expect(card_in(lucas, title)).to_contain_text(re.compile(r"3,50\s€.*Jusqu’à demain"))
    anybody.goto(served.url("/"))
    assert words_of(card_in(anybody, title)) == promised
    anybody.goto(shop)
    expect(card_in(anybody, title)).to_contain_text(re.compile(r"3,50\s€.*Jusqu’à demain"))
    expect(anybody.get_by_role("button", name=re.compile("Terminé"))).to_have_count(0)

    # Sold out: one tap, and it is gone from both.
    card_in(lucas, title).get_by_role("button", name=re.compile("Terminé")).click()
    expect(lucas.locator("#flash")).to_contain_text("Retiré")
    for address in (shop, served.url("/")):
        anybody.goto(address)
        expect(anybody.get_by_role("heading", level=1)).to_be_visible()
        expect(card_in(anybody, title)).to_have_count(0)


def test_its_hour_takes_an_offer_out_of_the_window(served: Served, visit: Callable[..., Page]) -> None:
    lucas, anybody = lucas_on_his_phone(served, visit), visit(service_workers=NO_WORKER)
    title = "Brioche de la veille"
    publish(lucas, served, {"title": title, "price": "2"})
    shop = lucas.url
    anybody.goto(served.url("/"))
    expect(card_in(anybody, title)).to_have_count(1)

    a_moment_ago = (datetime.now(UTC) - timedelta(minutes=1)).strftime("%Y-%m-%d %H:%M:%S.%f")
    with closing(sqlite3.connect(served.instance / "towns" / DEMO_SLUG / "town.sqlite", timeout=30)) as town, town:
        for column in ("shops_offer SET until", "card SET expires_at"):
            assert town.execute(f"UPDATE {column} = ? WHERE title = ?", (a_moment_ago, title)).rowcount == 1
        town.execute("UPDATE change_count SET number = number + 1")  # else the page of this minute may still be right

    for address in (shop, served.url("/")):
        anybody.goto(address)
        expect(anybody.get_by_role("heading", level=1)).to_be_visible()
        expect(card_in(anybody, title)).to_have_count(0)
    lucas.goto(shop)
    expect(card_in(lucas, title)).to_have_count(0)
    lucas.get_by_role("link", name="Publier une offre").first.click()
    expect(lucas.locator("main").get_by_role("link", name=re.compile(title))).to_be_visible()  # to be offered again
