"""Updating: every town's tables come to this version of the software, each with a copy of before, and may go back.

A town is one transaction: killed at any moment, it is as it was or as it will be, and the same command goes on.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from town.kernel import disk, migrations
from town.kernel.backup import snapshot
from town.kernel.backup.keeping import STAMP
from town.kernel.backup.making import back_up
from town.kernel.backup.manifest import BackupError
from town.kernel.db import now
from town.kernel.jobs import nightly
from town.kernel.registry import RegistryError, Town
from town.kernel.tenancy import Towns, current_town, towns

COPIES: Final = 2
"""Copies of before an update that each town keeps, for `FORMER` at most: they hold what was erased since."""
FORMER: Final = timedelta(days=30)
UP_TO_DATE: Final = "up to date"

_NAMED: Final = re.compile(r"before-([0-9]{8}T[0-9]{6}Z)-([0-9a-z_]+)\.sqlite")


def migrate_all(towns: Towns, tell: Callable[[Town, str], None]) -> bool:
    """Bring every town to the code's revision, one by one; whether all went well."""
    well = True
    for town in towns.registry.towns():
        try:
            tell(town, migrate(towns, town))
        except Exception as broken:  # the other towns must not wait for this one's repair
            well = False
            tell(town, f"failed, nothing was changed: {broken}")
    return well


def migrate(towns: Towns, town: Town, *, anyway: bool = False) -> str:
    """Bring one town to the code's revision; returns what was done. anyway: even if it went back from this version."""
    if town.held_from == migrations.head() and not anyway:
        return f"held back since its rollback (`town migrate {town.slug}` brings it to this version)"
    if towns.engines.server is not None:
        done = migrations.upgrade_schema(towns.engines.server, town.schema)
        return "migrated (PostgreSQL: no copy was made here)" if done else UP_TO_DATE
    file = towns.file(town.slug)
    if not file.is_file() or file.stat().st_size == 0:
        raise RegistryError("its file is missing")
    before = snapshot.revision_of(file)
    if before == migrations.head():
        return UP_TO_DATE
    if not migrations.knows(before):
        raise migrations.NewerThanCode(f"its tables ({before}) come from a newer version of the software")
    copy = _copy(towns, town, file, before)
    migrations.upgrade_file(file)
    if town.held_from:
        towns.registry.change(town.slug, held_from="")
    return f"migrated from {before} to {migrations.head()}; a copy of before: {copy}"


def needs(towns: Towns, town: Town) -> str:
    """What `migrate` would do."""
    if towns.engines.server is not None:
        return "PostgreSQL: `town check` says its version"
    file = towns.file(town.slug)
    if not file.is_file() or file.stat().st_size == 0:
        return "its file is missing"
    before = snapshot.revision_of(file)
    if before == migrations.head():
        return UP_TO_DATE
    if not migrations.knows(before):
        return f"its tables ({before}) come from a newer version of the software"
    return f"would go from {before} to {migrations.head()}"


def roll_back(towns: Towns, town: Town) -> tuple[datetime, str, Path]:
    """Put back the copy of before the last update, for the former version of the software.

    Returns its moment, its revision and where the present state is kept. What was written since is in that alone. This
    version of the software serves the town no more, and its next `migrate` leaves it alone.
    """
    if towns.engines.server is not None:
        raise BackupError("this town lives in PostgreSQL: put its schema back with pg_restore")
    there = copies(towns.instance, town.slug)
    if not there:
        raise BackupError(f"there is no copy of {town.slug!r} of before an update")
    moment, revision, copy = there[0]
    if found := snapshot.faults(copy):
        raise BackupError("; ".join(found))
    sealed = bool(towns.settings.backup_recipients)
    kept = back_up(towns, town, folder=towns.instance / "replaced", plain=not sealed, keep_all=True).file
    towns.registry.change(town.slug, held_from="" if revision == migrations.head() else migrations.head())
    towns.engines.close(town.slug)
    snapshot.pour(copy, towns.file(town.slug))
    towns.registry.note_upkeep(town.slug, "restore", now(), made_at=moment.isoformat())
    return moment, revision, kept


def copies(instance: Path, slug: str) -> list[tuple[datetime, str, Path]]:
    """The whole copies of before an update, the newest first."""
    found = []
    for file in (instance / "before" / slug).glob("before-*"):
        if (said := _NAMED.fullmatch(file.name)) is not None:
            found.append((datetime.strptime(said[1], STAMP).replace(tzinfo=UTC), said[2], file))
    return sorted(found, reverse=True)


def _copy(towns: Towns, town: Town, file: Path, revision: str) -> Path:
    home = towns.instance / "before" / town.slug
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if disk.free(home) < 3 * file.stat().st_size + disk.LEAST_FOR_WORDS:
        raise BackupError("there is no room for a copy of it and for its migration")
    part = home / ".copy.part"
    part.unlink(missing_ok=True)
    snapshot.snapshot(file, part)
    if found := snapshot.faults(part):
        part.unlink()
        raise BackupError("; ".join(found))
    copy = home / f"before-{now().astimezone(UTC):{STAMP}}-{revision}.sqlite"
    part.replace(copy)
    for _moment, _revision, older in copies(towns.instance, town.slug)[COPIES:]:
        older.unlink()
    return copy


@nightly
def forget_former_states() -> None:
    """Copies of before an update, and what restores replaced, are not for ever."""
    slug, oldest = current_town().slug, (now() - FORMER).timestamp()
    instance = towns().instance
    for folder in (instance / "before" / slug, instance / "replaced" / slug):
        for file in folder.rglob("*"):
            if file.is_file() and file.stat().st_mtime < oldest:
                file.unlink()
