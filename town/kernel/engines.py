"""Connections: how a town's file (or schema) is opened, and which of them stay open."""

import sqlite3
from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.pool import QueuePool

from town.kernel.db import writing

PATIENCE = 10.0
"""Seconds that a writer waits for its turn, before it takes its chance like everybody else."""

PRAGMAS = (
    "PRAGMA busy_timeout=5000",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # NORMAL lost up to 210 acknowledged writes in simulated power cuts
    "PRAGMA foreign_keys=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
)


class TownFileMissing(RuntimeError):
    """The town's file is gone or empty. It is never made again in silence: that would hide a loss."""


def _forbid_attach(action: int, *_: object) -> int:
    """No statement of one town may open the file of another."""
    return sqlite3.SQLITE_DENY if action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH) else sqlite3.SQLITE_OK


def open_file(path: Path) -> Engine:
    """An engine on one SQLite file. Raises `TownFileMissing` where there is none."""
    if not path.is_file() or path.stat().st_size == 0:
        raise TownFileMissing(path.name)
    # mode=rw: SQLite itself must not create the file either, if it vanishes between the look and the opening.
    engine = create_engine(
        f"sqlite:///file:{path}?mode=rw&uri=true",
        poolclass=QueuePool,
        pool_size=1,  # one idle connection is kept, so that -wal and -shm persist and a full disk still reads
        max_overflow=-1,
        pool_use_lifo=True,
        connect_args={"check_same_thread": False, "timeout": 5},
        hide_parameters=True,  # an error in the log must not quote what people wrote
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # BEGIN is ours: see `begin`
        for pragma in PRAGMAS:
            connection.execute(pragma)
        connection.set_authorizer(_forbid_attach)

    _queue_writers(engine)
    return engine


def _queue_writers(engine: Engine) -> None:
    """Writers of one town wait in line inside this process.

    SQLite itself has no line: its waiters poll, and with fifty at once the unlucky ones starved past the time-out.
    """
    line = Lock()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if not writing():
            connection.exec_driver_sql("BEGIN")
            return
        waited = line.acquire(timeout=PATIENCE)  # not in line: then SQLite's own time-out decides
        try:
            # A deferred transaction that turns into a writer half-way is refused as "locked", busy_timeout or not.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except BaseException:
            if waited:
                line.release()
            raise
        connection.info["in_line"] = waited

    def leave(connection: Connection) -> None:
        if connection.info.pop("in_line", False):
            line.release()

    event.listen(engine, "commit", leave)
    event.listen(engine, "rollback", leave)


def open_server(url: str) -> Engine:
    """The PostgreSQL server at that address, spoken to by psycopg 3."""
    address = url.replace("postgresql://", "postgresql+psycopg://", 1)
    return create_engine(address, pool_pre_ping=True, hide_parameters=True)


def open_schema(server: Engine, schema: str) -> Engine:
    """A view of the PostgreSQL server in which names mean the tables of one schema.

    `search_path` is set after every BEGIN and dies with the transaction; a session-level SET leaks through the pool.
    """
    engine = server.execution_options(town_schema=schema)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.execute(text("SELECT set_config('search_path', :schema, true)"), {"schema": schema})
        if not writing():
            connection.execute(text("SET TRANSACTION READ ONLY"))

    return engine


class OpenTowns:
    """The engines that a worker keeps open, least recently used first out."""

    def __init__(self, limit: int, database_url: str | None) -> None:
        self.limit = limit
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        self._lock = Lock()
        self._server = open_server(database_url) if database_url else None

    def get(self, slug: str, path: Path, schema: str) -> Engine:
        with self._lock:
            engine = self._engines.get(slug)
            if engine is None:
                engine = open_schema(self._server, schema) if self._server is not None else open_file(path)
                self._engines[slug] = engine
            self._engines.move_to_end(slug)
            evicted = self._engines.popitem(last=False)[1] if len(self._engines) > self.limit else None
        if evicted is not None and self._server is None:
            evicted.dispose()  # connections in use finish their work and are closed when returned
        return engine

    def close(self, slug: str | None = None) -> None:
        """Forget one town, or all of them."""
        with self._lock:
            slugs = [slug] if slug else list(self._engines)
            engines: list[Any] = [self._engines.pop(name) for name in slugs if name in self._engines]
        for engine in engines:
            if self._server is None:
                engine.dispose()

    @property
    def server(self) -> Engine | None:
        """The PostgreSQL server that holds the schemas, when towns do not live in files."""
        return self._server
