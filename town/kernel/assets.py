"""Static files: third-party ones by the build's manifest, ours by their content, both kept forever by browsers."""

import hashlib
import json
from functools import cache
from pathlib import Path

from flask import Flask, Response, request, url_for

STATIC = Path(__file__).parents[1] / "static"
FOREVER = "public, max-age=31536000, immutable"


@cache
def _manifest() -> dict[str, str]:
    found: dict[str, str] = json.loads((STATIC / "vendor" / "manifest.json").read_text())
    return found


@cache
def _digest(name: str, _modified: float) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """The address of a third-party file that the build put in place, such as `htmx.js`. KeyError for an unknown one."""
    return url_for("static", filename=f"vendor/{_manifest()[name]}")


def vendor_file(name: str) -> Path:
    """Where a third-party file lies, for what is no page: the fonts of paper. KeyError for an unknown one."""
    return STATIC / "vendor" / _manifest()[name]


def static_url(name: str) -> str:
    """The address of one of our own files; it changes with the file."""
    return url_for("static", filename=name, v=_digest(name, (STATIC / name).stat().st_mtime))


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(asset=asset, static_url=static_url)

    @app.after_request
    def keep_forever(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in {200, 304}:
            hashed = "v" in request.args or request.path.startswith("/static/vendor/")
            response.headers["Cache-Control"] = FOREVER if hashed else "public, no-cache"
        return response
