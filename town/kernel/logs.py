"""Logs: one JSON line an event, without names, addresses, texts, queries or tokens.

An error is its type and the places of the code it went through: its message may quote what somebody wrote. Development
shows messages too, as text.
"""

import hashlib
import hmac
import logging
import secrets
import sys
import time
import traceback
from contextlib import suppress
from typing import Any, Final

import structlog
from flask import Flask, Response, g, request
from structlog.typing import EventDict

from town.kernel.registry import Town
from town.kernel.tenancy import towns

METHODS: Final = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
HANDLER: Final = "town.logs"


def without_messages(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Replace an exception by its type and its way through the code, innermost last, causes first."""
    found = event.pop("exc_info", None)
    error = sys.exc_info()[1] if found is True else found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        frames = traceback.extract_tb(error.__traceback__)
        event["way"] = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
        if (code := getattr(getattr(error, "orig", error), "sqlite_errorname", None)) is not None:
            event["sqlite"] = code
        if (cause := error.__cause__) is not None:
            event["cause"] = type(cause).__name__
    return event


def init_app(app: Flask) -> None:
    development: bool = app.extensions["towns"].settings.development
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
    ]
    errors = structlog.processors.format_exc_info if development else without_messages
    last = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[*shared, errors, last],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # as it is now: whoever captures it replaces it
        cache_logger_on_first_use=False,
    )
    if not development:
        _every_logger_too([*shared, structlog.stdlib.add_logger_name], last)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    app.before_request(start_the_clock)
    app.after_request(tell)


class ToStandardError(logging.Handler):
    """Writes to the standard error of the moment."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError):
            print(self.format(record), file=sys.stderr, flush=True)


def _every_logger_too(shared: list[Any], last: Any) -> None:
    """What libraries and `app.logger` say takes the same form: their messages are ours, or fixed sentences."""
    root = logging.getLogger()
    if any(handler.name == HANDLER for handler in root.handlers):
        return
    handler = ToStandardError()
    handler.name = HANDLER
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, without_messages, last],
        )
    )
    root.addHandler(handler)
    root.setLevel(logging.WARNING)


def start_the_clock() -> None:
    g.started = time.perf_counter()
    g.request_id = secrets.token_hex(8)


def tell(response: Response) -> Response:
    town: Town | None = g.get("town")
    took = time.perf_counter() - g.get("started", time.perf_counter())
    if request.endpoint != "static":
        with suppress(OSError):  # a log that lies on a full disk must not turn an answer into an error
            structlog.get_logger().info(
                "request",
                town=town.slug if town else None,
                route=request.endpoint,  # the route's name: an address may hold somebody's words
                method=request.method if request.method in METHODS else "other",
                status=response.status_code,
                ms=round(took * 1000, 1),
                actor=_actor(town),
                id=g.get("request_id"),
            )
    return response


def _actor(town: Town | None) -> str | None:
    """The same person is the same word all day long, in this town, to whoever follows a trouble; and nobody's name."""
    viewer = g.get("viewer")
    if town is None or viewer is None or not viewer.signed_in:
        return None
    key = f"{towns().settings.key()}:{town.uid}:{time.strftime('%Y-%m-%d')}"
    return hmac.new(key.encode(), f"log:{viewer.actor_key}".encode(), hashlib.sha256).hexdigest()[:12]
