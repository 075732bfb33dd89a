"""TH-01: a councillor writes to one street; only that street is told, and everybody may read."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in
from tests.browser.served import Served

TITLE = "Branches coupées jeudi matin"


def told(page: Page, served: Served, within: int = 16) -> bool:
    """Whether the notice is among somebody's messages, after giving the worker time."""
    for _ in range(within):
        page.goto(served.url("/messages/"))
        if page.locator("main").get_by_text(TITLE).count():
            return True
        page.wait_for_timeout(500)
    return False


def test_only_the_right_street_is_told(served: Served, visit: Callable[..., Page]) -> None:
    claire, odile, yvonne, anybody = visit(), visit(), visit(), visit()
    for page, name in ((claire, "claire"), (odile, "odile"), (yvonne, "yvonne")):
        sign_in(page, served, name)

    claire.goto(served.url("/town-hall/notices/new"))
    claire.locator("input[name=title]").fill(TITLE)
    claire.locator("textarea[name=words]").fill("Une équipe élague les platanes. Merci de ne pas garer les voitures.")
    claire.locator("input[name=scope][value=places]").check()
    claire.locator("#street").fill("Rue des Tanneries")
    claire.locator("#add-street").click()

    # Before publishing she reads how many households that is.
    expect(claire.locator("#preview")).to_contain_text(re.compile(r"40\s+foyers"))
    claire.get_by_role("button", name=re.compile("puis publier")).click()
    expect(claire.locator("main")).to_contain_text(re.compile(r"40\s+foyers"))
    claire.get_by_role("button", name=re.compile("^Publier")).first.click()
    expect(claire.locator("main h1")).to_contain_text(TITLE)
    address = claire.url

    assert told(odile, served), "Odile lives rue des Tanneries"
    assert not told(yvonne, served, within=4), "Yvonne lives place du Tilleul"

    anybody.goto(address)
    expect(anybody.get_by_role("heading", level=1)).to_contain_text(TITLE)
    expect(anybody.locator("main")).to_contain_text("Rue des Tanneries")
