"""Signing in and the language of the pages."""

from flask import redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from town.commons.people.access import PUBLIC
from town.kernel.features import Feature
from town.kernel.language import LANGUAGES

feature = Feature("account", __name__, title=_l("My account"), icon="person", url_prefix="", essential=True)


@feature.post("/language/<code>", access=PUBLIC)
def language(code: str) -> ResponseReturnValue:
    """Keep the choice in a cookie of its own: it is no secret and visitors have no session."""
    back = request.referrer or "/"
    response = redirect("/" + back.partition("//")[2].partition("/")[2], 303)
    if code in LANGUAGES:
        response.set_cookie("lang", code, max_age=31536000, samesite="Lax", path="/")
    return response


@feature.get("/login", access=PUBLIC, keep="never")
def login() -> ResponseReturnValue:
    raise NotImplementedError
