"""Everything works without JavaScript: htmx only sits on links and forms that do the same by themselves."""

from html.parser import HTMLParser

import pytest

from tests.conftest import Browse
from tests.sweeps.test_routes import crawl

VERBS = ("hx-get", "hx-post", "hx-put", "hx-delete", "hx-patch")
EVAL = ("hx-on", "data-hx-on")


class Page(HTMLParser):
    """Collects what would do nothing without JavaScript, and forms that cannot be sent."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.forms: list[dict[str, bool]] = []
        self.borrowed: set[str] = set()
        self.ids: dict[str, dict[str, bool]] = {}

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attributes}
        if any(name.startswith(EVAL) for name in has) or any(value.startswith("js:") for value in has.values()):
            self.wrong.append(f"<{tag}> asks for eval")
        verb = next((name for name in VERBS if name in has), None)
        if tag == "form":
            self.forms.append({"sent": False, "typed": False})
            if "id" in has:
                self.ids[has["id"]] = self.forms[-1]
            if "action" not in has:
                self.wrong.append(f"form without action: {has}")
            if verb and has.get("action", "").partition("?")[0] != has[verb].partition("?")[0]:
                self.wrong.append(f"form does one thing by itself and another with htmx: {has}")
        if tag == "a" and verb and not has.get("href"):
            self.wrong.append(f"link without address: {has}")
        typed = tag in ("textarea", "select") or (
            tag == "input" and has.get("type") not in ("hidden", "submit", "image")
        )
        if typed and self.forms:
            self.forms[-1]["typed"] = True
        sends = tag == "button" and has.get("type", "submit") == "submit"
        sends = sends or (tag == "input" and has.get("type") in ("submit", "image"))
        if sends and "form" in has:
            self.borrowed.add(has["form"])
        elif sends and self.forms:
            self.forms[-1]["sent"] = True

    def done(self) -> list[str]:
        for name in self.borrowed:
            if name in self.ids:
                self.ids[name]["sent"] = True
        if any(form["typed"] and not form["sent"] for form in self.forms):
            self.wrong.append("a form has fields and no button")
        return self.wrong


@pytest.mark.parametrize("name", [None, "nadia", "odile", "jean"])
def test_every_form_and_link_works_by_itself(browse: Browse, name: str | None) -> None:
    wrong = {}
    for address, (_status, text) in crawl(browse(name)).items():
        page = Page()
        page.feed(text)
        if found := page.done():
            wrong[address] = found
    assert not wrong
