"""The addresses of pictures: each request is authorised by the thing that the picture belongs to."""

from collections.abc import Callable
from typing import Literal

from flask import Blueprint, Flask, Response, abort, request
from sqlalchemy import select

from town.kernel.db import db
from town.kernel.features import Route
from town.kernel.media.models import Media, address
from town.kernel.media.store import NAME, store
from town.kernel.media.waiting import claimed
from town.kernel.policy import PUBLIC

Seen = Literal["public", "private"]
Guard = Callable[[int], Seen | None]

media = Blueprint("media", __name__, url_prefix="/media")
_guards: dict[str, Guard] = {}

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Disposition": "inline",
    "Vary": "Cookie",
}
KEEP = {"public": "no-cache", "private": "private, max-age=3600"}


def register_guard(subject_type: str, guard: Guard) -> None:
    """Say who may see the pictures of a kind of thing: `guard(subject_id)` answers for whoever is asking now.

    "public": everybody may. "private": this viewer may. None: for this viewer there is nothing here. Pictures of a kind
    without a guard are never shown.
    """
    _guards[subject_type] = guard


@media.get("/<name>/<size>.webp")
def show(name: str, size: str) -> Response:
    """One size of a picture."""
    if NAME.fullmatch(name) is None:
        abort(404)
    row = db.session.execute(
        select(Media.subject_type, Media.subject_id).where(Media.name == name, Media.deleted_at.is_(None))
    ).first()
    if row is None or row.subject_id is None:
        abort(404)
    guard = _guards.get(row.subject_type)
    seen = guard(row.subject_id) if guard is not None else None
    if seen is None:
        abort(404)
    response = _picture(name, size)
    response.headers["Cache-Control"] = KEEP[seen]
    response.headers["X-Offline"] = seen
    return response


@media.get("/waiting/<token>/<size>.webp")
def waiting(token: str, size: str) -> Response:
    """One size of a picture that waits for its form, shown to whoever sent it."""
    picture = claimed(token)
    if picture is None:
        abort(404)
    response = _picture(picture.name, size)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Offline"] = "never"
    return response


def _picture(name: str, size: str) -> Response:
    file = store().file(name, size)
    if file is None:
        abort(404)
    response = Response(mimetype="image/webp", headers=HEADERS)
    response.set_etag(f"{name}-{size}")  # a name never gets other pixels
    response.make_conditional(request)
    if response.status_code == 200:
        response.set_data(file.read_bytes())
    return response


def init_app(app: Flask) -> None:
    app.register_blueprint(media)
    app.extensions.setdefault("routes", {}).update({"media.show": Route(PUBLIC), "media.waiting": Route(PUBLIC)})
    app.jinja_env.globals["picture_url"] = address
