"""A map comes when it is about to be seen; a photo that says where it was taken calls it, wherever it stands."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in
from tests.browser.eventually import eventually
from tests.browser.served import Served


def test_the_form_weighs_little_until_somebody_scrolls_to_its_map(served: Served, visit: Callable[..., Page]) -> None:
    odile, asked = visit(), []
    odile.on("request", lambda request: asked.append(request.url) if "leaflet" in request.url else None)
    sign_in(odile, served, "odile")
    odile.goto(served.url("/complaints/new"), wait_until="networkidle")
    assert asked == []
    box = odile.locator("[data-map]")
    box.scroll_into_view_if_needed()
    expect(box.locator(".leaflet-control-zoom")).to_be_visible()
    box.click()
    assert float(odile.locator("[data-lon]").first.input_value()) != 0

    odile.goto(served.url("/complaints/new"))
    assert odile.locator(".leaflet-control-zoom").count() == 0
    odile.evaluate("dispatchEvent(new CustomEvent('town:place', { detail: [0, 0] }))")
    eventually(odile, "document.querySelector('.leaflet-control-zoom') !== null")
    assert odile.locator("[data-lon]").first.input_value() == "", "a photo from far away says nothing"
