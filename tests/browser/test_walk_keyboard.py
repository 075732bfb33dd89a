"""Without a mouse: every stop is seen, none is hidden, and they follow each other as the page reads."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in
from tests.browser.served import Served

Visit = Callable[..., Page]
MOST = 150

STOP = """() => {
    const stop = document.activeElement;
    if (!stop || stop === document.body) return null;
    const all = [...document.querySelectorAll('*')];
    const seen = stop.closest('label, .tile') ?? stop;  // a tile shows the focus of the tick inside it
    // the focus shows on the thing, on what holds it, or on the whole card
    const around = [stop, seen, stop.parentElement, ...(stop.labels ?? [])];
    const looks = [...around.map(one => getComputedStyle(one)), getComputedStyle(stop, '::after')];
    const box = (stop.getBoundingClientRect().width > 4 ? stop : seen).getBoundingClientRect();
    const inside = (at, most) => Math.min(Math.max(at, 1), most - 1);
    const [x, y] = [inside(box.left + box.width / 2, innerWidth), inside(box.top + box.height / 2, innerHeight)];
    const there = document.elementFromPoint(x, y);
    return {
        place: all.indexOf(stop),
        what: stop.outerHTML.slice(0, 140),
        outlined: looks.some(one => one.outlineStyle !== 'none' && parseFloat(one.outlineWidth) >= 2),
        inView: box.bottom > 0 && box.top < innerHeight && box.width > 0,
        covered: !there || !(stop.contains(there) || there.contains(stop) || seen.contains(there)),
        jumps: stop.tabIndex > 0,
    };
}"""


def stops(page: Page) -> list[dict[str, object]]:
    """Every stop of the Tab key, from the top of the page until it leaves it."""
    found: list[dict[str, object]] = []
    for _ in range(MOST):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None or (found and stop["place"] == found[0]["place"]):
            return found
        found.append(stop)
    raise AssertionError("the Tab key never leaves the page")


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 900)])
@pytest.mark.parametrize("path", ["/", "/complaints/new"])
def test_the_tab_key_goes_through_the_page_in_order_and_is_always_seen(
    served: Served, visit: Visit, path: str, width: int, height: int
) -> None:
    page = visit(viewport={"width": width, "height": height}, reduced_motion="reduce")
    sign_in(page, served, "odile")
    page.goto(served.url(path))
    found = stops(page)
    assert len(found) > 8
    places = [stop["place"] for stop in found]
    assert places == sorted(places), "the order is not that of the page"
    for fault in ("jumps", "covered"):
        assert [stop["what"] for stop in found if stop[fault]] == [], fault
    for virtue in ("outlined", "inView"):
        assert [stop["what"] for stop in found if not stop[virtue]] == [], f"not {virtue}"


def test_the_first_stop_skips_the_menus(served: Served, visit: Visit) -> None:
    page = visit()
    page.goto(served.url("/"))
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    expect(skip).to_be_focused()
    box = skip.bounding_box()
    assert box is not None
    assert box["width"] > 40, "it shows itself once it is reached"
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
