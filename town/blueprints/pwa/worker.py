"""The service worker: one script made of small ones, told what this town's pages need."""

import hashlib
import json
import re
from functools import lru_cache

from flask import url_for

from town.blueprints.pwa.look import icon_url, style_url, town_css_url, version
from town.kernel.assets import STATIC, asset, static_url
from town.kernel.features import link_to, path_to, route_of
from town.kernel.policy import PUBLIC
from town.kernel.tenancy import current_town

SENDING = ("outbox/box.js", "outbox/post.js")
WORKER = (
    *(f"sw/{part}.js" for part in ("shelves", "keeping", "hidden", "answers")),
    *SENDING,
    *(f"sw/{part}.js" for part in ("handed", "push", "worker")),
)
OUTBOX = (
    *SENDING,
    "outbox/form.js",
    "outbox/drafts.js",
    "outbox/signs.js",
    "outbox/stock.js",
    "outbox/invite.js",
    "outbox/rings.js",
    "outbox/gone.js",
)
LIST = ("outbox/list.js",)
"""Small scripts that are served as one: the worker's, the outbox of every page that needs it, and its own page's."""
ON_EVERY_PAGE = ("page", "app")
SCRIPTS = ("kept.js",)
SEEDS = ("home.index", "townhall.index", "events.index", "shops.index", "pwa.outbox", "home.emergencies", "home.help")
"""What anybody may read without network from the first visit on, where the town has it."""


def worker() -> str:
    """The text of the worker. It changes with any of its files, and browsers then fetch the new version."""
    told = {
        "town": current_town().slug,
        "icon": icon_url("192"),
        "files": _files(),
        "offline": url_for("pwa.offline"),
        "report": link_to("complaints.new") or "/",
        "seeds": _seeds(),
    }
    code = composed(WORKER)
    told["version"] = hashlib.sha256((json.dumps(told) + code).encode()).hexdigest()[:12]
    return f"const APP = {json.dumps(told, indent=1)};\n{code}"


def composed(parts: tuple[str, ...]) -> str:
    """The text of these scripts, without what only their readers need."""
    return _composed(parts, max((STATIC / "js" / part).stat().st_mtime for part in parts))


@lru_cache(maxsize=8)
def _composed(parts: tuple[str, ...], _modified: float) -> str:
    lines = "".join((STATIC / "js" / part).read_text() for part in parts).splitlines()
    code = [re.sub(r"(^|\s+)// .*$", "", line.strip()) for line in lines]
    return "\n".join(line for line in code if line) + "\n"


def outbox(part: str = "") -> str:
    """The script of the outbox, a module; `list` is that of its own page."""
    return composed((*OUTBOX, *LIST) if part == "list" else OUTBOX)


def outbox_url(part: str = "") -> str:
    """Its address, which changes with it."""
    return path_to("pwa.outbox_script", part=part or None, v=version(outbox(part)))


def script(name: str) -> str:
    """A script of every page, by its name. KeyError for another."""
    return composed(({part: f"{part}.js" for part in ON_EVERY_PAGE}[name],))


def script_url(name: str) -> str:
    """Its address, which changes with it."""
    return path_to("pwa.script", name=name, v=version(script(name)))


def _files() -> list[str]:
    """What every page asks for; the addresses change with the content."""
    return [
        town_css_url(),
        style_url(),
        *(static_url(f"js/{name}") for name in SCRIPTS),
        static_url("icons/sprite.svg"),
        *(script_url(name) for name in ON_EVERY_PAGE),
        outbox_url(),
        outbox_url("list"),
        asset("htmx.js"),
        asset("aleo.woff2"),
    ]


def _seeds() -> list[str]:
    open_to_all = [name for name in SEEDS if (route := route_of(name)) is not None and route.access is PUBLIC]
    return [address for name in open_to_all if (address := link_to(name))]
