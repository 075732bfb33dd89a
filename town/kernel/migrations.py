"""Migrations: one Alembic history for every municipality, file by file, each in one transaction.

A new town is a copy of a template file that was migrated once, so opening one costs a copy.
"""

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, create_engine, event, text

from town.kernel.db import Base

FOLDER = Path(__file__).parents[1] / "migrations"
HIDDEN_TABLES = ("card_words", "alembic_version")


class NewerThanCode(RuntimeError):
    """The town's tables come from a newer version of the software: nothing is touched."""


def known_metadata() -> MetaData:
    """The tables of every feature of the code."""
    return Base.metadata


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """The newest revision of the code."""
    return _head_of(FOLDER)


@cache
def _head_of(_folder: Path) -> str:
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def knows(revision: str) -> bool:
    """Whether the code's history has that revision; one that it does not know is of a newer version."""
    return revision in _revisions_of(FOLDER)


@cache
def _revisions_of(_folder: Path) -> frozenset[str]:
    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(connection: Connection) -> bool:
    """Bring the tables of this connection to the code's revision; whether anything was done.

    Works inside the caller's transaction. Raises `NewerThanCode`.
    """
    now_at = revision(connection)
    if now_at == head():
        return False
    if now_at is not None and not knows(now_at):
        raise NewerThanCode(now_at)
    command.upgrade(_config(connection), "head")
    return True


@contextmanager
def _file_for_migration(path: Path) -> Iterator[Connection]:
    """A connection of its own: foreign keys off (a batch would delete child rows), BEGIN IMMEDIATE, then checked."""
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        for pragma in (
            "busy_timeout=5000",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=OFF",
            "secure_delete=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    try:
        with engine.begin() as connection:
            yield connection
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if broken is not None:
                raise RuntimeError(f"a row of {broken[0]} would point to nothing: nothing was changed")
    finally:
        engine.dispose()


def upgrade_file(path: Path) -> bool:
    """Migrate one town's file in one transaction; whether anything was done."""
    with _file_for_migration(path) as connection:
        return upgrade(connection)


def upgrade_schema(server: Engine, schema: str) -> bool:
    """Migrate one town's PostgreSQL schema, made if it is not there, in one transaction."""
    with server.begin() as connection:
        connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
        connection.execute(text("SELECT set_config('search_path', :schema, true)"), {"schema": schema})
        return upgrade(connection)


def drop_schema(server: Engine, schema: str) -> None:
    """Take away a schema whose opening failed half-way."""
    with server.begin() as connection:
        connection.execute(text(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE'))


def template(folder: Path) -> Path:
    """The migrated, empty file that new towns are copies of; made again when the history has changed."""
    digest = hashlib.sha256()
    for script in sorted((FOLDER / "versions").glob("*.py")):
        digest.update(script.read_bytes())
    path = folder / f"template-{digest.hexdigest()[:16]}.sqlite"
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, suffix=".sqlite")
        os.close(handle)
        part = Path(name)
        upgrade_file(part)
        with sqlite3.connect(part) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        for leftover in (Path(f"{part}-wal"), Path(f"{part}-shm")):
            leftover.unlink(missing_ok=True)
        part.chmod(0o600)
        part.replace(path)
        for old in folder.glob("template-*.sqlite"):
            if old != path:
                old.unlink()
    return path
