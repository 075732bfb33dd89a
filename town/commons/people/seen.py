"""When somebody was last here, written for many at once: after an alert each opening of the town is such a note.

A visit that comes alone is noted at once. What follows within `TOGETHER` waits for the next visit after it, and is
noted with that one: a write costs as much as half a page. What waits is lost with the process, and noted again when
that person comes back: their row still says that they were not here.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final
from weakref import WeakKeyDictionary

from flask import g
from sqlalchemy import Engine, bindparam, update
from sqlalchemy.exc import DBAPIError

from town.commons.people.models import SessionRow
from town.kernel.counting import unseen
from town.kernel.db import db, hurrying, now, set_writing, writing

TOGETHER: Final = timedelta(seconds=5)
LONGEST: Final = 0.2
"""Seconds that a page waits for its note in each of three lines: this process, the town's door, the file. If others
write for longer, it waits for the next visit."""

_ROWS: Any = SessionRow.__table__
_NOTE = (
    update(_ROWS)
    .where(_ROWS.c.id == bindparam("row"), _ROWS.c.account_id == bindparam("whose"))
    .values(seen_at=bindparam("here"), expires_at=bindparam("until"))
)


@dataclass
class _Visits:
    """Those of an open town that wait, by session."""

    waiting: dict[int, dict[str, Any]] = field(default_factory=dict)
    written_at: datetime | None = None


_lock = Lock()
_towns: WeakKeyDictionary[Engine, _Visits] = WeakKeyDictionary()


def note(session_id: int, account_id: int, lasts: timedelta, *, alone: bool = False) -> None:
    """They are here, and their session lasts from now on. Outside any verb: no page is refused for want of a note.

    alone: not to be left waiting.
    """
    here = now()
    line = {"row": session_id, "whose": account_id, "here": here, "until": here + lasts}
    with _lock:
        visits = _towns.setdefault(g.engine, _Visits())
        visits.waiting[session_id] = line
        soon = visits.written_at is not None and timedelta(0) <= here - visits.written_at < TOGETHER
        if soon and not alone:
            return
        lines, visits.waiting, visits.written_at = visits.waiting, {}, here
    if not _written(list(lines.values())):
        with _lock:
            visits.waiting = {**lines, **visits.waiting}


def _written(lines: list[dict[str, Any]]) -> bool:
    assert not writing()
    db.session.rollback()
    set_writing(True)
    try:
        with hurrying(LONGEST):
            db.session.connection().execute(_NOTE, lines)
        unseen()  # else everybody's pages would be made again whenever somebody comes by
        db.session.commit()
    except DBAPIError:
        db.session.rollback()
        return False
    finally:
        set_writing(False)
    return True
