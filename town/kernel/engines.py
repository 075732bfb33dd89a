"""Connections: how a town's file (or schema) is opened, and what it promises."""

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, local
from typing import Any, Final, cast

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.pool import QueuePool
from sqlalchemy.util import LRUCache

from town.kernel.counting import count_changes_of_a_file, count_changes_of_a_schema
from town.kernel.db import patience, query_seconds, writing

PATIENCE = 10.0
"""Seconds that a writer waits for its turn, before it takes its chance like everybody else."""

LOOKS_AGAIN: Final = 0.001
BUSY: Final = 5000
"""Milliseconds that SQLite waits for another process to end its writing."""

PRAGMAS = (
    f"PRAGMA busy_timeout={BUSY}",
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


class TownFile(SQLiteDialect_pysqlite):
    """SQLite, of which any two speak the same: a statement compiled for one town's file serves all the others.

    SQLAlchemy keeps statements by dialect and engine. A hundred open towns would each compile and hold the same ones.
    """

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))


registry.register("sqlite.town", __name__, TownFile.__name__)
COMPILED: Final[LRUCache[Any, Any]] = LRUCache(2000)
"""The statements of every open town. There are some 900 in all that pages, commands and the worker ask."""


def _forbid_attach(action: int, *_: object) -> int:
    """No statement of one town may open the file of another."""
    return sqlite3.SQLITE_DENY if action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH) else sqlite3.SQLITE_OK


def open_file(path: Path) -> Engine:
    """An engine on one SQLite file. Raises `TownFileMissing` where there is none."""
    if not path.is_file() or path.stat().st_size == 0:
        raise TownFileMissing(path.name)
    # mode=rw: SQLite itself must not create the file either, if it vanishes between the look and the opening.
    engine = create_engine(
        f"sqlite+town:///file:{path}?mode=rw&uri=true",
        execution_options={"compiled_cache": COMPILED},
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

    count_changes_of_a_file(engine)  # first, so that the count is raised before the next in line may begin
    _queue_writers(engine, path.parent)
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


def _queue_writers(engine: Engine, folder: Path) -> None:
    """Writers of one town wait in line: inside this process, then one of each process at the town's door.

    SQLite itself has no line: its waiters poll, ever more rarely, and with fifty at once the unlucky ones starved.
    Whoever stands at the door is next, and looks every millisecond.
    """
    line = Lock()
    first: list[Connection] = []  # not in the connection's `info`: an I/O error takes that away

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if not writing():
            connection.exec_driver_sql("BEGIN")
            return
        waited = line.acquire(timeout=patience(PATIENCE))  # not in line: then SQLite's own time-out decides
        try:
            with _at_the_door(folder):
                _begin_to_write(connection)
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


@contextmanager
def _at_the_door(folder: Path) -> Iterator[None]:
    """Hold the lock on the town's folder, which only those hold who are about to write. It falls with its process."""
    try:
        door = os.open(folder, os.O_RDONLY)
    except OSError:  # no line, then: what is wrong with the folder is for SQLite to find
        yield
        return
    try:
        end = time.monotonic() + patience(PATIENCE)
        while not _taken(door) and time.monotonic() < end:
            time.sleep(LOOKS_AGAIN)
        yield
    finally:
        os.close(door)


def _taken(door: int) -> bool:
    try:
        fcntl.flock(door, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _begin_to_write(connection: Connection) -> None:
    """A deferred transaction that turns into a writer half-way is refused as "locked", busy_timeout or not."""
    driver = cast(sqlite3.Connection, connection.connection.dbapi_connection)
    end = time.monotonic() + patience(BUSY / 1000)
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while time.monotonic() < end:
            try:
                driver.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as refused:
                if refused.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    break
                time.sleep(LOOKS_AGAIN)
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # so that a refusal is in SQLAlchemy's words
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY}")


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

    count_changes_of_a_schema(engine)
    return engine
