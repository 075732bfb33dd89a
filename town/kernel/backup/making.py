"""Making a town's backup: written, opened again, counted, sealed, and only then given its name."""

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from town.kernel.backup import keeping, sealing
from town.kernel.backup.manifest import BackupError, Manifest
from town.kernel.backup.reading import ask_for_room, check, opened, working_folder
from town.kernel.backup.writing import write_archive
from town.kernel.db import now
from town.kernel.registry import Town
from town.kernel.tenancy import Towns

NOT_HERE = (
    "this town lives in PostgreSQL: back up its schema with pg_dump and its pictures' folder with the disk "
    "(docs/running-a-town.md, « On PostgreSQL »)"
)


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that counts. `gone` are the older ones that no rule keeps any longer."""

    file: Path
    manifest: Manifest
    bytes: int
    seconds: float
    remarks: list[str]
    gone: list[Path]


def home_of_backups(towns: Towns, slug: str, folder: Path | None = None) -> Path:
    """The folder of one town's archives."""
    return (folder or towns.settings.backup_folder or towns.instance / "backups") / slug


def back_up(
    towns: Towns, town: Town, *, folder: Path | None = None, plain: bool = False, keep_all: bool = False
) -> Made:
    """Make the backup of one town, while people write in it. Raises `BackupError`; then nothing new lies there.

    keep_all: older ones stay, whatever the rules of keeping say.
    """
    if towns.engines.server is not None:
        raise BackupError(NOT_HERE)
    if not towns.file(town.slug).is_file():
        raise BackupError("its file is missing")
    recipients = [] if plain else sealing.recipients_of(towns.settings.backup_recipients)
    if not recipients and not plain and not towns.settings.development:
        raise BackupError(
            "no key to seal it to: make one with `town backup key FILE` and name its public half in "
            "TOWN_BACKUP_RECIPIENTS, or say --plain and keep the archive where nobody else reads"
        )
    began = time.monotonic()
    home = home_of_backups(towns, town.slug, folder)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _made(towns, town, home, recipients, began, keep_all)
    except OSError as broken:
        raise BackupError(f"it cannot be written: {broken.strerror or broken}") from broken


def _made(
    towns: Towns, town: Town, home: Path, recipients: list[sealing.Recipient], began: float, keep_all: bool
) -> Made:
    with working_folder(towns.instance) as work:
        ask_for_room(work, 3 * towns.file(town.slug).stat().st_size)
        whole = work / "archive.zip"
        write_archive(towns, town, whole, work)
        with opened(whole, work, []) as archive:
            remarks, manifest = check(archive, work), archive.manifest
        ask_for_room(home, whole.stat().st_size)
        file = home / keeping.name_for(town.slug, now(), sealed=bool(recipients))
        part = home / f".{file.name}.part"
        try:
            if recipients:
                sealing.seal(whole, part, recipients)
            else:
                _copy(whole, part)
            keeping.settle(part, file)
        finally:
            part.unlink(missing_ok=True)
    weight = file.stat().st_size
    gone = [] if keep_all else keeping.tidy(home, town.slug)
    seconds = time.monotonic() - began
    if not keep_all:
        towns.registry.note_upkeep(town.slug, "backup", now(), bytes=weight, seconds=round(seconds, 1))
    return Made(file, manifest, weight, seconds, remarks, gone)


def _copy(whole: Path, part: Path) -> None:
    with (
        whole.open("rb") as source,
        os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out,
    ):
        shutil.copyfileobj(source, out, 1024 * 1024)
        out.flush()
        os.fsync(out.fileno())
    if sealing.fingerprint(whole) != sealing.fingerprint(part):
        raise BackupError("what was written is not what was meant: is the disk sound?")
