"""Every page, as everybody sees it: accessible by day and night, on a narrow phone and a wide screen."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.axe import PHONE, Complaints, wrong_with
from tests.browser.conftest import sign_in
from tests.browser.crawl import endpoint_of, pages
from tests.browser.served import Served
from tests.conftest import Browse
from town.kernel.web import TownApp

PEOPLE = ["odile", "nadia", "jean", "helene", None]

SEND_EMPTY = """() => {
    const form = [...document.querySelectorAll('main form[method=post]')].find(one => one.querySelector('[required]'));
    if (!form) return false;
    for (const field of form.querySelectorAll('[required]')) {
        field.checked = false;
        if (field.type !== 'radio') field.value = '';
    }
    setTimeout(() => form.submit());
    return true;
}"""


@pytest.fixture(scope="module")
def seen() -> dict[str, set[str]]:
    """The looks of each page that somebody has been shown, so that nobody checks the same twice."""
    return {}


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="fr-FR", service_workers="block")
    context.set_default_timeout(30_000)
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
    checked = came_back = 0
    for path in pages(app, browse(name), seen):
        place = f"{endpoint_of(app, path.partition('?')[0])} {path}"
        answer = page.goto(served.url(path))
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        wrong[place] = wrong_with(page) + complaints.take()
        checked += 1
        if sent_empty(page):
            wrong[f"{place}, sent empty"] = wrong_with(page, PHONE)
            if not page.locator("main [role=alert]").count():
                wrong[f"{place}, sent empty"].append("it does not say what is to be put right")
            came_back += 1
        complaints.take()  # a form that comes back is an error to the browser's console
    print(f"{name or 'visitor'}: {checked} pages, {came_back} forms sent empty")
    wrong = {place: found for place, found in wrong.items() if found}
    assert wrong == {}, "\n".join(f"\n{place}\n  " + "\n  ".join(found) for place, found in wrong.items())
    assert complaints.hosts <= {f"saint-loup.localhost:{served.port}"}, "somebody else was asked"
    assert checked


def sent_empty(page: Page) -> bool:
    """Send the page's form with nothing in it, past the browser's own checks and htmx; whether it comes back."""
    answers: list[int] = []
    page.on("response", lambda answer: answers.append(answer.status) if answer.request.method == "POST" else None)
    if not page.evaluate(SEND_EMPTY):
        return False
    page.wait_for_event("load")
    return answers[-1:] == [422]


@pytest.mark.parametrize(("path", "status"), [("/nothing-here", 404), ("/desk/", 403)])
def test_a_page_that_is_not_to_be_had_can_be_read_too(
    served: Served, phone: BrowserContext, path: str, status: int
) -> None:
    page = phone.new_page()
    sign_in(page, served, "odile")
    answer = page.goto(served.url(path))
    assert answer is not None
    assert answer.status == status
    assert wrong_with(page) == []
