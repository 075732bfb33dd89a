"""Error pages: a clear sentence, what was typed, and a way on."""

import sqlite3

from flask import Flask, Response, current_app, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DatabaseError, OperationalError
from werkzeug.exceptions import HTTPException

from town.kernel.db import db, set_writing
from town.kernel.engines import OtherVersion, TownFileMissing
from town.kernel.refusals import Refused
from town.kernel.registry import RegistryMissing
from town.kernel.tenancy import UnknownTown
from town.kernel.troubles import TownDamaged, kind_of
from town.kernel.web import refused, troubled, typed_fields, unavailable, under_repair, wants_json

PAGES = frozenset({400, 403, 404, 405, 413, 415, 429})


def init_app(app: Flask) -> None:
    app.register_error_handler(Refused, refused)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(DatabaseError, troubled_database)
    app.register_error_handler(sqlite3.Error, registry_in_trouble)
    for closed in (TownFileMissing, TownDamaged, OtherVersion, RegistryMissing):
        app.register_error_handler(closed, closed_for_repair)
    app.register_error_handler(500, our_fault)


def _let_go() -> None:
    """Nothing of the request stays, and its error page only reads: it must not wait for the lock that was lost."""
    db.session.rollback()
    set_writing(False)


def http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or isinstance(error, UnknownTown):
        return error.get_response()
    code = error.code or 500
    if g.get("town") is None or g.get("viewer") is None or code not in PAGES:
        return error.get_response()
    _let_go()
    because = error.description if error.description != type(error).description else None
    if wants_json():
        body: ResponseReturnValue = ({"error": error.name, **({"sentence": because} if because else {})}, code)
        return body
    name = f"errors/{code if code in {403, 404, 413, 429} else 400}.html"
    response = make_response(render_template(name, because=because, fields=typed_fields(), code=code), code)
    for header, value in error.get_headers(request.environ):
        if header.lower() in {"allow", "retry-after"}:
            response.headers[header] = value
    return response


def troubled_database(error: DatabaseError) -> ResponseReturnValue:
    if kind_of(error.orig) is None and not isinstance(error, OperationalError):
        raise error  # about what was asked, not about the file: our fault
    _let_go()
    return troubled(error)


def registry_in_trouble(error: sqlite3.Error) -> Response:
    """The registry, or the counts of tries, cannot be read: no town can be told from another."""
    current_app.logger.error("a file of the installation answered: %s", type(error).__name__, exc_info=error)
    return unavailable()


def closed_for_repair(_error: Exception) -> Response:
    """This town is left alone until its operator has looked. Other towns go on."""
    return under_repair()


def our_fault(error: HTTPException) -> ResponseReturnValue:
    if g.get("town") is None or g.get("viewer") is None:
        return Response("Something broke on our side.\n", 500, mimetype="text/plain")
    _let_go()
    if wants_json():
        return {"error": "Internal Server Error"}, 500
    return make_response(render_template("errors/500.html", fields=typed_fields()), 500)
