"""A town comes back: here, beside itself, on another machine, whatever was there and whenever the power goes."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.backup.conftest import Key, verified
from tests.cast import person_named
from tests.conftest import ON_POSTGRES
from tests.kernel.test_requests import client, quarters
from town import create_app
from town.commons.people.leaving import erase, leave
from town.commons.people.models import Person, SessionRow
from town.commons.people.returning import make_fit_to_live
from town.commons.places.models import Quarter
from town.demo import DEMO_SLUG
from town.kernel.backup import snapshot
from town.kernel.backup.drilling import drill
from town.kernel.backup.making import back_up
from town.kernel.backup.manifest import BackupError
from town.kernel.backup.restoring import Restored, restore
from town.kernel.db import db
from town.kernel.tenancy import Towns, enter
from town.kernel.towns import unmake_town
from town.kernel.web import TownApp
from town.settings import Settings


def put_back(app: TownApp, file: Path, **how: object) -> Restored:
    def settle(*said: object) -> None:
        make_fit_to_live(app, *said, by="cli:test")  # type: ignore[arg-type]  # passed on as it came

    return restore(app.extensions["towns"], file, settle, **how)  # type: ignore[arg-type]  # passed on as it came


def another_machine(folder: Path, key: str = "") -> TownApp:
    said = {"secret_key": key} if key else {}
    return create_app(Settings(env="development", instance=folder, staff_2fa="off", rate_limits="off", **said))


def pictures(towns: Towns, slug: str) -> set[str]:
    return {file.name for file in (towns.folder(slug) / "media").glob("??/*")}


def test_a_town_moves_to_another_machine_with_its_words_and_pictures(
    installation: Towns, key: Key, tmp_path: Path
) -> None:
    """AD-08 — one archive, one command."""
    installation.settings.backup_recipients = [key.public]
    file = back_up(installation, installation.registry.town("a"), folder=tmp_path).file
    there = another_machine(tmp_path / "there")
    done = put_back(there, file, identities=key.identities)
    towns: Towns = there.extensions["towns"]
    assert towns.registry.hosts("a") == ["a.localhost"]
    assert towns.registry.town("a").uid == installation.registry.town("a").uid
    assert towns.registry.town("a").name == "A"
    assert quarters(there, "a") == ["Quartier de la ville A"]
    assert pictures(towns, "a") == pictures(installation, "a")
    assert towns.file("a").stat().st_mode & 0o077 == 0
    assert any("secret key is not the one" in remark for remark in done.remarks)
    assert "restore" in towns.registry.upkeep("a")


def test_a_town_is_never_written_over_unasked_and_what_is_replaced_is_kept(
    installation: Towns, trial_on_files: TownApp, tmp_path: Path
) -> None:
    file = back_up(installation, installation.registry.town("a"), folder=tmp_path).file
    client(trial_on_files, "a").post("/trial/", data={"name": "Venu depuis"})
    with pytest.raises(BackupError, match="--replace"):
        put_back(trial_on_files, file)
    assert "Venu depuis" in quarters(trial_on_files, "a")
    uid = installation.registry.town("a").uid

    done = put_back(trial_on_files, file, replace=True)
    assert quarters(trial_on_files, "a") == ["Quartier de la ville A"]
    assert quarters(trial_on_files, "b") == ["Quartier de la ville B"]
    assert installation.registry.town("a").uid == uid
    assert done.kept is not None
    assert verified(installation, done.kept).counts["quarter"] == 2
    assert client(trial_on_files, "a").post("/trial/", data={"name": "La vie continue"}).status_code == 303


def test_a_second_copy_beside_the_first_is_another_town(
    installation: Towns, trial_on_files: TownApp, tmp_path: Path
) -> None:
    """DECISIONS 18 — the right to read the other's cookies does not come along."""
    file = back_up(installation, installation.registry.town("a"), folder=tmp_path).file
    try:
        done = put_back(trial_on_files, file, slug="a-essai")
        assert done.town.uid != installation.registry.town("a").uid
        assert installation.registry.hosts("a") == ["a.localhost"]
        assert installation.registry.hosts("a-essai") == ["a-essai.localhost"]
        assert quarters(trial_on_files, "a-essai") == ["Quartier de la ville A"]
    finally:
        unmake_town(installation, "a-essai")


def test_a_lost_or_damaged_file_is_put_back_and_the_damaged_one_kept(
    installation: Towns, trial_on_files: TownApp, tmp_path: Path
) -> None:
    file = back_up(installation, installation.registry.town("a"), folder=tmp_path).file
    installation.engines.close()
    for leftover in installation.folder("a").glob("town.sqlite*"):
        leftover.unlink()
    assert client(trial_on_files, "a").get("/trial/").status_code == 503
    put_back(trial_on_files, file)
    assert client(trial_on_files, "a").get("/trial/").status_code == 200

    installation.engines.close()
    with installation.file("a").open("r+b") as live:
        live.seek(8192)
        live.write(b"\xff" * 40960)
    holds = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('PRAGMA user_version'); print(1, flush=True)"
    )
    command = [sys.executable, "-c", f"{holds}; sys.stdin.read()", str(installation.file("a"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        server.stdout.read(1)
        with pytest.raises(BackupError, match="stop `town serve`"):
            put_back(trial_on_files, file, replace=True)
        server.stdin.close()
    done = put_back(trial_on_files, file, replace=True)
    assert done.kept is not None
    assert done.kept.name.endswith("-damaged")
    assert quarters(trial_on_files, "a") == ["Quartier de la ville A"]


def test_a_town_of_a_newer_version_is_not_opened_and_leaves_nothing_behind(
    installation: Towns, trial_on_files: TownApp, tmp_path: Path
) -> None:
    installation.engines.close()
    with sqlite3.connect(installation.file("a")) as plain:
        plain.execute("UPDATE alembic_version SET version_num = '9999'")
    file = back_up(installation, installation.registry.town("a"), folder=tmp_path).file
    there = another_machine(tmp_path / "there")
    with pytest.raises(BackupError, match="newer version"):
        put_back(there, file)
    assert there.extensions["towns"].registry.towns() == []
    assert not (tmp_path / "there" / "towns").exists()


def test_a_restore_killed_at_any_moment_leaves_the_former_town_or_the_restored_one(
    installation: Towns, trial_on_files: TownApp, tmp_path: Path
) -> None:
    """Ten kills by the operating system, the server's connection open all the while."""
    file = back_up(installation, installation.registry.town("a"), folder=tmp_path).file
    folder, ends = installation.instance, []
    with enter(trial_on_files, "a"):
        db.session.add_all(Quarter(name=f"Quartier {number:04} {'x' * 400}") for number in range(3000))
        db.session.commit()
    reader = sqlite3.connect(installation.file("a"), isolation_level=None)
    many = reader.execute("SELECT count(*) FROM quarter").fetchone()[0]
    full = tmp_path / "full.sqlite"
    snapshot.snapshot(installation.file("a"), full)
    one = tmp_path / "one.sqlite"
    put_back(trial_on_files, file, replace=True)
    snapshot.snapshot(installation.file("a"), one)
    installation.engines.close()
    dice = random.Random(7)
    for turn in range(10):
        before = full if turn % 2 else one
        snapshot.pour(before, installation.file("a"))
        child = os.fork()
        if child == 0:  # nothing of the parent is used but the two paths
            snapshot.pour(one if turn % 2 else full, folder / "towns" / "a" / "town.sqlite")
            os._exit(0)
        time.sleep(dice.uniform(0, 0.03))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        ends.append(reader.execute("SELECT count(*) FROM quarter").fetchone()[0])
        assert snapshot.faults(installation.file("a")) == []
    reader.close()
    assert set(ends) <= {1, many}
    snapshot.pour(one, installation.file("a"))
    assert quarters(trial_on_files, "a") == ["Quartier de la ville A"]


@pytest.mark.skipif(ON_POSTGRES, reason="archives are of towns in files")
def test_nobody_is_signed_in_after_a_restore_and_whoever_was_erased_stays_erased(
    app: TownApp, browse: Callable[..., object], tmp_path: Path
) -> None:
    """An archive of before the erasure brings nobody back, here or beside under another name."""
    towns: Towns = app.extensions["towns"]
    browser = browse("karim")
    file = back_up(towns, towns.registry.town(DEMO_SLUG), folder=tmp_path).file
    with enter(app, DEMO_SLUG):
        odile = person_named("odile")
        last_name = odile.last_name
        leave(odile, at_once=True)
        erase(odile)
        db.session.commit()
    try:
        put_back(app, file, replace=True)
        put_back(app, file, slug="essai")
        for slug in (DEMO_SLUG, "essai"):
            with enter(app, slug):
                assert db.session.scalar(select(Person.id).where(Person.last_name == last_name)) is None
                assert db.session.scalar(select(SessionRow.id).limit(1)) is None
    finally:
        unmake_town(towns, "essai")
    assert browser.get("/account/").location.startswith("/login")  # type: ignore[attr-defined]  # a test client


def test_a_drill_says_whether_the_latest_backup_is_any_good(installation: Towns, tmp_path: Path) -> None:
    town = installation.registry.town("a")
    with pytest.raises(BackupError, match="no backup of it yet"):
        drill(installation, town, lambda _town, _file: [])
    file = back_up(installation, town, folder=tmp_path).file
    seen: list[Path] = []
    done = drill(installation, town, lambda _town, copy: seen.append(copy) or [], folder=tmp_path)  # type: ignore[func-returns-value]  # append gives nothing: no trouble found
    assert done.file == file
    assert not seen[0].exists()
    noted_at, said = installation.registry.upkeep("a")["drill"]
    assert said["archive"] == file.name
    with pytest.raises(BackupError, match="stale"):
        drill(installation, town, lambda _town, _file: ["a stale card"], folder=tmp_path)
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(BackupError, match="cut short"):
        drill(installation, town, lambda _town, _file: [], folder=tmp_path)
    assert installation.registry.upkeep("a")["drill"][0] == noted_at


def test_towns_in_postgresql_are_told_how_they_are_backed_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = another_machine(tmp_path)
    towns: Towns = there.extensions["towns"]
    monkeypatch.setattr(towns.engines, "_server", object())
    town = towns.registry.add("a", [], {"name": "A"})
    acts = (
        lambda: back_up(towns, town),
        lambda: drill(towns, town, lambda *_: []),
        lambda: put_back(there, tmp_path),
    )
    for act in acts:
        with pytest.raises(BackupError, match="pg_dump"):
            act()
