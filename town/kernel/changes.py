"""Unchanged pages: each town counts its changes, so that a page is known to be the same before it is made again.

Every transaction that wrote a row raises the count before it commits, whoever wrote and however: `counting.py` sees to
it, no verb has to. An ETag says of what count, minute and viewer a page was made, and a browser that holds the same one
is answered 304 at once. What time alone changes (« il y a 5 minutes », open now, over) is at most a minute late.
"""

import json
import time
from functools import cache
from hashlib import blake2b
from pathlib import Path

from flask import Response, g, request, session
from sqlalchemy import select
from sqlalchemy.orm import Mapped

from town.kernel.counting import TABLE
from town.kernel.db import Base, db
from town.kernel.features import route_of
from town.kernel.questions import Question

PACKAGE = Path(__file__).parents[1]
ASKED_FOR = ("wsgi.url_scheme", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING")
ASKED_WITH = ("Host", "Cookie", "Accept", "Accept-Language", "User-Agent", "Referer")


class ChangeCount(Base):
    """How many transactions have changed something in this town. One row, put there by the migration."""

    __tablename__ = TABLE

    number: Mapped[int]


_NUMBER = Question(lambda: select(ChangeCount.number))


def number() -> int:
    """The count as this request first read it. What a page shows was read later, so it is as new or newer."""
    if "change_number" not in g:
        g.change_number = _NUMBER.ask()[0][0]
        db.session.rollback()
    return int(g.change_number)


def answer_unchanged() -> Response | None:
    """Before the view: 304 if what the browser holds was made of the same count, minute and viewer."""
    route = route_of(request.endpoint)
    if (
        request.method not in {"GET", "HEAD"}
        or g.get("engine") is None
        or route is None
        or route.writes
        or route.keep == "never"
        or bool(getattr(g.viewer, "acting", ""))  # a page in somebody else's name is kept nowhere
    ):
        return None
    g.minute = int(time.time() // 60)
    g.state = _state()
    for held in request.if_none_match.as_set(include_weak=True):
        if held.partition("-")[0] == g.state:
            response = Response(status=304)
            response.set_etag(held, weak=True)
            return response
    return None


def _state() -> str:
    """All that a page may depend on, in sixteen characters."""
    town = g.town
    facts = [number(), g.minute, _code(), repr(town), town.settings, repr(g.viewer), dict(session)]
    facts += [request.environ.get(part) for part in ASKED_FOR]
    facts += [request.headers.get(name) for name in ASKED_WITH]
    facts += [value for name, value in request.headers if name.startswith("Hx-")]
    return blake2b(json.dumps(facts, default=str).encode(), digest_size=8).hexdigest()


def tag(response: Response) -> None:
    """Say of what the page was made, and do not send again what the browser holds.

    Without a state where making it was worth something: it carries a key to be used once, it said a message once.
    """
    body = blake2b(response.get_data(), digest_size=8).hexdigest()
    same = g.get("state") if not session.modified and "once" not in g else None
    response.set_etag(f"{same or ''}-{body}", weak=True)
    for held in request.if_none_match.as_set(include_weak=True):
        if held.partition("-")[2] == body:
            response.set_etag(held, weak=True)
    response.make_conditional(request)


@cache
def _code() -> str:
    """Which code made a page: what it consists of, with its times."""
    digest = blake2b(digest_size=8)
    for file in sorted(PACKAGE.rglob("*")):
        if file.suffix in {".py", ".html", ".svg", ".mo", ".json"}:
            digest.update(f"{file} {file.stat().st_mtime_ns}".encode())
    return digest.hexdigest()
