"""One consistent moment of a town's file, taken while others write, and what is wrong with a file."""

import sqlite3
from contextlib import closing
from pathlib import Path

PICTURES = "SELECT name FROM media WHERE deleted_at IS NULL ORDER BY name"


def _opened(file: Path, timeout: float = 5) -> sqlite3.Connection:
    """To be read. Not `mode=ro`: whoever was killed may have left the file to be put right first, which is a write."""
    return sqlite3.connect(f"file:{file}?mode=rw", uri=True, timeout=timeout)


def snapshot(file: Path, to: Path) -> None:
    """Copy one moment of the file. Writers go on meanwhile; the copy is a single file, without a log beside it."""
    to.touch(mode=0o600)
    with (
        closing(_opened(file, 20)) as source,
        closing(sqlite3.connect(to)) as copy,
    ):
        source.backup(copy)  # in one step, hence one read transaction: what commits meanwhile is not in it
        copy.execute("PRAGMA journal_mode=DELETE")


def pour(source: Path, into: Path) -> None:
    """Write a whole file over a town's live one, as one transaction of it.

    The file itself stays: a file that is swapped beneath open connections loses its log when the last of them closes.
    Whoever reads goes on reading the former state; a kill half-way leaves it as it was.
    """
    with closing(sqlite3.connect(source)) as new, closing(sqlite3.connect(into, timeout=20)) as live:
        live.execute("PRAGMA synchronous=FULL")
        new.backup(live)
        live.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def faults(file: Path) -> list[str]:
    """What is wrong with a file: its pages, its indexes, rows that point to nothing."""
    try:
        with closing(_opened(file)) as look:
            found = [
                f"the file is damaged: {line}" for (line,) in look.execute("PRAGMA integrity_check(5)") if line != "ok"
            ]
            for row in look.execute("PRAGMA foreign_key_check").fetchmany(5):
                found.append(f"a row of {row[0]} points to nothing in {row[2]}")
            return found
    except sqlite3.DatabaseError as broken:
        return [f"the file cannot be read: {broken}"]


def counts(file: Path) -> dict[str, int]:
    """How many rows each table holds."""
    with closing(_opened(file)) as look:
        tables = [
            name
            for (name,) in look.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' "
                "AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
            )
        ]
        return {name: look.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}


def revision_of(file: Path) -> str:
    """The revision of a file's tables."""
    with closing(_opened(file)) as look:
        row = look.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""


def pictures_in(file: Path) -> list[str]:
    """The names of the pictures that this moment of the file speaks of."""
    with closing(_opened(file)) as look:
        return [name for (name,) in look.execute(PICTURES)]
