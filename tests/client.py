"""A browser without JavaScript, for tests: Flask's client, at the host it was opened on."""

from contextvars import Context
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from town.kernel.web import TownApp


class Browser(FlaskClient):
    """Its host is the town it looks at.

    Each request has a context of its own, as on a server: Flask would lend it the `g` of a test inside a town.
    """

    host = "localhost"

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("base_url", f"http://{self.host}")
        return Context().run(super().open, *args, **kwargs)


def browser_of(app: TownApp, host: str = "localhost") -> Browser:
    browser = Browser(app, app.response_class, use_cookies=True)
    browser.host = host
    return browser
