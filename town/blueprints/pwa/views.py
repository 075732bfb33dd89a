"""The town's colours, and whether the service lives."""

from flask import Response
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from town.commons.people.access import PUBLIC
from town.kernel.assets import asset
from town.kernel.features import Feature
from town.kernel.tenancy import current_town

feature = Feature("pwa", __name__, title=_l("App"), icon="phone", url_prefix="", essential=True)

FONT = """@font-face{{
font-family:Aleo;src:url("{font}") format("woff2");font-weight:500 800;font-display:optional}}
:root{{--th:{hue};--tc:{chroma}}}
"""


@feature.get("/town.css", access=PUBLIC)
def town_css() -> ResponseReturnValue:
    """All that a town chooses, as a stylesheet: the content policy allows no inline style."""
    town = current_town()
    css = FONT.format(font=asset("aleo.woff2"), hue=town.hue, chroma=town.chroma)
    response = Response(css, mimetype="text/css")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@feature.get("/healthz", access=PUBLIC)
def healthz() -> ResponseReturnValue:
    """Alive, on any host; without detail."""
    return Response("ok\n", mimetype="text/plain", headers={"Cache-Control": "no-store"})
