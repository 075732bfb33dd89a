"""AS-02: « si vous leur apportiez les bras et le coup de pouce qui leur manque », an officer and three neighbours."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO

from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser.conftest import sign_in
from tests.browser.served import Served

NEXT_WEEK = date.today() + timedelta(days=7)  # noqa: DTZ011  # the browser's own day


def call(mathilde: Page, served: Served) -> str:
    """From the sheet of things to post to the page of the call."""
    mathilde.goto(served.url("/post"))
    mathilde.locator("main").get_by_role("link", name="Appel à bénévoles").click()
    expect(mathilde.locator("main")).to_contain_text("Au nom de : Les Amis du Verger".replace(" :", "\u00a0:"))
    mathilde.get_by_label("Pour quoi cherchez-vous de l’aide").fill("Greffe des pruniers")
    mathilde.get_by_label("Que feront les gens").fill("On coupe, on ligature, on goûte la confiture.")
    mathilde.get_by_label("Où se retrouver").fill("Portail bleu")
    first = mathilde.locator("section", has=mathilde.get_by_role("heading", name="Quand"))
    first.get_by_label("Jour").first.fill(NEXT_WEEK.isoformat())
    first.get_by_label("Combien de personnes").first.fill("2")
    first.get_by_label("À partir de").first.fill("09:00")
    first.get_by_label("Jusqu’à").first.fill("11:00")
    mathilde.get_by_role("button", name="Publier l’appel").click()
    expect(mathilde.get_by_role("heading", level=1)).to_have_text("Greffe des pruniers")
    expect(mathilde.locator("main")).to_contain_text("Il manque 2 personnes")
    return mathilde.url


def come(page: Page, address: str, button: str) -> None:
    page.goto(address)
    page.get_by_role("button", name=re.compile(button)).click()


def test_a_call_its_last_place_a_waiting_line_and_the_list_for_the_door(
    served: Served, visit: Callable[..., Page]
) -> None:
    mathilde, karim, odile, lucas = visit(), visit(), visit(java_script_enabled=False), visit()
    for name, phone in (("mathilde", mathilde), ("karim", karim), ("odile", odile), ("lucas", lucas)):
        sign_in(phone, served, name)
    address = call(mathilde, served)

    # One tap each; the second one, without JavaScript, takes the last place.
    come(karim, address, "Je viens de 9")
    expect(karim.locator("#slots")).to_contain_text("On vous attend")
    come(odile, address, "Je viens de 9")
    expect(odile.locator("#slots")).to_contain_text("On vous attend")
    expect(odile.locator("#slots")).to_contain_text("Complet, merci")

    # The third waits, until Karim cannot come after all.
    come(lucas, address, "liste d’attente")
    expect(lucas.locator("#slots")).to_contain_text("Liste d’attente, place 1")
    come(karim, address, "Je ne peux plus venir")
    expect(karim.locator("#slots")).not_to_contain_text("On vous attend")
    lucas.goto(address)
    expect(lucas.locator("#slots")).to_contain_text("On vous attend")

    # Mathilde sees who comes, and prints it for the door.
    mathilde.goto(address)
    mathilde.get_by_role("link", name="Qui vient").click()
    expect(mathilde.locator("#people")).to_contain_text("Odile M.")
    paper = mathilde.get_by_role("link", name="Imprimer la liste").get_attribute("href")
    printed = mathilde.evaluate("async url => [...new Uint8Array(await (await fetch(url)).arrayBuffer())]", paper)
    text = PdfReader(BytesIO(bytes(printed))).pages[0].extract_text()
    assert "Odile M." in text
    assert "Lucas M." in text
    assert "Karim B." not in text
