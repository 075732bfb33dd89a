"""The secretary's morning: Jean opens the desk, proves an address, answers a report and prints the sheet (TH-06)."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in
from tests.browser.served import Served
from tests.sheet.reading import pages_of

FETCHED = "async (address) => Array.from(new Uint8Array(await (await fetch(address)).arrayBuffer()))"
WORD = "Le secrétariat ferme à 11 h ce vendredi."


def test_a_morning_at_the_desk(served: Served, visit: Callable[..., Page]) -> None:
    jean = visit(viewport={"width": 1280, "height": 900})
    sign_in(jean, served, "jean")
    jean.locator("nav").get_by_role("link", name="Bureau de la mairie").click()
    expect(jean.get_by_role("heading", level=1)).to_have_text("À faire ce matin")
    piles = jean.locator("main article h2")
    expect(piles.first).to_contain_text("à imprimer")  # the quickest first

    # Somebody stands at the counter with their papers.
    jean.get_by_role("link", name="Preuve d’adresse").click()
    jean.locator("#q").fill("Delorme")
    jean.locator("main").get_by_role("button", name="Rechercher").click()
    jean.get_by_role("link", name="Inès Delorme").click()
    jean.get_by_label(re.compile("Pièce d’identité")).check()
    jean.get_by_role("button", name=re.compile("Certifier Inès")).click()
    expect(jean.locator("#person")).to_contain_text("Valable jusqu’au")

    # A report has waited for its answer.
    jean.goto(served.url("/desk/"))
    jean.get_by_role("link", name=re.compile("attend une réponse")).click()
    jean.locator("main tbody a").first.click()
    answer = jean.locator("form.step")
    answer.locator("input[name=verb][value=answered]").check()
    answer.locator("textarea[name=words]").fill("Merci de votre signalement. Une équipe passe mardi.")
    answer.locator("button[type=submit]").click()
    expect(jean.locator("main")).to_contain_text("Une équipe passe mardi.")

    # The sheet: one notice may wait, a word is added, one page goes to the printer.
    jean.goto(served.url("/desk/"))
    jean.get_by_role("link", name="Imprimer la feuille de la semaine").click()
    jean.locator("textarea[name=word]").fill(WORD)
    jean.get_by_label("Le bulletin de l’été est arrivé").uncheck()
    jean.get_by_role("button", name="Garder ces choix").click()
    expect(jean.locator("#flash")).to_contain_text("prête à imprimer")
    address = jean.get_by_role("link", name="Imprimer la feuille", exact=True).get_attribute("href")
    (page,) = pages_of(bytes(jean.evaluate(FETCHED, address)))
    assert "Le secrétariat ferme" in page
    assert "Grande Rue en sens unique" in page
    assert "Le bulletin de l’été" not in page

    # What was done no longer waits.
    jean.goto(served.url("/desk/"))
    expect(jean.get_by_role("link", name=re.compile("attend une réponse"))).to_have_count(0)
