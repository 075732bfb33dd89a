"""The service worker: one script made of small ones, told what this town's pages need."""

import hashlib
import json
from functools import lru_cache

from flask import url_for

from town.blueprints.pwa.look import town_css_url
from town.kernel.assets import STATIC, asset, static_url
from town.kernel.features import link_to, route_of
from town.kernel.policy import PUBLIC
from town.kernel.tenancy import current_town

PARTS = ("shelves.js", "keeping.js", "answers.js", "worker.js")
SCRIPTS = ("theme.js", "page.js", "app.js", "kept.js")
STYLES = ("tokens.css", "base.css", "components.css")
SEEDS = ("home.index", "townhall.index", "events.index", "shops.index", "complaints.new", "home.help")
"""What anybody may read without network from the first visit on, where the town has it."""


def worker() -> str:
    """The text of the worker. It changes with any of its files, and browsers then fetch the new version."""
    told = {
        "town": current_town().slug,
        "files": _files(),
        "offline": url_for("pwa.offline"),
        "seeds": _seeds(),
    }
    code = _code(max((STATIC / "js" / "sw" / part).stat().st_mtime for part in PARTS))
    told["version"] = hashlib.sha256((json.dumps(told) + code).encode()).hexdigest()[:12]
    return f"const APP = {json.dumps(told, indent=1)};\n{code}"


@lru_cache(maxsize=1)
def _code(_modified: float) -> str:
    lines = "".join((STATIC / "js" / "sw" / part).read_text() for part in PARTS).splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("//")) + "\n"


def _files() -> list[str]:
    """What every page asks for; the addresses change with the content."""
    return [
        town_css_url(),
        *(static_url(f"css/{name}") for name in STYLES),
        *(static_url(f"js/{name}") for name in SCRIPTS),
        static_url("icons/sprite.svg"),
        asset("htmx.js"),
        asset("aleo.woff2"),
    ]


def _seeds() -> list[str]:
    open_to_all = [name for name in SEEDS if (route := route_of(name)) is not None and route.access is PUBLIC]
    return [address for name in open_to_all if (address := link_to(name))]
