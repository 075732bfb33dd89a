"""What comes from elsewhere is not believed: cut short, changed, huge, or leading out of its folder, it is refused."""

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.backup.conftest import Key, verified
from town.kernel.backup import keeping
from town.kernel.backup.making import back_up
from town.kernel.backup.manifest import DATABASE, MANIFEST, BackupError
from town.kernel.tenancy import Towns

Files = dict[str, bytes]


@pytest.fixture
def archive(installation: Towns, tmp_path: Path) -> Path:
    return back_up(installation, installation.registry.town("a"), folder=tmp_path).file


def files_of(archive: Path) -> Files:
    with zipfile.ZipFile(archive) as parcel:
        return {name: parcel.read(name) for name in parcel.namelist()}


def packed(files: Files, to: Path) -> Path:
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as parcel:
        for name, content in files.items():
            parcel.writestr(name, content)
    return to


def said(files: Files, change: Callable[[dict[str, object]], object]) -> Files:
    manifest = json.loads(files[MANIFEST])
    change(manifest)
    return {**files, MANIFEST: json.dumps(manifest).encode()}


def test_an_archive_cut_short_anywhere_is_refused_with_a_sentence(
    installation: Towns, archive: Path, key: Key, tmp_path: Path
) -> None:
    installation.settings.backup_recipients = [key.public]
    sealed = back_up(installation, installation.registry.town("a"), folder=tmp_path / "sealed").file
    for whole in (archive.read_bytes(), sealed.read_bytes()):
        for length in (0, 1, 20, 300, len(whole) // 2, len(whole) - 100, len(whole) - 1):
            cut = tmp_path / "cut.zip"
            cut.write_bytes(whole[:length])
            with pytest.raises(BackupError, match=r"cut short|cannot be opened|no manifest"):
                verified(installation, cut, key.identities)


def test_one_changed_byte_is_seen(installation: Towns, archive: Path, key: Key, tmp_path: Path) -> None:
    installation.settings.backup_recipients = [key.public]
    sealed = back_up(installation, installation.registry.town("a"), folder=tmp_path / "sealed").file
    for file in (archive, sealed):
        whole = bytearray(file.read_bytes())
        for place in (len(whole) // 3, len(whole) // 2):
            changed = tmp_path / "changed.zip"
            changed.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            with pytest.raises(BackupError):
                verified(installation, changed, key.identities)
        file.write_bytes(bytes(whole[:-1]) + b"?")
        assert keeping.matches_checksum(file) is False


def test_what_was_changed_with_care_is_seen_too(installation: Towns, archive: Path, tmp_path: Path) -> None:
    files = files_of(archive)
    picture = next(name for name in files if name.startswith("media/"))
    wrong = {
        "another picture": {**files, picture: files[picture][:-1] + b"?"},
        "a picture less": {name: content for name, content in files.items() if name != picture},
        "rows less": said(files, lambda m: m["counts"].update(quarter=99)),  # type: ignore[attr-defined]  # JSON
        "not of a town": said(files, lambda m: m.update(format="other")),
        "of a format to come": said(files, lambda m: m.update(version=99)),
        "no manifest": {name: content for name, content in files.items() if name != MANIFEST},
        "a list": {**files, MANIFEST: b"[]"},
        "no JSON": {**files, MANIFEST: b"\xff{"},
        "no files": said(files, lambda m: m.update(files=3)),
    }
    for why, changed in wrong.items():
        file = packed(changed, tmp_path / f"{why}.zip")
        with pytest.raises(BackupError):
            verified(installation, file)


def test_a_name_that_leads_elsewhere_is_refused(installation: Towns, archive: Path, tmp_path: Path) -> None:
    elsewhere = ["../../evil.sqlite", "/etc/evil", "media/../../evil.webp", "media/aa/../x.webp", "C:\\evil", "run.sh"]
    elsewhere += ["reader/../evil.js", "town.sqlite/x", "media/aa/bb00000000000000000000000000000000/card.webp"]
    ours = files_of(archive)
    for name in elsewhere:
        files = {**ours, name: b"evil"}
        manifest = json.loads(ours[MANIFEST])
        manifest["files"][name] = {"bytes": 4, "sha256": "0" * 64}
        for changed in (files, {**files, MANIFEST: json.dumps(manifest).encode()}):
            file = packed(changed, tmp_path / "evil.zip")
            with pytest.raises(BackupError, match="no town has"):
                verified(installation, file)
    assert not list(tmp_path.parent.rglob("evil.sqlite"))


def test_an_archive_larger_than_it_says_or_than_the_disk_is_refused(
    installation: Towns, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = files_of(archive)
    bomb = {**files, DATABASE: bytes(8 * 1024 * 1024)}
    with pytest.raises(BackupError, match="not of the size"):
        verified(installation, packed(bomb, tmp_path / "bomb.zip"))
    huge = said(bomb, lambda m: m["files"][DATABASE].update(bytes=len(bomb[DATABASE])))  # type: ignore[index]  # JSON
    usage = shutil.disk_usage(tmp_path)
    with monkeypatch.context() as small:
        small.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=204 * 1024 * 1024))
        with pytest.raises(BackupError, match="no room"):
            verified(installation, packed(huge, tmp_path / "huge.zip"))
    monkeypatch.setattr("town.kernel.backup.reading.MOST_FILES", 3)
    with pytest.raises(BackupError, match="more files"):
        verified(installation, archive)


def test_a_directory_that_lies_about_sizes_does_not_fill_the_disk(
    installation: Towns, archive: Path, tmp_path: Path
) -> None:
    """The zip's own table says 4 bytes, the manifest too, and a megabyte comes out."""
    files = files_of(archive)
    real = {**files, DATABASE: bytes(1024 * 1024)}
    small = said(real, lambda m: m["files"][DATABASE].update(bytes=4))  # type: ignore[index]  # JSON
    lying = packed(small, tmp_path / "lying.zip")
    content = lying.read_bytes()
    start = content.rindex(b"PK\x01\x02", 0, content.rindex(DATABASE.encode()))
    lying.write_bytes(content[: start + 24] + (4).to_bytes(4, "little") + content[start + 28 :])
    with pytest.raises(BackupError):
        verified(installation, lying)
    assert not list((installation.instance / "work").iterdir())
