"""Two towns on one installation know nothing of each other, and a town's file is never made in silence."""

import fcntl
import os
import shutil
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from tests.kernel.test_requests import client, quarters
from town.commons.places.models import Quarter
from town.kernel import migrations
from town.kernel.db import NoTown, db
from town.kernel.engines import TownFileMissing, open_file
from town.kernel.registry import RegistryError
from town.kernel.tenancy import enter, towns
from town.kernel.towns import make_town
from town.kernel.updating import migrate_all
from town.kernel.web import TownApp


@pytest.fixture
def trial(trial_on_files: TownApp) -> TownApp:
    """What follows is about files."""
    return trial_on_files


def test_what_one_town_writes_the_other_never_sees(trial: TownApp) -> None:
    client(trial, "a").post("/trial/", data={"name": "Bel-Air"})
    assert quarters(trial, "a") == ["Bel-Air"]
    assert quarters(trial, "b") == []


def test_a_page_of_one_town_does_not_exist_in_the_other(trial: TownApp) -> None:
    place = client(trial, "a").post("/trial/", data={"name": "Bel-Air"}).location
    assert client(trial, "b").get(place).status_code == 404


def test_work_outside_any_town_is_refused(trial: TownApp) -> None:
    with trial.app_context(), pytest.raises(NoTown):
        db.session.scalar(select(Quarter.id))


def test_work_cannot_change_towns_half_way(trial: TownApp) -> None:
    with enter(trial, "a"):
        db.session.scalar(select(Quarter.id))
        towns().open(towns().registry.town("b"))
        with pytest.raises(NoTown):
            db.session.scalar(select(Quarter.id))


def test_one_town_cannot_open_the_file_of_another(trial: TownApp) -> None:
    with enter(trial, "a"):
        other = towns().file("b")
        with pytest.raises(DatabaseError):
            db.session.execute(text(f"ATTACH '{other}' AS other"))


def test_every_connection_keeps_the_promises_of_the_disk(trial: TownApp) -> None:
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
        "trusted_schema": 0,
        "secure_delete": 1,
        "temp_store": 2,
    }
    with enter(trial, "a"):
        found = {name: db.session.execute(text(f"PRAGMA {name}")).scalar() for name in wanted}
    assert found == wanted


def test_a_missing_town_says_so_and_is_not_made_again(trial: TownApp) -> None:
    installation = trial.extensions["towns"]
    installation.engines.close()
    installation.file("a").unlink()
    assert client(trial, "a").get("/").status_code == 503
    assert not installation.file("a").exists()
    assert client(trial, "b").get("/").status_code == 200
    with pytest.raises(TownFileMissing):
        open_file(installation.file("a"))


def test_files_are_for_their_owner_alone(trial: TownApp) -> None:
    installation = trial.extensions["towns"]
    assert installation.file("a").stat().st_mode & 0o077 == 0
    assert installation.folder("a").stat().st_mode & 0o077 == 0
    assert installation.registry.file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("slug", ["..", "a/b", "A", "-a", "a-", "é", "x" * 64, "con", "www", "static", "", "a\x00"])
def test_a_short_name_that_could_hurt_is_refused(trial: TownApp, slug: str) -> None:
    with pytest.raises(RegistryError):
        make_town(trial.extensions["towns"], slug, [], {"name": "Trap"})


def test_a_host_belongs_to_one_town(trial: TownApp) -> None:
    installation = trial.extensions["towns"]
    with pytest.raises(RegistryError):
        make_town(installation, "c", ["a.localhost"], {"name": "C"})
    assert "c" not in {town.slug for town in installation.registry.towns()}


def test_opening_never_touches_a_folder_that_holds_something(trial: TownApp) -> None:
    installation = trial.extensions["towns"]
    installation.registry.remove("a")
    with pytest.raises(RegistryError):
        make_town(installation, "a", [], {"name": "A"})
    assert installation.file("a").exists()


def test_a_migration_leaves_the_children_of_a_filled_parent(trial: TownApp) -> None:
    """A batch on a table that others point to drops and renames it: with foreign keys on, every child row died."""
    with enter(trial, "a"):
        db.session.execute(text("INSERT INTO quarter (id, public_id, name) VALUES (1, 'q', 'Bel-Air')"))
        db.session.execute(
            text("INSERT INTO street (public_id, name, folded, quarter_id) VALUES ('s', 'Rue Haute', 'rue haute', 1)")
        )
        db.session.commit()
    file = trial.extensions["towns"].file("a")
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import Column, String

    with migrations._file_for_migration(file) as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("quarter", recreate="always") as batch:
            batch.add_column(Column("motto", String(80)))
    with sqlite3.connect(file) as plain:
        assert plain.execute("SELECT count(*) FROM street").fetchone() == (1,)


def test_a_town_of_a_newer_version_is_left_alone_while_others_migrate(trial: TownApp) -> None:
    installation = trial.extensions["towns"]
    with sqlite3.connect(installation.file("a")) as plain:
        plain.execute("UPDATE alembic_version SET version_num = '9999'")
    told: dict[str, str] = {}
    assert not migrate_all(installation, lambda town, result: told.__setitem__(town.slug, result))
    assert "failed" in told["a"]
    assert told["b"] == "up to date"


def test_a_copied_file_opens_but_is_another_town(trial: TownApp) -> None:
    client(trial, "a").post("/trial/", data={"name": "Bel-Air"})
    installation = trial.extensions["towns"]
    installation.engines.close()
    for suffix in ("", "-wal", "-shm"):
        if (source := installation.folder("a") / f"town.sqlite{suffix}").exists():
            shutil.copyfile(source, installation.folder("b") / source.name)
    assert quarters(trial, "b") == ["Bel-Air"]
    assert installation.registry.town("a").uid != installation.registry.town("b").uid


def test_fifty_writers_at_once_all_have_their_turn(trial: TownApp) -> None:
    codes: list[int] = []

    def write(number: int) -> None:
        codes.append(client(trial, "a").post("/trial/", data={"name": f"Quartier {number}"}).status_code)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [303] * 50
    assert len(quarters(trial, "a")) == 50


def test_nobody_overtakes_whoever_stands_at_a_towns_door_nor_waits_there_for_ever(
    trial: TownApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock on the folder is another process's: the next to write. One that hangs there holds nobody up for good."""
    door = os.open(trial.extensions["towns"].folder("a"), os.O_RDONLY)
    fcntl.flock(door, fcntl.LOCK_EX)
    with ThreadPoolExecutor(1) as one:
        write = one.submit(lambda: client(trial, "a").post("/trial/", data={"name": "Bel-Air"}).status_code)
        with pytest.raises(TimeoutError):
            write.result(0.3)
        page = client(trial, "a").get("/trial/")  # reading goes on
        assert (page.status_code, "Bel-Air" in page.text) == (200, False)
        fcntl.flock(door, fcntl.LOCK_UN)
        assert write.result(10) == 303

        fcntl.flock(door, fcntl.LOCK_EX)
        monkeypatch.setattr("town.kernel.engines.PATIENCE", 0.2)
        write = one.submit(lambda: client(trial, "a").post("/trial/", data={"name": "Le Lavoir"}).status_code)
        assert write.result(10) == 303
    os.close(door)
    assert quarters(trial, "a") == ["Bel-Air", "Le Lavoir"]


def test_whoever_finds_another_process_writing_waits_and_then_says_that_the_town_is_busy(
    trial: TownApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = trial.extensions["towns"].file("a")
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(0.3, other.rollback).start()
        assert client(trial, "a").post("/trial/", data={"name": "Bel-Air"}).status_code == 303
        other.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr("town.kernel.engines.BUSY", 100)
        assert client(trial, "a").post("/trial/", data={"name": "Le Lavoir"}).status_code == 503
        other.rollback()
    assert quarters(trial, "a") == ["Bel-Air"]
