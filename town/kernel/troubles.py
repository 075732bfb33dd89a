"""Troubles: what a town's file answered when it could not do its work, as this process has met it.

A town in trouble says so (503) and the others live. What heals by itself, such as a full disk, is forgotten at the next
commit that succeeds; a damaged file stays closed until another one lies in its place.
"""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import Final, Literal

Kind = Literal["busy", "too long", "full", "read-only", "io", "damaged", "missing", "other version"]
Identity = tuple[int, int]
"""Of a file: its device and inode. Another file in the same place is another."""

KINDS: Final[dict[int, Kind]] = {
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
    sqlite3.SQLITE_INTERRUPT: "too long",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_IOERR: "io",
    sqlite3.SQLITE_CANTOPEN: "io",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
}
CLASSES: Final[dict[str, Kind]] = {"53": "full", "58": "io", "XX": "damaged", "25": "read-only"}
"""PostgreSQL's own classes of errors."""
PASSING: Final[frozenset[Kind]] = frozenset({"busy", "too long"})
"""Nothing is wrong with the town: it was asked too much."""
UNFIT: Final[frozenset[Kind]] = frozenset({"io", "damaged"})
"""After these a connection is not used again: nobody knows what it still holds."""


class TownDamaged(RuntimeError):
    """The town's file holds what no SQLite wrote. It is left alone until it is restored."""


def kind_of(error: BaseException | None) -> Kind | None:
    """What a database's error means, or None when it is about what was asked and not about the file."""
    if isinstance(error, sqlite3.Error):
        return KINDS.get(getattr(error, "sqlite_errorcode", -1) & 0xFF)
    state = getattr(error, "sqlstate", None) or ""
    if state == "57014":
        return "too long"
    if state in {"40001", "40P01", "55P03"}:
        return "busy"
    return CLASSES.get(state[:2])


@dataclass(frozen=True, slots=True)
class Trouble:
    kind: Kind
    since: datetime
    file: Identity | None = None


class Troubles:
    """The towns in trouble, by short name."""

    def __init__(self) -> None:
        self._met: dict[str, Trouble] = {}
        self._lock = Lock()

    def note(self, slug: str, kind: Kind, file: Identity | None = None) -> bool:
        """Remember it; whether it is new, so that it is told once and not at each request."""
        if kind in PASSING:
            return False
        with self._lock:
            known = self._met.get(slug)
            if known is not None and (known.kind == kind or known.kind == "damaged") and known.file == file:
                return False
            self._met[slug] = Trouble(kind, datetime.now(UTC), file)
            return True

    def refuse_damaged(self, slug: str, file: Identity) -> None:
        """Raises `TownDamaged` while the file that was found damaged is the one that lies there."""
        known = self._met.get(slug)
        if known is not None and known.kind == "damaged":
            if known.file == file:
                raise TownDamaged(slug)
            self.forget(slug)

    def found(self, slug: str) -> None:
        """The file can be opened: what was only about that is over."""
        known = self._met.get(slug)
        if known is not None and known.kind in ("missing", "other version"):
            self.forget(slug)

    def wrote(self, slug: str) -> None:
        """A commit succeeded: the disk has room again, or came back."""
        known = self._met.get(slug)
        if known is not None and known.kind != "damaged":
            self.forget(slug)

    def forget(self, slug: str) -> None:
        with self._lock:
            self._met.pop(slug, None)

    def all(self) -> dict[str, Trouble]:
        with self._lock:
            return dict(self._met)

    def __bool__(self) -> bool:
        return bool(self._met)
