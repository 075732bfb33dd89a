"""Opening an archive: nothing in it is believed before it was compared with its manifest.

What comes from elsewhere may be cut short, changed, huge on purpose, or name files that lead out of its folder.
"""

import hashlib
import os
import shutil
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zipfile import BadZipFile, ZipFile, ZipInfo

from town.kernel.backup import sealing, snapshot
from town.kernel.backup.manifest import (
    DATABASE,
    LARGEST_MANIFEST,
    MANIFEST,
    BackupError,
    Manifest,
    is_ours,
    read_manifest,
)

BLOCK: Final = 1024 * 1024
MOST_FILES: Final = 1_000_000
FORGOTTEN: Final = 86400.0
LEAST_FREE: Final = 200 * 1024 * 1024
"""Bytes of disk that unpacking leaves to everything else."""


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that was opened: its zip and what its manifest says."""

    zip: ZipFile
    manifest: Manifest


@contextmanager
def working_folder(instance: Path) -> Iterator[Path]:
    """A folder of the installation for what is needed meanwhile; on the same disk as the towns, and for its owner."""
    home = instance / "work"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for leftover in home.iterdir():  # of a run that was killed
        if time.time() - leftover.stat().st_mtime > FORGOTTEN:
            shutil.rmtree(leftover, ignore_errors=True)
    with TemporaryDirectory(dir=home) as folder:
        yield Path(folder)


@contextmanager
def opened(file: Path, work: Path, identities: list[sealing.Identity]) -> Iterator[Archive]:
    """Open an archive, sealed or not. Raises `BackupError` with the reason when it is none of ours."""
    try:
        plain = file
        if sealing.is_sealed(file):
            if not identities:
                raise BackupError(f"{file.name} is sealed: say where its secret key is, with --identity FILE")
            ask_for_room(work, file.stat().st_size)
            plain = work / "opened.zip"
            sealing.unseal(file, plain, identities)
        with ZipFile(plain) as parcel:
            yield Archive(parcel, _manifest_of(parcel))
    except (BadZipFile, zlib.error, EOFError, NotImplementedError) as broken:
        raise BackupError(f"{file.name} is cut short, or no archive of a town") from broken
    except OSError as broken:
        raise BackupError(f"{file.name} cannot be read: {broken.strerror or broken}") from broken


def _manifest_of(parcel: ZipFile) -> Manifest:
    if len(parcel.infolist()) > MOST_FILES:
        raise BackupError("this archive holds more files than any town: nothing was taken from it")
    try:
        info = parcel.getinfo(MANIFEST)
    except KeyError as none:
        raise BackupError("this archive has no manifest: it is cut short, or not of a town") from none
    if info.file_size > LARGEST_MANIFEST:
        raise BackupError("this archive's manifest is larger than any town's: nothing was taken from it")
    with parcel.open(info) as content:
        manifest = read_manifest(content.read(LARGEST_MANIFEST + 1))
    names = [entry.filename for entry in parcel.infolist()]
    strange = next((name for name in names if name != MANIFEST and not is_ours(name)), None)
    if strange is not None:
        raise BackupError(f"this archive holds a file that no town has ({strange[:80]!r}): nothing was taken from it")
    if sorted(names) != sorted([MANIFEST, *manifest.files]):
        raise BackupError("this archive does not hold what its manifest says: it was changed, or is not whole")
    for name, held in manifest.files.items():
        if parcel.getinfo(name).file_size != held.bytes:
            raise BackupError(f"{name} is not of the size that the manifest says: the archive was changed")
    return manifest


def check(archive: Archive, work: Path) -> list[str]:
    """Compare every byte with the manifest, open the town's file and count its rows. Returns remarks.

    Raises `BackupError` for whatever would make a restore wrong.
    """
    manifest = archive.manifest
    for name in manifest.files:
        if name != DATABASE:
            _copy(archive, name, None)
    if manifest.kind == "public":
        return []
    file = work / "checked.sqlite"
    take(archive, DATABASE, file)
    if found := snapshot.faults(file):
        raise BackupError("; ".join(found))
    if snapshot.counts(file) != manifest.counts:
        raise BackupError("the town's file does not hold as many rows as the manifest says")
    wanted = set(snapshot.pictures_in(file)) - set(manifest.absent)
    there = {name.split("/")[2] for name in manifest.files if name.startswith("media/")}
    if lost := wanted - there:
        raise BackupError(f"{len(lost)} pictures that the town's file speaks of are not in the archive")
    file.unlink()
    return [f"{len(manifest.absent)} pictures had no file when it was made"] if manifest.absent else []


def take(archive: Archive, name: str, to: Path) -> None:
    """Unpack one file of the archive, comparing it with the manifest on the way."""
    ask_for_room(to.parent, archive.manifest.files[name].bytes)
    _copy(archive, name, to)


def _copy(archive: Archive, name: str, to: Path | None) -> None:
    held = archive.manifest.files[name]
    info: ZipInfo = archive.zip.getinfo(name)
    digest, weight = hashlib.sha256(), 0
    out = os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") if to is not None else None
    try:
        with archive.zip.open(info) as content:
            while block := content.read(BLOCK):
                weight += len(block)
                if weight > held.bytes:  # whatever the zip's own table said
                    raise BackupError(f"{name} is larger than the manifest says: the archive was changed")
                digest.update(block)
                if out is not None:
                    out.write(block)
        if out is not None:
            out.flush()
            os.fsync(out.fileno())
    finally:
        if out is not None:
            out.close()
    if weight != held.bytes or digest.hexdigest() != held.sha256:
        raise BackupError(f"{name} is not what the manifest says: the archive was changed or is damaged")


def ask_for_room(folder: Path, weight: int) -> None:
    """Raises `BackupError` when the disk of that folder has no room for so many bytes."""
    free = shutil.disk_usage(folder).free
    if free < weight + LEAST_FREE:
        raise BackupError(f"there is no room: {weight // 2**20 + 1} MiB are needed and {free // 2**20} MiB are free")
