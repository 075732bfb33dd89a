"""Static files: third-party ones by the build's manifest, ours by their content, both kept forever by browsers."""

import hashlib
import json
from functools import cache
from pathlib import Path

from flask import Flask, Response, request
from markupsafe import Markup

STATIC = Path(__file__).parents[1] / "static"
FOREVER = "public, max-age=31536000, immutable"


@cache
def _manifest() -> dict[str, str]:
    found: dict[str, str] = json.loads((STATIC / "vendor" / "manifest.json").read_text())
    return found


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


@cache
def asset(name: str) -> str:
    """The address of a third-party file that the build put in place, such as `htmx.js`. KeyError for an unknown one."""
    return f"/static/vendor/{_manifest()[name]}"


def vendor_file(name: str) -> Path:
    """Where a third-party file lies, for what is no page: the fonts of paper. KeyError for an unknown one."""
    return STATIC / "vendor" / _manifest()[name]


@cache
def static_url(name: str) -> str:
    """The address of one of our own files; it changes with the file, once the server starts again."""
    return f"/static/{name}?v={_digest(name)}"


@cache
def icon(name: str, cls: str = "") -> Markup:
    """An icon for templates, always decorative. Their own words name it, so there are as many as icons."""
    sprite = static_url("icons/sprite.svg")
    drawn = '<svg class="ic{}" aria-hidden="true"><use href="{}#i-{}"/></svg>'
    return Markup(drawn).format(f" {cls}" if cls else "", sprite, name)


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(asset=asset, static_url=static_url, icon=icon)

    @app.after_request
    def keep_forever(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in {200, 304}:
            hashed = "v" in request.args or request.path.startswith("/static/vendor/")
            response.headers["Cache-Control"] = FOREVER if hashed else "public, no-cache"
        return response
