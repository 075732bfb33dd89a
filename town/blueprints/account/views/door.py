"""The feature itself, the charter, and the language of the pages."""

from urllib.parse import urlsplit

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from town.commons.people.access import PUBLIC
from town.commons.people.visit import me, visitor
from town.kernel.db import flush
from town.kernel.features import Feature, link_to
from town.kernel.language import LANGUAGES
from town.kernel.tenancy import towns
from town.kernel.web import local_path, page

feature = Feature(
    "account",
    __name__,
    title=_l("My account"),
    icon="person",
    url_prefix="",
    short={"/inscription": "join", "/connexion": "login", "/compte": "index", "/mes-donnees": "data"},
    essential=True,
    personal=True,
)


def onward(wish: str | None) -> ResponseReturnValue:
    """After signing in: where somebody was going, or home."""
    return redirect(local_path(wish) or link_to("home.index") or "/", 303)


def next_step() -> str:
    """After joining: proving one's address, where this town does that."""
    return "certification.index" if link_to("certification.index") else "home.index"


@feature.post("/language/<code>", access=PUBLIC)
def language(code: str) -> ResponseReturnValue:
    """Keep the choice: with the person, or for visitors in a cookie of its own, which is no secret."""
    came_from = urlsplit(request.referrer or "")
    back = came_from.path + (f"?{came_from.query}" if came_from.query else "")
    response = redirect(local_path(back) or url_for("home.index"), 303)
    if code in LANGUAGES:
        if visitor().signed_in:
            me().language = code
            flush()
        secure = not towns().settings.development
        response.set_cookie("lang", code, max_age=31536000, samesite="Lax", path="/", secure=secure)
    return response


@feature.get("/charter", access=PUBLIC)
def charter() -> ResponseReturnValue:
    """What neighbours promise each other."""
    return page("account/charter.html")
