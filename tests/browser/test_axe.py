"""Every page, as everybody sees it: accessible by day and night, on a narrow phone and a wide screen."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.axe import Complaints, wrong_with
from tests.browser.conftest import sign_in
from tests.browser.crawl import endpoint_of, pages
from tests.browser.served import Served
from tests.conftest import Browse
from town.kernel.web import TownApp

PEOPLE = ["odile", "nadia", "jean", "helene", None]


@pytest.fixture(scope="module")
def seen() -> dict[str, set[str]]:
    """The looks of each page that somebody has been shown, so that nobody checks the same twice."""
    return {}


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="fr-FR", service_workers="block")
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.mark.parametrize("name", PEOPLE, ids=lambda name: name or "visitor")
def test_every_page_can_be_read_by_everybody(
    name: str | None, app: TownApp, browse: Browse, served: Served, phone: BrowserContext, seen: dict[str, set[str]]
) -> None:
    page = phone.new_page()
    if name:
        sign_in(page, served, name)
    complaints = Complaints(phone)
    wrong: dict[str, list[str]] = {}
    checked = 0
    for path in pages(app, browse(name), seen):
        answer = page.goto(served.url(path))
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        found = wrong_with(page) + complaints.take()
        checked += 1
        if found:
            wrong[f"{endpoint_of(app, path.partition('?')[0])} {path}"] = found
    print(f"{name or 'visitor'}: {checked} pages")
    assert wrong == {}, "\n".join(f"\n{path}\n  " + "\n  ".join(found) for path, found in wrong.items())
    assert complaints.hosts <= {f"saint-loup.localhost:{served.port}"}, "somebody else was asked"
    assert checked or name == "helene"


@pytest.mark.parametrize("path", ["/nothing-here", "/desk/"])
def test_a_page_that_is_not_to_be_had_can_be_read_too(served: Served, phone: BrowserContext, path: str) -> None:
    page: Page = phone.new_page()
    sign_in(page, served, "odile")
    answer = page.goto(served.url(path))
    assert answer is not None
    assert answer.status in {403, 404}
    assert wrong_with(page) == []


REQUIRED_EMPTY = """() => {
    const form = [...document.querySelectorAll('main form[method=post]')].find(one => one.querySelector('[required]'));
    if (!form) return false;
    for (const field of form.querySelectorAll('[required]')) {
        field.checked = false;
        if (field.type !== 'radio') field.value = '';
    }
    form.submit();
    return true;
}"""


@pytest.mark.parametrize("name", ["jean", "nadia", None], ids=lambda name: name or "visitor")
def test_every_form_that_comes_back_can_be_read_and_put_right(
    name: str | None, app: TownApp, browse: Browse, served: Served, phone: BrowserContext
) -> None:
    """Sent with nothing in it, past the browser's own checks and without htmx."""
    page = phone.new_page()
    if name:
        sign_in(page, served, name)
    wrong: dict[str, list[str]] = {}
    came_back = 0
    for path in pages(app, browse(name), {}):
        if "<form" not in browse(name).get(path).text.partition("<main")[2]:
            continue
        page.goto(served.url(path))
        with page.expect_navigation() as navigation:
            if not page.evaluate(REQUIRED_EMPTY):
                page.goto("about:blank")
        answer = navigation.value
        if page.url == "about:blank" or answer.status != 422:
            continue
        came_back += 1
        summary = page.locator("main [role=alert]").count()
        found = wrong_with(page) + ([] if summary else ["no summary of what is to be put right"])
        if found:
            wrong[path] = found
    print(f"{name or 'visitor'}: {came_back} forms")
    assert wrong == {}, "\n".join(f"\n{path}\n  " + "\n  ".join(found) for path, found in wrong.items())
    assert came_back
