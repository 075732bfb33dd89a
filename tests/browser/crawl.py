"""Which pages there are: every address that needs no id, and an example of each that does, found by following links."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from town.kernel.web import TownApp

NOT_FOLLOWED = ("/static/", "/media/", "/logout")
MOST = 400


class _Page(HTMLParser):
    """The links of a page, and the looks that stand in its main part."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.looks: set[str] = set()
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "main":
            self._inside = True
        if tag == "a" and found.get("href"):
            self.links.append(found["href"] or "")
        if self._inside:
            self.looks.update(f"{tag}.{look}" for look in (found.get("class") or "").split() or [""])

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self._inside = False


def without_ids(app: TownApp) -> list[str]:
    """Every address that is read without naming a thing."""
    rules = (rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments)
    return sorted({rule.rule for rule in rules})


def endpoint_of(app: TownApp, path: str) -> str | None:
    try:
        endpoint, _values = app.url_map.bind("localhost").match(path)
    except (HTTPException, RequestRedirect):
        return None
    return str(endpoint)


def pages(app: TownApp, browser: FlaskClient, seen: dict[str, set[str]]) -> Iterator[str]:
    """The pages that somebody's browser reaches, one an endpoint, left out where others saw all that is on it.

    seen: by endpoint, the looks met so far; shared between people and grown here.
    """
    waiting = ["/", *without_ids(app)]
    asked: set[str] = set()
    shown: set[str] = set()
    while waiting and len(asked) < MOST:
        path = waiting.pop(0)
        endpoint = endpoint_of(app, path.partition("?")[0])
        if path in asked or endpoint is None or endpoint in shown or path.startswith(NOT_FOLLOWED):
            continue
        asked.add(path)
        answer = browser.get(path)
        saved = answer.headers.get("Content-Disposition", "").startswith("attachment")  # a file, not a page
        if answer.status_code != 200 or answer.mimetype != "text/html" or saved:
            continue
        shown.add(endpoint)
        page = _Page()
        page.feed(answer.text)
        for link in page.links:
            parts = urlsplit(urljoin(path, link))
            if not parts.netloc and not re.match(r"[a-z]+:", link):
                waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))
        if not page.looks <= seen.setdefault(endpoint, set()):
            seen[endpoint] |= page.looks
            yield path
