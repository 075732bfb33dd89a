"""Counting changes: every transaction that wrote a row raises its town's count before it commits, whoever wrote it."""

import sqlite3
from typing import Final, cast

from sqlalchemy import Connection, Engine, event

from town.kernel.db import db, writing

TABLE: Final = "change_count"
_BEGUN_AT: Final = "rows_written_before"
_UNSEEN: Final = "no_page_shows_it"


def unseen() -> None:
    """Before a commit: no page shows what this transaction wrote, such as that somebody was here."""
    db.session.connection().info[_UNSEEN] = True


def count_changes_of_a_file(engine: Engine) -> None:
    """SQLite says how many rows a connection has written, by whatever statement."""

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.info[_UNSEEN] = False
        connection.info[_BEGUN_AT] = _written(connection) if writing() else None

    @event.listens_for(engine, "commit")
    def count(connection: Connection) -> None:
        begun_at = connection.info.get(_BEGUN_AT)
        if begun_at is not None and not connection.info[_UNSEEN] and _written(connection) != begun_at:
            connection.exec_driver_sql(f"UPDATE {TABLE} SET number = number + 1")


def _written(connection: Connection) -> int:
    return cast(sqlite3.Connection, connection.connection.dbapi_connection).total_changes


def count_changes_of_a_schema(engine: Engine) -> None:
    """PostgreSQL numbers the transactions that wrote; two that did wait for each other here, just before their end."""

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.info[_UNSEEN] = not writing()

    @event.listens_for(engine, "commit")
    def count(connection: Connection) -> None:
        if not connection.info.get(_UNSEEN, True):
            wrote = "pg_current_xact_id_if_assigned() IS NOT NULL"
            connection.exec_driver_sql(f"UPDATE {TABLE} SET number = number + 1 WHERE {wrote}")
