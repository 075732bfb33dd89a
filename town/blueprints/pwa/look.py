"""How pages look, as addresses that change with it: our stylesheet, and what a town chooses of colours and icons."""

import hashlib
import re
from functools import lru_cache

from town.blueprints.pwa import icons
from town.kernel.assets import STATIC, asset
from town.kernel.features import path_to
from town.kernel.media import register_guard
from town.kernel.tenancy import current_town

CSS = """@font-face{{
font-family:Aleo;src:url("{font}") format("woff2");font-weight:500 800;font-display:optional}}
:root{{--th:{hue};--tc:{chroma}}}
"""


SHEETS = ("tokens.css", "base.css", "components.css")


def style() -> str:
    """The stylesheet of every page: ours in one, without what only its readers need."""
    return _style(max((STATIC / "css" / name).stat().st_mtime for name in SHEETS))


@lru_cache(maxsize=1)
def _style(_modified: float) -> str:
    text = "\n".join((STATIC / "css" / name).read_text() for name in SHEETS)
    lines = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).splitlines()
    return "\n".join(line.strip() for line in lines if line.strip()) + "\n"


def style_url() -> str:
    return path_to("pwa.style", v=version(style()))


def town_css() -> str:
    """All that a town chooses, as a stylesheet: the content policy allows no inline style."""
    town = current_town()
    return CSS.format(font=asset("aleo.woff2"), hue=town.hue, chroma=town.chroma)


def town_css_url() -> str:
    return path_to("pwa.town_css", v=version(town_css()))


@lru_cache(maxsize=128)
def version(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def icon_url(name: str) -> str:
    """The address of an icon: "32", "192", "maskable-512", "apple-touch-icon"…"""
    town = current_town()
    return path_to("pwa.icon", name=name, v=icons.digest(town.hue, town.chroma))


register_guard("arms", lambda _town: "public")  # a coat of arms is for everybody
