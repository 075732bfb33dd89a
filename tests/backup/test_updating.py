"""An update: a copy before each town, one transaction each, and the way back, whenever the power goes."""

import os
import random
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from click.testing import CliRunner

from tests.kernel.test_requests import client, quarters
from tests.trial import trial_app
from town.commands import main
from town.kernel import migrations
from town.kernel.backup import snapshot
from town.kernel.backup.manifest import BackupError
from town.kernel.tenancy import Towns, enter
from town.kernel.towns import make_town
from town.kernel.updating import copies, forget_former_states, migrate, migrate_all, needs, roll_back
from town.kernel.web import TownApp

SLUGS = ("a", "b", "c")
FORMER = "0008"


@pytest.fixture
def app(tmp_path: Path) -> TownApp:
    """Three towns of a former version, each with a quarter."""
    app = trial_app(tmp_path / "instance")
    towns: Towns = app.extensions["towns"]
    former = tmp_path / "former.sqlite"
    with migrations._file_for_migration(former) as connection:
        command.upgrade(migrations._config(connection), FORMER)
    for slug in SLUGS:
        make_town(towns, slug, [f"{slug}.localhost"], {"name": slug.upper()})
        snapshot.snapshot(former, towns.instance / "part")
        (towns.instance / "part").replace(towns.file(slug))
        with closing(sqlite3.connect(towns.file(slug))) as file, file:
            file.execute("INSERT INTO quarter (public_id, name) VALUES (?, ?)", (slug, f"Quartier {slug}"))
    return app


def revisions(towns: Towns) -> dict[str, str]:
    return {slug: snapshot.revision_of(towns.file(slug)) for slug in SLUGS}


def test_every_town_is_updated_with_a_copy_of_before(app: TownApp) -> None:
    """R09 — a line for each town; one that fails does not keep the others."""
    towns: Towns = app.extensions["towns"]
    with closing(sqlite3.connect(towns.file("b"))) as file, file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
    before = towns.file("b").read_bytes()
    assert needs(towns, towns.registry.town("a")).startswith("would go from 0008")
    told: dict[str, str] = {}
    assert not migrate_all(towns, lambda town, result: told.__setitem__(town.slug, result))
    assert told["a"].startswith("migrated from 0008")
    assert "newer version" in told["b"]
    assert told["c"].startswith("migrated from 0008")
    assert towns.file("b").read_bytes() == before
    assert client(app, "b").get("/trial/").status_code == 503
    assert quarters(app, "a") == ["Quartier a"]
    (_moment, revision, copy) = copies(towns.instance, "a")[0]
    assert revision == FORMER
    assert copy.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(copy)) as file:
        assert file.execute("SELECT name FROM quarter").fetchall() == [("Quartier a",)]
    assert copies(towns.instance, "b") == []
    assert migrate(towns, towns.registry.town("a")) == "up to date"


def test_an_update_killed_again_and_again_ends_right(app: TownApp) -> None:
    """R09 — killed by the operating system wherever it happens to be, eight times, then let to its end."""
    towns: Towns = app.extensions["towns"]
    towns.registry.close()
    dice = random.Random(3)
    for _turn in range(8):
        child = os.fork()
        if child == 0:
            migrate_all(Towns(towns.settings), lambda _town, _result: None)
            os._exit(0)
        time.sleep(dice.uniform(0.02, 0.4))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert set(revisions(towns).values()) <= {FORMER, migrations.head()}
        assert [snapshot.faults(towns.file(slug)) for slug in SLUGS] == [[], [], []]
    assert migrate_all(towns, lambda _town, _result: None)
    assert set(revisions(towns).values()) == {migrations.head()}
    for slug in SLUGS:
        assert quarters(app, slug) == [f"Quartier {slug}"]
        found = copies(towns.instance, slug)
        assert 1 <= len(found) <= 2
        assert [snapshot.faults(copy) for _moment, _revision, copy in found] == [[]] * len(found)


def test_a_town_goes_back_alone_and_comes_again_when_told(app: TownApp, monkeypatch: pytest.MonkeyPatch) -> None:
    towns: Towns = app.extensions["towns"]
    with pytest.raises(BackupError, match="no copy"):
        roll_back(towns, towns.registry.town("a"))
    migrate_all(towns, lambda _town, _result: None)
    client(app, "a").post("/trial/", data={"name": "Venu depuis"})

    monkeypatch.setenv("TOWN_INSTANCE", str(towns.instance))
    monkeypatch.setenv("TOWN_ENV", "development")
    done = CliRunner().invoke(main, ["rollback", "a"], input="y\n")
    assert done.exit_code == 0, done.output
    assert revisions(towns) == {"a": FORMER, "b": migrations.head(), "c": migrations.head()}
    assert list((towns.instance / "replaced" / "a").glob("*.zip"))
    assert client(app, "a").get("/trial/").status_code == 503, "this server need not start again to know"
    assert client(app, "b").get("/trial/").status_code == 200

    told: dict[str, str] = {}
    assert migrate_all(towns, lambda town, result: told.__setitem__(town.slug, result))
    assert "held back" in told["a"]
    again = CliRunner().invoke(main, ["migrate", "a"])
    assert "migrated from 0008" in again.output, again.output
    assert quarters(app, "a") == ["Quartier a"]


def test_copies_of_before_are_forgotten_after_a_month(app: TownApp) -> None:
    """They hold what was erased since."""
    towns: Towns = app.extensions["towns"]
    migrate_all(towns, lambda _town, _result: None)
    (_moment, _revision, copy) = copies(towns.instance, "a")[0]
    for age, left in ((29, 1), (31, 0)):
        os.utime(copy, (time.time() - age * 86400,) * 2)
        with enter(app, "a"):
            forget_former_states()
        assert len(copies(towns.instance, "a")) == left
    assert len(copies(towns.instance, "b")) == 1
