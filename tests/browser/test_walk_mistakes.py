"""A mistake in a form, on a phone: the first wrong field is seen whole, label and error, above the bar."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in
from tests.browser.eventually import eventually
from tests.browser.served import Served

WHOLE = """() => {
    const wrong = document.activeElement;
    const field = wrong.closest('.field') ?? wrong;
    const box = (selector, place) => place.querySelector(selector)?.getBoundingClientRect();
    const floor = Math.min(box('.bar-actions', document).top, box('.nav', document).top);
    return wrong.id === NAME && box('label', field)?.top >= 0 && box('.err', field)?.bottom <= floor;
}"""


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_lucas_sees_his_mistake_whole_wherever_it_is(
    served: Served, visit: Callable[..., Page], *, script: bool
) -> None:
    lucas = visit(java_script_enabled=script, viewport={"width": 390, "height": 700})
    sign_in(lucas, served, "lucas")
    lucas.goto(served.url("/"))
    lucas.locator("main").get_by_role("link", name="Publier une offre").click()
    offering = lucas.url
    for title, price, wrong in (("", "2,40", "title"), ("Galette", "cher", "price")):
        lucas.goto(offering)
        lucas.locator("main input[name=title]").fill(title)
        lucas.locator("main input[name=price]").fill(price)
        lucas.get_by_role("button", name="Mettre en vitrine").click()
        expect(lucas.locator("#errors")).to_be_attached()
        eventually(lucas, f"({WHOLE.replace('NAME', repr(wrong))})()")
    lucas.goto(offering.replace("/offers/new", "/hours"))
    lucas.locator("select[name=days-4-how]").select_option("open")
    lucas.locator("input[name=days-4-opens]").fill("09:00")
    lucas.locator("input[name=days-4-closes]").fill("")
    lucas.get_by_role("button", name="Garder ces horaires").click()
    expect(lucas.locator("#errors")).to_be_attached()
    eventually(lucas, f"({WHOLE.replace('NAME', repr('days-4-closes'))})()")
