"""Scrubbing: what was erased leaves the file, not only its tables.

SQLite overwrites what is deleted (`secure_delete`), but its log of changes keeps former pages, and a page that was
split may. So after an erasure the file is written anew and the log emptied. PostgreSQL looks after its own pages.
"""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from town.kernel.db import db, let_go, now
from town.kernel.jobs import cancel, enqueue, job
from town.kernel.tenancy import current_town, towns

SCRUB: Final = "kernel.scrub"
SOON: Final = timedelta(minutes=2)
"""After the jobs that delete files and words."""
PATIENCE: Final = 20.0


class StillRead(RuntimeError):
    """Somebody reads a former state of the file: another try will find nobody."""


def scrub_soon() -> None:
    """Promise to scrub this town's file, once for all erasures of the moment."""
    cancel(SCRUB)
    db.session.flush()
    enqueue(SCRUB, {}, at=now() + SOON, key=SCRUB)


@job(SCRUB)
def scrub(_payload: dict[str, Any]) -> None:
    if db.session.get_bind().dialect.name == "sqlite":
        let_go()
        write_anew(towns().file(current_town().slug))


def write_anew(file: Path) -> None:
    """Rewrite the file without its dead pages and empty its log. Raises `StillRead`."""
    # A connection of its own: the town's refuse ATTACH, which VACUUM uses inside.
    with closing(sqlite3.connect(f"file:{file}?mode=rw", uri=True, timeout=PATIENCE, isolation_level=None)) as alone:
        alone.execute("PRAGMA secure_delete=ON")
        alone.execute("VACUUM")
        busy, _pages, _moved = alone.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise StillRead(file.name)
