"""A backup is one consistent moment of one town, sealed, verified before it counts, and kept as long as is said."""

import shutil
import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import text

from tests.backup.conftest import Key, inside, verified
from town.kernel.backup import keeping, sealing
from town.kernel.backup.making import back_up
from town.kernel.backup.manifest import DATABASE, BackupError
from town.kernel.backup.reading import opened, working_folder
from town.kernel.db import db
from town.kernel.tenancy import Towns, enter
from town.kernel.web import TownApp


def test_a_backup_is_one_moment_of_the_town_while_people_write(
    installation: Towns, trial_on_files: TownApp, tmp_path: Path
) -> None:
    """R11 — who writes two things in one gesture has both in the backup or neither."""
    over, written = threading.Event(), []

    def write() -> None:
        with enter(trial_on_files, "a"):
            while not over.is_set():
                said = {"name": f"moment-{len(written)}"}
                db.session.execute(text("INSERT INTO quarter (public_id, name) VALUES (:name, :name)"), said)
                street = "INSERT INTO street (public_id, name, folded, quarter_id) SELECT name, name, name, id"
                db.session.execute(text(f"{street} FROM quarter WHERE name = :name"), said)
                db.session.commit()
                written.append(said)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        files = [
            back_up(installation, installation.registry.town("a"), folder=tmp_path / str(n)).file for n in range(4)
        ]
    finally:
        over.set()
        writer.join()
    counts = []
    for file in files:
        with ZipFile(file) as parcel:
            parcel.extract(DATABASE, tmp_path)
        with sqlite3.connect(tmp_path / DATABASE) as copy:
            quarters, streets = (
                {name for (name,) in copy.execute(f"SELECT name FROM {table} WHERE name LIKE 'moment-%'")}
                for table in ("quarter", "street")
            )
        assert quarters == streets
        counts.append(len(quarters))
    assert counts == sorted(counts)
    assert len(written) >= counts[-1] > counts[0]


def test_a_backup_holds_its_town_with_its_pictures_and_nothing_of_another(installation: Towns, tmp_path: Path) -> None:
    made = {slug: back_up(installation, installation.registry.town(slug), folder=tmp_path) for slug in ("a", "b")}
    for slug, other in (("a", "b"), ("b", "a")):
        with working_folder(installation.instance) as work, opened(made[slug].file, work, []) as archive:
            content = inside(archive)
            assert len([name for name in archive.zip.namelist() if name.startswith("media/")]) == 3
        assert f"Quartier de la ville {slug.upper()}".encode() in content
        assert f"Quartier de la ville {other.upper()}".encode() not in content
        assert installation.registry.town(other).uid.encode() not in content
        assert made[slug].file.stat().st_mode & 0o077 == 0
    assert list(tmp_path.rglob("*.part")) == []
    assert list((installation.instance / "work").iterdir()) == []


def test_a_sealed_backup_says_nothing_without_its_key(installation: Towns, key: Key, tmp_path: Path) -> None:
    """T19 — and the secret key never is on the server."""
    installation.settings.backup_recipients = [key.public]
    file = back_up(installation, installation.registry.town("a"), folder=tmp_path).file
    assert file.suffix == ".age"
    sealed = file.read_bytes()
    for word in (b"Quartier", b"town.sqlite", b"manifest", installation.registry.town("a").uid.encode()):
        assert word not in sealed
    assert verified(installation, file, key.identities).slug == "a"
    with pytest.raises(BackupError, match="--identity"):
        verified(installation, file)
    other = tmp_path / "other.txt"
    sealing.new_key(other)
    with pytest.raises(BackupError, match="not sealed to this key"):
        verified(installation, file, sealing.identities_in(other))


def test_production_makes_no_backup_that_anybody_could_read(
    installation: Towns, key: Key, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = installation.registry.town("a")
    monkeypatch.setattr(installation.settings, "env", "production")
    with pytest.raises(BackupError, match="town backup key"):
        back_up(installation, town, folder=tmp_path)
    assert list(tmp_path.rglob("*.zip*")) == []
    assert back_up(installation, town, folder=tmp_path, plain=True).file.suffix == ".zip"
    for wrong, why in ((key.file.read_text().splitlines()[-1], "secret key"), ("age1nothing", "no public key")):
        installation.settings.backup_recipients = [wrong]
        with pytest.raises(BackupError, match=why):
            back_up(installation, town, folder=tmp_path)


def test_a_file_that_is_damaged_makes_no_backup(installation: Towns, tmp_path: Path) -> None:
    installation.engines.close()
    file = installation.file("a")
    with sqlite3.connect(file) as plain:
        plain.execute("PRAGMA foreign_keys=OFF")
        plain.execute("INSERT INTO street (public_id, name, folded, quarter_id) VALUES ('x', 'x', 'x', 4242)")
    with pytest.raises(BackupError, match="points to nothing in quarter"):
        back_up(installation, installation.registry.town("a"), folder=tmp_path)
    file.write_bytes(b"not a database" * 1000)
    with pytest.raises((BackupError, sqlite3.DatabaseError)):
        back_up(installation, installation.registry.town("a"), folder=tmp_path)
    assert list(tmp_path.rglob("*.zip*")) == []


def test_a_full_disk_leaves_no_half_backup(
    installation: Towns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=1024))
    with pytest.raises(BackupError, match="no room"):
        back_up(installation, installation.registry.town("a"), folder=tmp_path)
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_old_backups_go_by_their_own_dates_and_nothing_else_is_touched(tmp_path: Path) -> None:
    """Seven days, four weeks, three months; an archive of a clock that jumped takes one place of each."""
    first = datetime(2026, 1, 1, 3, tzinfo=UTC)
    days = [first + timedelta(days=n) for n in range(200)]
    for made_at in days:
        (tmp_path / keeping.name_for("a", made_at, sealed=True)).touch()
        (tmp_path / f"{keeping.name_for('a', made_at, sealed=True)}.sha256").touch()
    for other in ("a-b-20260101T030000Z.zip.age", "a-notes.zip", "b-20260101T030000Z.zip"):
        (tmp_path / other).touch()
    keeping.tidy(tmp_path, "a")
    kept = [made_at for made_at, _file in keeping.archives(tmp_path, "a")]
    assert kept[:7] == days[:-8:-1]
    assert 7 + 2 <= len(kept) <= 7 + 3 + 2
    assert {(moment.year, moment.month) for moment in kept} == {(2026, 7), (2026, 6), (2026, 5)}
    assert len(list(tmp_path.glob("*.sha256"))) == len(kept)
    assert len(list(tmp_path.iterdir())) == 2 * len(kept) + 3
    (tmp_path / keeping.name_for("a", datetime(2093, 1, 1, tzinfo=UTC), sealed=True)).touch()
    keeping.tidy(tmp_path, "a")
    left = [made_at for made_at, _file in keeping.archives(tmp_path, "a")]
    assert left[1:7] == kept[:6]
    assert len(left) >= len(kept) - 2
