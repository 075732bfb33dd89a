"""The drill: the latest backup is put back where nobody looks, and read as the town would be."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from town.kernel import migrations
from town.kernel.backup import keeping, sealing
from town.kernel.backup.making import NOT_HERE, home_of_backups
from town.kernel.backup.manifest import DATABASE, BackupError, Manifest
from town.kernel.backup.reading import check, opened, take, working_folder
from town.kernel.db import now
from town.kernel.registry import Town
from town.kernel.tenancy import Towns

Look = Callable[[Town, Path], list[str]]
"""What is wrong with a town's file when it is read as the app reads it."""


@dataclass(frozen=True, slots=True)
class Drill:
    """A backup that can be put back, and how long it took to be sure."""

    file: Path
    manifest: Manifest
    seconds: float


def drill(
    towns: Towns,
    town: Town,
    look: Look,
    *,
    folder: Path | None = None,
    identities: list[sealing.Identity] | None = None,
) -> Drill:
    """Put the latest backup of a town back in a folder of its own and read it. Raises `BackupError`; notes the date."""
    if towns.engines.server is not None:
        raise BackupError(NOT_HERE)
    there = keeping.archives(home_of_backups(towns, town.slug, folder), town.slug)
    if not there:
        raise BackupError("there is no backup of it yet: `town backup`")
    made_at, file = there[0]
    began = time.monotonic()
    with working_folder(towns.instance) as work, opened(file, work, identities or []) as archive:
        check(archive, work)
        copy = work / DATABASE
        take(archive, DATABASE, copy)
        for name in archive.manifest.files:
            if name.startswith("media/"):
                (work / name).parent.mkdir(parents=True, exist_ok=True)
                take(archive, name, work / name)
        try:
            migrations.upgrade_file(copy)
        except migrations.NewerThanCode as newer:
            raise BackupError("it comes from a newer version of the software than this one") from newer
        if found := look(town, copy):
            raise BackupError("; ".join(found))
        done = Drill(file, archive.manifest, time.monotonic() - began)
    towns.registry.note_upkeep(
        town.slug, "drill", now(), seconds=round(done.seconds, 1), archive=file.name, made_at=made_at.isoformat()
    )
    return done
