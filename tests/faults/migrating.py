"""A migration killed half-way: the file is as before or as after, never between, and the next try ends it."""

import os
import shutil
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from tests.faults.scenario import Report
from town.kernel import migrations


def tables(file: Path) -> dict[str, list[str]]:
    """Every table, index and trigger, with its parts. Constraints come in no order of their own."""
    with closing(sqlite3.connect(file)) as plain:
        found = plain.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
        return {name: sorted(" ".join(sql.split()).removesuffix(" )").split(", ")) for name, sql in found}


def healthy(file: Path) -> bool:
    with closing(sqlite3.connect(file)) as plain:
        return bool(plain.execute("PRAGMA integrity_check").fetchone() == ("ok",))


def kill_while_migrating(file: Path, after: float) -> bool:
    """Begin in a process of its own and kill it after so many seconds; whether it was done before that."""
    child = os.fork()
    if child == 0:
        try:
            migrations.upgrade_file(file)
        finally:
            os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    _pid, status = os.waitpid(child, 0)
    return not os.WIFSIGNALED(status)


def kill_migrations(folder: Path, at_length: bool, report: Report) -> None:
    kills = 15 if at_length else 1
    reference = folder / "reference.sqlite"
    begun = time.monotonic()
    migrations.upgrade_file(reference)
    lasts = time.monotonic() - begun
    wanted = tables(reference)
    half_way = 0
    for number in range(kills):
        file = folder / f"{number}.sqlite"
        with closing(sqlite3.connect(file)) as plain, plain:  # a town of before, with something in it
            plain.execute("CREATE TABLE kept (words TEXT)")
            plain.execute("INSERT INTO kept VALUES ('Rue Haute')")
        done = kill_while_migrating(file, lasts * (number + 0.5) / kills)
        found = tables(file)
        kept = found.pop("kept")
        assert found in ({}, wanted), "between before and after"
        half_way += not done and not found
        assert healthy(file)
        migrations.upgrade_file(file)
        assert tables(file) == {**wanted, "kept": kept}
        with closing(sqlite3.connect(file)) as plain:
            assert plain.execute("SELECT words FROM kept").fetchall() == [("Rue Haute",)]
        for rest in folder.glob(f"{number}.sqlite*"):
            rest.unlink()
    assert half_way, "no kill met a migration: it lasts too short"
    shutil.rmtree(folder / "templates", ignore_errors=True)
    report.say(kills=kills, met_half_way=half_way, left_between=0, ended_by_the_next_try=kills)
