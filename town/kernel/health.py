"""Health: one word for a monitor, without detail, and for the operator what stands behind it, town by town."""

import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

from flask import Flask, current_app
from sqlalchemy import func, select, text

from town.kernel import disk
from town.kernel.db import db, now, reading_only
from town.kernel.engines import OtherVersion, TownFileMissing
from town.kernel.jobs import Job, nightly
from town.kernel.open_towns import identity
from town.kernel.registry import RegistryMissing, Town
from town.kernel.tenancy import current_town, enter, towns
from town.kernel.troubles import TownDamaged, kind_of

LARGE_LOG: Final = 64 * disk.MEBI
"""Bytes of a town's log of changes: beyond, something reads without end and keeps it from being emptied."""
BACKUP_EVERY: Final = timedelta(days=2)
DRILL_EVERY: Final = timedelta(days=35)
LATE: Final = timedelta(minutes=15)
"""How long work may wait before the worker is thought to be away."""


def state() -> Literal["ok", "degraded", "down"]:
    """Down: no town can be found. Degraded: the disk is nearly full, or a town is in trouble; the others are read."""
    try:
        towns().registry.ping()
    except (sqlite3.Error, OSError, RegistryMissing):
        return "down"
    if disk.free(towns().instance) < disk.LEAST_FOR_WORDS or towns().engines.troubles:
        return "degraded"
    return "ok"


@nightly
def look_at_every_page() -> None:
    """Damage is found before somebody meets it: a page that nobody reads may have been lost for months."""
    if towns().engines.server is not None:
        return
    slug = current_town().slug
    file = towns().file(slug)
    # A connection of its own, which only reads: no writer waits for it.
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5)) as alone:
        try:
            state = alone.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.DatabaseError as broken:
            if kind_of(broken) != "damaged":
                raise
            state = str(broken)
        if state != "ok":
            towns().engines.troubles.note(slug, "damaged", identity(file))
            current_app.logger.error("the file of %s is damaged: restore it", slug)
        elif alone.execute("PRAGMA foreign_key_check").fetchone() is not None:
            current_app.logger.error("rows of %s point to nothing: run `town check`", slug)


@dataclass(slots=True)
class TownState:
    """What there is to know of one town without opening its contents. Sizes in bytes."""

    slug: str
    file: int | None = None
    log: int | None = None
    revision: str | None = None
    jobs_waiting: int | None = None
    oldest_waiting: datetime | None = None
    dead_letters: int | None = None
    last_backup: datetime | None = None
    last_drill: datetime | None = None
    trouble: str | None = None

    @property
    def remarks(self) -> list[str]:
        """What an operator should look at."""
        found = [self.trouble] if self.trouble else []
        if (self.log or 0) > LARGE_LOG:
            found.append("its log of changes is large: something reads without end")
        if self.oldest_waiting is not None and self.oldest_waiting < now() - LATE:
            found.append("work has been waiting for long: is the worker running?")
        if self.last_backup is not None and self.last_backup < now() - BACKUP_EVERY:
            found.append("its last backup is older than two days")
        if self.last_drill is not None and self.last_drill < now() - DRILL_EVERY:
            found.append("no backup has been tried for 35 days: town drill")
        if self.dead_letters:
            found.append("some messages could not be delivered")
        return found

    def as_json(self) -> dict[str, Any]:
        said = {key: value.isoformat() if isinstance(value, datetime) else value for key, value in asdict(self).items()}
        return {**said, "remarks": self.remarks}


def look_at(app: Flask, town: Town) -> TownState:
    """The state of one town. Whatever is wrong with it is said and does not stop the others."""
    state = TownState(town.slug)
    try:
        with app.app_context():
            kept = {what: at for what, (at, _said) in towns().registry.upkeep(town.slug).items()}
        state.last_backup, state.last_drill = kept.get("backup"), kept.get("drill")
        with enter(app, town.slug), reading_only():
            if towns().engines.server is None:
                file = towns().file(town.slug)
                state.file, state.log = _size(file), _size(Path(f"{file}-wal"))
            _look_inside(state)
            db.session.rollback()
    except TownFileMissing:
        state.trouble = "its file is missing or empty: restore it"
    except TownDamaged:
        state.trouble = "its file is damaged: restore it"
    except OtherVersion as other:
        state.trouble = str(other)
    except Exception as broken:  # a state that nobody foresaw is one too
        state.trouble = f"it cannot be read ({type(broken).__name__})"
    return state


def _look_inside(state: TownState) -> None:
    state.revision = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    due = select(func.count(), func.min(Job.run_at)).where(Job.failed_at.is_(None), Job.run_at <= now())
    state.jobs_waiting, state.oldest_waiting = db.session.execute(due).one()
    state.dead_letters = db.session.scalar(select(func.count()).where(Job.failed_at.is_not(None)))


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
