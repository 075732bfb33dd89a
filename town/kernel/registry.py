"""The registry: which towns this installation holds, by which hosts they are reached, when each next has work.

One small SQLite file beside the towns. A town's `uid` lives here and never in its own file, so that a cloned file does
not carry the right to read the other's cookies.
"""

import json
import re
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from town.kernel.text import RESERVED_SLUGS, SLUG

SCHEMA = """
CREATE TABLE IF NOT EXISTS town (
    slug TEXT PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    profile TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    wake_at TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS host (
    host TEXT PRIMARY KEY,
    slug TEXT NOT NULL REFERENCES town (slug) ON DELETE CASCADE
) STRICT;
CREATE TABLE IF NOT EXISTS erased (
    slug TEXT NOT NULL REFERENCES town (slug) ON DELETE CASCADE,
    mark TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (slug, mark)
) STRICT;
CREATE TABLE IF NOT EXISTS upkeep (
    slug TEXT NOT NULL REFERENCES town (slug) ON DELETE CASCADE,
    what TEXT NOT NULL,
    at TEXT NOT NULL,
    said TEXT NOT NULL,
    PRIMARY KEY (slug, what)
) STRICT;
CREATE TABLE IF NOT EXISTS push_key (
    public TEXT PRIMARY KEY,
    slug TEXT NOT NULL REFERENCES town (slug) ON DELETE CASCADE,
    private TEXT NOT NULL,
    made_at TEXT NOT NULL
) STRICT;
"""


class RegistryError(ValueError):
    """Something about towns or hosts that the operator can put right; the text says what."""


class RegistryMissing(RuntimeError):
    """There are towns here and no registry. A new, empty one would make them all unknown."""


@dataclass(frozen=True, slots=True)
class Town:
    """A municipality of this installation, as a request knows it. Colours and names: `profile` in the registry."""

    slug: str
    uid: str
    name: str
    insee: str = ""
    postcodes: tuple[str, ...] = ()
    population: int = 0
    lon: float | None = None
    lat: float | None = None
    timezone: str = "Europe/Paris"
    language: str = "fr"
    hue: int = 255
    chroma: float = 0.11
    arms: str = ""
    phone: str = ""
    held_from: str = ""  # the revision of the software that this town went back from
    features_off: frozenset[str] = field(default_factory=frozenset)
    settings: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def schema(self) -> str:
        """Its PostgreSQL schema."""
        return schema_of(self.slug)


def schema_of(slug: str) -> str:
    """The PostgreSQL schema of a town."""
    return "town_" + slug.replace("-", "_")


def check_slug(slug: str) -> str:
    """The slug itself, or `RegistryError`: it names folders, schemas and hosts."""
    if not SLUG.fullmatch(slug) or slug in RESERVED_SLUGS:
        raise RegistryError(f"{slug!r} cannot be a town's short name: use letters a-z, digits and inner dashes")
    return slug


class Registry:
    """The installation's registry file. Every method is one short transaction; threads have a connection each."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._local = threading.local()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self.file.exists():
                if next((self.file.parent / "towns").glob("*/town.sqlite"), None) is not None:
                    raise RegistryMissing(self.file.name)
                self.file.touch(mode=0o600)
            connection = sqlite3.connect(self.file, timeout=5, check_same_thread=False)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA foreign_keys=ON")
            connection.executescript(SCHEMA)
            self._local.connection = connection
        with connection:
            yield connection

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def ping(self) -> None:
        """Read something. Raises whatever keeps the registry from being read."""
        with self._connection() as connection:
            connection.execute("SELECT count(*) FROM town").fetchone()

    def add(
        self, slug: str, hosts: list[str], profile: dict[str, Any], *, uid: str | None = None, opened_at: str = ""
    ) -> Town:
        """Enter a new town, or one that comes back. Raises `RegistryError` when the slug or a host is taken."""
        check_slug(slug)
        try:
            with self._connection() as connection:
                connection.execute(
                    "INSERT INTO town (slug, uid, profile, opened_at) VALUES (?, ?, ?, ?)",
                    (
                        slug,
                        uid or secrets.token_hex(16),
                        json.dumps(profile),
                        opened_at or datetime.now(UTC).isoformat(),
                    ),
                )
                for host in hosts:
                    connection.execute("INSERT INTO host (host, slug) VALUES (?, ?)", (clean_host(host), slug))
        except sqlite3.IntegrityError as taken:
            raise RegistryError(f"the short name {slug!r} or one of its hosts is taken") from taken
        return self.town(slug)

    def town(self, slug: str) -> Town:
        """The town of that short name, or `RegistryError`."""
        with self._connection() as connection:
            row = connection.execute("SELECT slug, uid, profile FROM town WHERE slug = ?", (slug,)).fetchone()
        if row is None:
            raise RegistryError(f"there is no town {slug!r} here")
        return _town(row)

    def by_host(self, host: str) -> Town | None:
        """The town that answers for this host, exactly as written in the table."""
        with self._connection() as connection:
            row = connection.execute(
                "SELECT town.slug, uid, profile FROM host JOIN town USING (slug) WHERE host = ?", (host,)
            ).fetchone()
        return _town(row) if row else None

    def towns(self) -> list[Town]:
        with self._connection() as connection:
            return [_town(row) for row in connection.execute("SELECT slug, uid, profile FROM town ORDER BY slug")]

    def hosts(self, slug: str) -> list[str]:
        with self._connection() as connection:
            return [
                row["host"]
                for row in connection.execute("SELECT host FROM host WHERE slug = ? ORDER BY rowid", (slug,))
            ]

    def add_host(self, slug: str, host: str) -> None:
        try:
            with self._connection() as connection:
                connection.execute("INSERT INTO host (host, slug) VALUES (?, ?)", (clean_host(host), slug))
        except sqlite3.IntegrityError as taken:
            raise RegistryError(f"the host {host!r} is taken") from taken

    def change(self, slug: str, **profile: Any) -> Town:
        """Change what a town says of itself: every worker sees it at its next request."""
        with self._connection() as connection:
            row = connection.execute("SELECT profile FROM town WHERE slug = ?", (slug,)).fetchone()
            if row is None:
                raise RegistryError(f"there is no town {slug!r} here")
            merged = {**json.loads(row["profile"]), **profile}
            connection.execute("UPDATE town SET profile = ? WHERE slug = ?", (json.dumps(merged), slug))
        return self.town(slug)

    def line(self, slug: str) -> dict[str, Any]:
        """All that the registry holds of a town, for its backup: its uid opens cookies: it is for sealed ones."""
        with self._connection() as connection:
            row = connection.execute("SELECT uid, profile, opened_at FROM town WHERE slug = ?", (slug,)).fetchone()
            erased = connection.execute("SELECT mark, at FROM erased WHERE slug = ? ORDER BY mark", (slug,)).fetchall()
        if row is None:
            raise RegistryError(f"there is no town {slug!r} here")
        return {
            "uid": row["uid"],
            "hosts": self.hosts(slug),
            "profile": json.loads(row["profile"]),
            "opened_at": row["opened_at"],
            "erased": [[mark["mark"], mark["at"]] for mark in erased],
            "push_keys": self.push_keys(slug),
        }

    def note_upkeep(self, slug: str, what: str, at: datetime, **said: Any) -> None:
        """Remember when the town was last looked after in that way, outside its own file, which a restore replaces."""
        with self._connection() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO upkeep (slug, what, at, said) VALUES (?, ?, ?, ?)",
                (slug, what, at.astimezone(UTC).isoformat(), json.dumps(said)),
            )

    def upkeep(self, slug: str) -> dict[str, tuple[datetime, dict[str, Any]]]:
        """When the town was last looked after, and what was found: `backup`, `drill`, `restore`, `audit`."""
        with self._connection() as connection:
            rows = connection.execute("SELECT what, at, said FROM upkeep WHERE slug = ?", (slug,)).fetchall()
        return {row["what"]: (datetime.fromisoformat(row["at"]), json.loads(row["said"])) for row in rows}

    def remove(self, slug: str) -> None:
        with self._connection() as connection:
            connection.execute("DELETE FROM town WHERE slug = ?", (slug,))

    def wake(self, slug: str, at: datetime) -> None:
        """Hint that the town has work then. Only ever lowered: an extra look is harmless, a missed one is not."""
        moment = at.astimezone(UTC).isoformat()
        with self._connection() as connection:
            connection.execute(
                "UPDATE town SET wake_at = ? WHERE slug = ? AND (wake_at IS NULL OR wake_at > ?)",
                (moment, slug, moment),
            )

    def note_erased(self, slug: str, mark: str, at: datetime) -> None:
        """Remember, outside the town's own file, that somebody was erased: a restored copy of it would not know."""
        with self._connection() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO erased (slug, mark, at) VALUES (?, ?, ?)", (slug, mark, at.isoformat())
            )

    def erased(self, slug: str) -> set[str]:
        """The marks of everybody who was erased there."""
        with self._connection() as connection:
            return {row["mark"] for row in connection.execute("SELECT mark FROM erased WHERE slug = ?", (slug,))}

    def forget_erased(self, slug: str, before: datetime) -> None:
        """Forget marks that no backup is old enough to need."""
        with self._connection() as connection:
            connection.execute(
                "DELETE FROM erased WHERE slug = ? AND at < ?", (slug, before.astimezone(UTC).isoformat())
            )

    def push_keys(self, slug: str) -> list[tuple[str, str]]:
        """The pairs of keys that sign the town's pushes, public and private, the one of today first."""
        with self._connection() as connection:
            found = "SELECT public, private FROM push_key WHERE slug = ? ORDER BY rowid DESC"
            return [(row["public"], row["private"]) for row in connection.execute(found, (slug,))]

    def add_push_key(
        self, slug: str, public: str, private: str, at: datetime, *, only_first: bool = False
    ) -> list[tuple[str, str]]:
        """Keep a new pair and return all of them. only_first: nothing is kept if another worker was faster."""
        row = (public, slug, private, at.isoformat())
        with self._connection() as connection:
            if only_first:
                free = "WHERE NOT EXISTS (SELECT 1 FROM push_key WHERE slug = ?)"
                connection.execute(f"INSERT INTO push_key SELECT ?, ?, ?, ? {free}", (*row, slug))
            else:
                connection.execute("INSERT INTO push_key VALUES (?, ?, ?, ?)", row)
        return self.push_keys(slug)

    def due(self, at: datetime) -> list[str]:
        """The towns whose hint has come; their hint is taken down, to be set again by whoever finds later work."""
        moment = at.astimezone(UTC).isoformat()
        with self._connection() as connection:  # one statement: a hint set meanwhile must not be taken down unseen
            rows = connection.execute(
                "UPDATE town SET wake_at = NULL WHERE wake_at <= ? RETURNING slug", (moment,)
            ).fetchall()
        return [row["slug"] for row in rows]


def clean_host(host: str) -> str:
    """A host name as the table holds it: lower case, no port, no final dot. Raises `RegistryError` otherwise."""
    host = host.strip().lower().removesuffix(".")
    if not re.fullmatch(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?", host):
        raise RegistryError(f"{host!r} is not a host name")
    return host


def _town(row: sqlite3.Row) -> Town:
    profile: dict[str, Any] = json.loads(row["profile"])
    known = {key: profile.pop(key) for key in list(profile) if key in Town.__dataclass_fields__ and key != "settings"}
    known["postcodes"] = tuple(known.get("postcodes", ()))
    known["features_off"] = frozenset(known.get("features_off", ()))
    return Town(slug=row["slug"], uid=row["uid"], settings=profile, **known)
