"""A full disk, a file that is gone, damaged or of another version: a sentence, and only from the town concerned."""

import os
import re
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.kernel.test_requests import client, quarters
from tests.trial import open_two, trial_app
from town.kernel import disk
from town.kernel.db import db, reading_only, set_query_seconds
from town.kernel.engines import OtherVersion, TownFileMissing
from town.kernel.health import look_at_every_page
from town.kernel.jobs import Worker, enqueue, job, run_due
from town.kernel.registry import Registry
from town.kernel.tenancy import Towns, enter
from town.kernel.troubles import kind_of
from town.kernel.updating import migrate_all
from town.kernel.web import TownApp


@pytest.fixture
def installation(trial_on_files: TownApp) -> Iterator[Towns]:
    found: Towns = trial_on_files.extensions["towns"]
    yield found
    for slug in ("a", "b"):
        found.engines.troubles.forget(slug)


@pytest.fixture
def trial(trial_on_files: TownApp, installation: Towns) -> TownApp:
    return trial_on_files


def add(app: TownApp, name: str, town: str = "a", **fields: object) -> int:
    return client(app, town).post("/trial/", data={"name": name, **fields}).status_code


def health(app: TownApp) -> tuple[int, str]:
    answer = client(app).get("/healthz")
    return answer.status_code, answer.text.strip()


@contextmanager
def no_file_grows_beyond(size: int) -> Iterator[None]:
    """What a broken disk does to a write, without breaking one: the system refuses it half-way."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_with_little_room_photos_stop_then_words_and_reading_never_does(
    trial: TownApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = 150 * disk.MEBI
    monkeypatch.setattr(disk, "free", lambda _folder: left)
    add(trial, "Bel-Air", _key="the-first")
    assert add(trial, "La Gare", photo=(__file__, "photo.jpg")) == 507
    assert add(trial, "La Gare") == 303
    assert health(trial) == (200, "ok")
    left = 40 * disk.MEBI
    answer = client(trial).post("/trial/", data={"name": "Les Tanneries", "_form": "QuarterForm"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "Le disque de la commune est plein" in answer.text
    assert 'value="Les Tanneries"' in answer.text, "what was typed is still there"
    waiting = client(trial).post("/trial/", data={"name": "x"}, headers={"Accept": "application/json"})
    assert (waiting.status_code, waiting.json and waiting.json["error"]) == (503, "NoRoom")
    assert client(trial).get("/trial/").status_code == 200
    assert add(trial, "Bel-Air", _key="the-first") == 303, "what was acknowledged stays so"
    assert health(trial) == (200, "degraded")
    left = disk.LEAST_FOR_PHOTOS
    assert add(trial, "Les Tanneries") == 303
    assert quarters(trial) == ["Bel-Air", "La Gare", "Les Tanneries"]


def test_the_worker_begins_nothing_that_it_could_not_end(trial: TownApp, monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[object] = []
    job("troubles.ring")(rung.append)
    with enter(trial, "a"):
        enqueue("troubles.ring", {})
        db.session.commit()
    worker = Worker(trial)
    monkeypatch.setattr(disk, "free", lambda _folder: disk.LEAST_FOR_JOBS - 1)
    assert worker.once() == 0
    monkeypatch.undo()
    assert worker.once() == 1
    assert rung == [{}]


def test_the_ballast_is_blocks_that_the_operator_gives_back(tmp_path: Path) -> None:
    assert disk.put_ballast(tmp_path)
    file = disk.ballast(tmp_path)
    assert file.stat().st_blocks * 512 >= disk.BALLAST
    assert file.stat().st_mode & 0o077 == 0
    assert disk.put_ballast(tmp_path), "once is enough"
    assert disk.free_ballast(tmp_path)
    assert not disk.free_ballast(tmp_path)


def test_a_write_that_the_disk_breaks_leaves_nothing_and_the_next_one_goes_through(
    trial: TownApp, installation: Towns, caplog: pytest.LogCaptureFixture
) -> None:
    assert add(trial, "Bel-Air") == 303
    assert client(trial, "b").get("/trial/").status_code == 200
    log = Path(f"{installation.file('a')}-wal")
    with no_file_grows_beyond(log.stat().st_size + 1000):
        answers = [add(trial, f"Quartier {number}") for number in range(3)]
        assert client(trial).get("/trial/").status_code == 200, "reading goes on"
        assert "a" in installation.engines.troubles.all()
        assert health(trial) == (200, "degraded")
        assert client(trial, "b").get("/trial/").status_code == 200
    assert answers == [503] * 3
    assert quarters(trial) == ["Bel-Air"]
    assert add(trial, "La Gare") == 303, "nobody waits for a line that somebody never left"
    assert health(trial) == (200, "ok")
    assert quarters(trial) == ["Bel-Air", "La Gare"]
    assert [one.message for one in caplog.records if one.message == "town a is in trouble: io"], "and said once"


def test_a_file_that_vanishes_while_the_town_is_open_is_never_made_again(trial: TownApp, installation: Towns) -> None:
    assert add(trial, "Bel-Air") == 303
    file = installation.file("a")
    aside = file.with_name("aside.sqlite")
    file.rename(aside)
    answer = client(trial).get("/trial/")
    assert answer.status_code == 503
    assert "La cloche est à l’atelier" in answer.text
    for sheet in re.findall(r'<link rel="stylesheet" href="([^"]+)">', answer.text):
        assert client(trial).get(sheet).status_code == 200, "a page that stands by itself"
    assert add(trial, "Written into the void") == 503
    assert not file.exists()
    assert health(trial) == (200, "degraded")
    assert add(trial, "La Gare", town="b") == 303
    aside.rename(file)
    assert quarters(trial) == ["Bel-Air"], "it is found again without a restart"
    assert health(trial) == (200, "ok")


def test_an_empty_file_is_a_loss_and_no_new_town(trial: TownApp, installation: Towns) -> None:
    add(trial, "Bel-Air")
    installation.engines.close()
    os.truncate(installation.file("a"), 0)
    assert client(trial).get("/trial/").status_code == 503
    assert installation.file("a").stat().st_size == 0
    with enter(trial, "b"), pytest.raises(TownFileMissing):
        installation.open(installation.registry.town("a"))


def test_a_damaged_file_closes_its_town_until_it_is_replaced(trial: TownApp, installation: Towns) -> None:
    add(trial, "Bel-Air")
    installation.engines.close()
    file = installation.file("a")
    with closing(sqlite3.connect(file)) as plain:
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    good = file.read_bytes()
    with file.open("r+b") as broken:
        broken.seek(1024)
        broken.write(os.urandom(len(good) - 1024))
    assert client(trial).get("/trial/").status_code == 503
    assert add(trial, "La Gare") == 503
    assert add(trial, "La Gare", town="b") == 303
    assert health(trial) == (200, "degraded")
    restored = file.with_name("restored.sqlite")
    restored.write_bytes(good)
    restored.replace(file)
    for leftover in ("-wal", "-shm"):
        Path(f"{file}{leftover}").unlink(missing_ok=True)
    assert quarters(trial) == ["Bel-Air"]
    assert health(trial) == (200, "ok")


def test_each_night_every_page_is_looked_at(trial: TownApp, installation: Towns) -> None:
    """R08: a page that nobody reads may have been lost for months."""
    with enter(trial, "a"):
        look_at_every_page()
    assert health(trial) == (200, "ok")
    installation.engines.close()
    file = installation.file("a")
    with closing(sqlite3.connect(file)) as plain:
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = plain.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_job_due'").fetchone()
        (size,) = plain.execute("PRAGMA page_size").fetchone()
    with file.open("r+b") as broken:
        broken.seek((page - 1) * size)
        broken.write(b"\xff" * size)
    assert client(trial).get("/trial/").status_code == 200, "nobody has met it yet"
    with enter(trial, "a"):
        look_at_every_page()
    assert client(trial).get("/trial/").status_code == 503
    assert health(trial) == (200, "degraded")


@pytest.mark.parametrize("revision", ["9999", "0001"])
def test_tables_of_another_version_are_left_alone(trial: TownApp, installation: Towns, revision: str) -> None:
    installation.engines.close()
    with closing(sqlite3.connect(installation.file("a"))) as plain, plain:
        (ours,) = plain.execute("SELECT version_num FROM alembic_version").fetchone()
        plain.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    assert client(trial).get("/trial/").status_code == 503
    with pytest.raises(OtherVersion, match="town migrate"), enter(trial, "a"):
        raise AssertionError("never opened")
    assert add(trial, "La Gare", town="b") == 303
    with closing(sqlite3.connect(installation.file("a"))) as plain, plain:
        plain.execute("UPDATE alembic_version SET version_num = ?", (ours,))
    migrate_all(installation, lambda _town, _result: None)
    assert client(trial).get("/trial/").status_code == 200, "and opened again without a restart"


def test_a_lost_registry_is_not_an_installation_without_towns(tmp_path: Path) -> None:
    app = trial_app(tmp_path)
    open_two(app)
    registry: Registry = app.extensions["towns"].registry
    registry.close()
    for each in tmp_path.glob("registry.sqlite*"):
        each.rename(tmp_path / f"lost-{each.name}")
    assert (client(app).get("/trial/").status_code, health(app)) == (503, (503, "down"))
    assert not registry.file.exists()
    for each in tmp_path.glob("lost-*"):
        each.rename(tmp_path / each.name.removeprefix("lost-"))
    assert (client(app).get("/trial/").status_code, health(app)) == (200, (200, "ok"))


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


def test_a_query_without_end_is_broken_off_and_the_next_one_is_not(trial: TownApp) -> None:
    """R35: the search page asks for another word instead of holding the town."""
    with enter(trial, "a"), reading_only():
        set_query_seconds(0.05)
        try:
            with pytest.raises(DBAPIError, match="interrupted"):
                db.session.execute(text(ENDLESS))
            db.session.rollback()
            assert db.session.scalar(text("SELECT 1")) == 1
        finally:
            set_query_seconds(None)


@pytest.mark.postgres
def test_a_server_breaks_it_off_too(trial_on_postgres: TownApp) -> None:
    with enter(trial_on_postgres, "a"), reading_only():
        set_query_seconds(0.02)
        try:
            with pytest.raises(DBAPIError) as broken:
                db.session.execute(text("SELECT pg_sleep(20)"))
            db.session.rollback()
        finally:
            set_query_seconds(None)
        assert kind_of(broken.value.orig) == "too long"
        assert db.session.scalar(text("SELECT 1")) == 1
    assert not trial_on_postgres.extensions["towns"].engines.troubles, "and no town is blamed"


def test_whoever_asked_too_much_is_told_to_ask_for_less(trial: TownApp, monkeypatch: pytest.MonkeyPatch) -> None:
    from town.kernel import web

    monkeypatch.setattr(web, "LONGEST_QUERY", 0.05)
    monkeypatch.setitem(trial.view_functions, "trial.index", lambda: str(db.session.scalar(text(ENDLESS))))
    answer = client(trial).get("/trial/")
    assert answer.status_code == 422
    assert "Revenez en arrière et précisez" in answer.text
    assert health(trial) == (200, "ok"), "nothing is wrong with the town"


def test_work_of_the_worker_takes_its_time(trial: TownApp) -> None:
    counted: list[int] = []

    @job("troubles.count")
    def count(_payload: object) -> None:
        limited = ENDLESS.replace("FROM n)", "FROM n LIMIT 2000000)")
        counted.append(db.session.scalar(text(limited)) or 0)

    with enter(trial, "a"):
        enqueue("troubles.count", {})
        db.session.commit()
    assert run_due(trial, "a") == 1
    assert counted == [2_000_000]
