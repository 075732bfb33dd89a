"""LE-02, the ladder: « en lui prêtant votre échelle pour accrocher sa guirlande », two neighbours, two phones."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.served import Served

LADDER = re.compile("Échelle télescopique")


def asked_by(page: Page, borrower: str) -> Locator:
    """The messages in which somebody asks for the ladder."""
    return (
        page.locator("main")
        .get_by_role("link")
        .filter(has_text=re.compile(f"{borrower}.* aimerait emprunter", re.I))
        .filter(has_text=LADDER)
    )


def messages(page: Page, served: Served, borrower: str) -> int:
    page.goto(served.url("/messages/"))
    return asked_by(page, borrower).count()


def wait_for_message(page: Page, served: Served, borrower: str, before: int) -> None:
    """Give the worker time to tell what happened."""
    for _ in range(30):
        if messages(page, served, borrower) > before:
            return
        page.wait_for_timeout(500)
    raise AssertionError("nobody told them")


@pytest.mark.parametrize(
    ("borrower", "with_javascript"),
    [("odile", True), ("mathilde", False)],
    ids=["Odile with JavaScript", "Mathilde without"],
)
def test_a_neighbour_borrows_karims_ladder_for_her_garland(
    served: Served, visit: Callable[..., Page], borrower: str, with_javascript: bool
) -> None:
    odile = visit(java_script_enabled=with_javascript)
    karim = visit(java_script_enabled=with_javascript)
    sign_in(odile, served, borrower)
    sign_in(karim, served, "karim")

    before = int(borrower == "odile")  # she has asked once in the demo town; the worker tells him so meanwhile
    wait_for_message(karim, served, borrower, before - 1)

    # Search, then the thing.
    odile.goto(served.url("/search/?q=echelles"))
    odile.locator("main").get_by_role("link", name=LADDER).first.click()
    expect(odile.get_by_role("heading", level=1)).to_have_text(LADDER)

    # Next month: a first day, a last day, both by touching the calendar.
    odile.locator("#booking a[href*='?month=']").last.click()
    expect(odile.locator("#booking .past")).to_have_count(0)
    days = odile.locator("#booking td a")
    first = 19 if with_javascript else 9  # the second walk finds the first one's days taken
    days.nth(first).click()
    expect(odile.locator("#booking td .sel")).to_have_count(1)
    odile.locator("#booking td a").nth(first + 1).click()
    expect(odile.locator("#booking td .sel")).to_have_count(2)
    odile.locator("textarea[name=message]").fill("Pour accrocher ma guirlande. Je passe après 18 h.")
    odile.get_by_role("button", name=re.compile("Demander")).click()
    expect(odile).to_have_url(re.compile("/lending/loans/"))
    loan = odile.url
    expect(odile.locator("#loan")).to_contain_text("guirlande")

    # Karim is told, reads, and says yes.
    wait_for_message(karim, served, borrower, before)
    asked_by(karim, borrower).first.click()
    expect(karim).to_have_url(re.compile("/lending/loans/"))
    assert karim.url.rpartition("/")[2] == loan.rpartition("/")[2]
    expect(karim.locator("#loan")).to_contain_text("guirlande")
    karim.get_by_role("button", name=re.compile("^Oui")).click()
    expect(karim.get_by_role("button", name="J’ai remis l’objet")).to_be_visible()

    # Both confirm that it changed hands, then that it came back.
    for mine, theirs in (("J’ai reçu l’objet", "J’ai remis l’objet"), ("J’ai rendu l’objet", "L’objet est de retour")):
        odile.goto(loan)
        odile.get_by_role("button", name=mine).click()
        expect(odile.get_by_role("button", name=mine)).to_have_count(0)
        karim.goto(loan)
        karim.get_by_role("button", name=re.compile(theirs[:12])).click()
        expect(karim.get_by_role("button", name=re.compile(theirs[:12]))).to_have_count(0)

    odile.goto(loan)
    expect(odile.locator("#loan ol.line")).to_contain_text("Confirmé par les deux")


def test_a_stranger_reads_nothing_of_their_loan(served: Served, visit: Callable[..., Page]) -> None:
    odile, yvonne = visit(), visit()
    sign_in(odile, served, "odile")
    sign_in(yvonne, served, "yvonne")
    odile.goto(served.url("/lending/mine"))
    address = odile.locator("main a[href*='/lending/loans/']").first.get_attribute("href") or ""
    answer = yvonne.goto(served.url(address))
    assert answer is not None
    assert answer.status == 404
