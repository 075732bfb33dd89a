"""A moment of a town's file, whatever state a kill has left it in."""

import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

from town.kernel.backup import snapshot


def killed_while_writing(file: Path) -> None:
    """A process writes more than its memory may hold, and is killed: what it had written is to be taken back."""
    with closing(sqlite3.connect(file)) as new:
        new.execute("CREATE TABLE alembic_version (version_num)")
        new.execute("CREATE TABLE shed (words)")
        new.execute("INSERT INTO alembic_version VALUES ('0025')")
        new.commit()
    child = os.fork()
    if child == 0:
        writing = sqlite3.connect(file)
        writing.execute("PRAGMA cache_size=1")
        writing.execute("UPDATE alembic_version SET version_num = '0026'")
        writing.executemany("INSERT INTO shed VALUES (?)", [("x" * 4000,)] * 200)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert file.with_name(f"{file.name}-journal").exists()


def test_a_file_whose_writer_was_killed_says_what_it_was_before(tmp_path: Path) -> None:
    file = tmp_path / "town.sqlite"
    killed_while_writing(file)
    assert snapshot.revision_of(file) == "0025"
    assert snapshot.faults(file) == []


def test_it_is_copied_and_counted_as_it_was_before(tmp_path: Path) -> None:
    file = tmp_path / "town.sqlite"
    killed_while_writing(file)
    snapshot.snapshot(file, tmp_path / "copy.sqlite")
    assert snapshot.counts(tmp_path / "copy.sqlite") == {"alembic_version": 1, "shed": 0}
