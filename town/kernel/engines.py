"""Connections: how a town's file (or schema) is opened, and which of them stay open."""

import logging
import os
import sqlite3
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, local
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, text
from sqlalchemy.pool import QueuePool

from town.kernel import migrations
from town.kernel.db import query_seconds, reading_only, writing
from town.kernel.troubles import UNFIT, Identity, TownDamaged, Troubles, kind_of

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


LOOKS_EVERY = 20_000
"""Steps of SQLite's machine between two looks at the clock: well under a millisecond."""


class TownFileMissing(RuntimeError):
    """The town's file is gone or empty. It is never made again in silence: that would hide a loss."""


class OtherVersion(RuntimeError):
    """The town's tables are older or newer than the software: it is left alone until one of both has moved."""

    def __init__(self, revision: str | None) -> None:
        super().__init__(f"its tables are not of this version ({revision}): run `town migrate`")


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
    _break_off_long_queries(engine)
    return engine


def _break_off_long_queries(engine: Engine) -> None:
    """A query that works longer than `query_seconds()` is broken off.

    Counted is its own work (processor time of its thread): on a busy machine nobody's query is too long for waiting.
    """
    clock = local()

    @event.listens_for(engine, "connect")
    def watch(connection: sqlite3.Connection, _record: object) -> None:
        def too_long() -> bool:
            most = query_seconds()
            return most is not None and time.thread_time() - getattr(clock, "begun", 0.0) > most

        connection.set_progress_handler(too_long, LOOKS_EVERY)

    @event.listens_for(engine, "before_cursor_execute")
    def begin(*_: object) -> None:
        clock.begun = time.thread_time()


def _queue_writers(engine: Engine) -> None:
    """Writers of one town wait in line inside this process.

    SQLite itself has no line: its waiters poll, and with fifty at once the unlucky ones starved past the time-out.
    """
    line = Lock()
    first: list[Connection] = []  # not in the connection's `info`: an I/O error takes that away

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
        if waited:
            first.append(connection)

    def leave(connection: Connection) -> None:
        if first and first[0] is connection:
            first.clear()
            line.release()

    event.listen(engine, "commit", leave)
    event.listen(engine, "rollback", leave)


def open_server(url: str) -> Engine:
    """The PostgreSQL server at that address, spoken to by psycopg 3."""
    address = url.replace("postgresql://", "postgresql+psycopg://", 1)
    return create_engine(address, pool_pre_ping=True, hide_parameters=True)


WAITS = 8
"""How many times longer than it works a query may take on a server, which counts its waiting too."""
AT_BEGIN = text("SELECT set_config('search_path', :schema, true), set_config('statement_timeout', :patience, true)")


def open_schema(server: Engine, schema: str) -> Engine:
    """A view of the PostgreSQL server in which names mean the tables of one schema.

    `search_path` is set after every BEGIN and dies with the transaction; a session-level SET leaks through the pool.
    """
    engine = server.execution_options(town_schema=schema)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        seconds = query_seconds()
        patience = f"{round((seconds or 0) * WAITS * 1000)}ms"  # 0 is for ever
        connection.execute(AT_BEGIN, {"schema": schema, "patience": patience})
        if not writing():
            connection.execute(text("SET TRANSACTION READ ONLY"))

    return engine


@dataclass(frozen=True, slots=True)
class Opened:
    """An engine, the file it was opened on (one restored in its place is another), and what holds its log open."""

    engine: Engine
    file: Identity | None
    anchor: sqlite3.Connection | None

    def dispose(self) -> None:
        """Close it. Connections in use finish their work and are closed when returned."""
        if self.anchor is not None:  # a schema's engine is only a view of the server's
            self.engine.dispose()
            self.anchor.close()


def drop_anchor(path: Path) -> sqlite3.Connection:
    """A connection that does nothing but be there: -wal and -shm stay while it is open.

    Without it, closing the last connection after an I/O error takes them away, and on a full disk they cannot be made
    again: then reading ends too. It reads one page and no schema, so it weighs next to nothing.
    """
    anchor = sqlite3.connect(f"file:{path}?mode=rw", uri=True, check_same_thread=False, timeout=5)
    try:
        anchor.execute("PRAGMA schema_version").fetchone()
    except BaseException:
        anchor.close()
        raise
    return anchor


def identity(path: Path) -> Identity:
    """Which file lies there. Raises `TownFileMissing` where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116  # at every request: half the time of Path.stat
    except FileNotFoundError as gone:
        raise TownFileMissing(path.name) from gone
    if found.st_size == 0:
        raise TownFileMissing(path.name)
    return found.st_dev, found.st_ino


class OpenTowns:
    """The engines that a worker keeps open, least recently used first out, and the troubles it had with towns."""

    def __init__(self, limit: int, database_url: str | None) -> None:
        self.limit = limit
        self.troubles = Troubles()
        self._engines: OrderedDict[str, Opened] = OrderedDict()
        self._lock = Lock()
        self._server = open_server(database_url) if database_url else None

    def get(self, slug: str, path: Path, schema: str) -> Engine:
        """Raises `TownFileMissing`, `TownDamaged` or `OtherVersion`: then nothing of the town is touched."""
        try:
            file = identity(path) if self._server is None else None
        except TownFileMissing:
            self._note(slug, "missing", None)
            self.close(slug)  # an engine would go on writing to a file that has no name any more
            raise
        if file is not None:
            self.troubles.refuse_damaged(slug, file)
        with self._lock:
            opened = self._engines.get(slug)
            if opened is not None and opened.file == file:
                self._engines.move_to_end(slug)
                return opened.engine
        return self._open(slug, path, schema, file)

    def _open(self, slug: str, path: Path, schema: str, file: Identity | None) -> Engine:
        if self._server is not None:
            opened = Opened(open_schema(self._server, schema), None, None)
        else:
            opened = self._open_file(slug, path, file)
        if self._server is None:  # a server's errors are heard by all its views: they would blame every town
            self._watch(opened.engine, slug, file)
        try:
            self._refuse_other_versions(opened.engine, slug)
        except BaseException:
            opened.dispose()
            raise
        spare: list[Opened] = []
        with self._lock:
            before = self._engines.pop(slug, None)
            if before is not None and before.file == file:  # another thread was faster
                spare.append(opened)
                opened = before
            elif before is not None:
                spare.append(before)
            self._engines[slug] = opened
            if len(self._engines) > self.limit:
                spare.append(self._engines.popitem(last=False)[1])
        for one in spare:
            one.dispose()
        self.troubles.found(slug)
        return opened.engine

    def _open_file(self, slug: str, path: Path, file: Identity | None) -> Opened:
        try:
            anchor = drop_anchor(path)
        except sqlite3.Error as broken:
            kind = kind_of(broken)
            self._note(slug, kind or "io", file)
            if kind == "damaged":
                raise TownDamaged(slug) from broken
            raise
        return Opened(open_file(path), file, anchor)

    def _watch(self, engine: Engine, slug: str, file: Identity | None) -> None:
        """After an I/O error or a damaged page the connection is closed, and the town is known to be in trouble."""

        @event.listens_for(engine, "handle_error")
        def meet(context: ExceptionContext) -> None:
            kind = kind_of(context.original_exception)
            if kind is None:
                return
            if kind in UNFIT:
                context.is_disconnect = True
                context.invalidate_pool_on_disconnect = False
            self._note(slug, kind, file)

    def _note(self, slug: str, kind: Any, file: Identity | None) -> None:
        if self.troubles.note(slug, kind, file):
            logging.getLogger("town").error("town %s is in trouble: %s", slug, kind)

    def _refuse_other_versions(self, engine: Engine, slug: str) -> None:
        with reading_only(), engine.connect() as connection:
            revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if revision != migrations.head():
            self._note(slug, "other version", None)
            raise OtherVersion(revision)

    def __len__(self) -> int:
        return len(self._engines)

    def close(self, slug: str | None = None) -> None:
        """Forget one town, or all of them."""
        with self._lock:
            slugs = [slug] if slug else list(self._engines)
            closed = [self._engines.pop(name) for name in slugs if name in self._engines]
        for opened in closed:
            opened.dispose()

    @property
    def server(self) -> Engine | None:
        """The PostgreSQL server that holds the schemas, when towns do not live in files."""
        return self._server
