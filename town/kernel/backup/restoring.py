"""Putting a town back: from its backup or from the copy that the town hall took home, here or on another machine.

The archive is checked whole before anything is touched. What it replaces is archived first; the live file is then
written over in one transaction, so that a kill at any moment leaves the former town or the restored one.
"""

import fcntl
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from town.kernel import migrations
from town.kernel.backup import sealing, snapshot
from town.kernel.backup.keeping import STAMP
from town.kernel.backup.making import NOT_HERE, back_up
from town.kernel.backup.manifest import DATABASE, BackupError, Manifest
from town.kernel.backup.reading import Archive, check, opened, take, working_folder
from town.kernel.backup.writing import key_mark
from town.kernel.db import now
from town.kernel.registry import RegistryError, Town, check_slug, clean_host
from town.kernel.tenancy import Towns
from town.kernel.towns import unmake_town

SHARED_BYTES: Final = (0x40000002, 510)
"""Where SQLite's readers lock a file while they have it open."""

Settle = Callable[[Town, Path, str, set[str]], None]
"""Makes a file fit to live, before it does: `settle(town, file, uid, marks)`; the marks were made with that uid."""


@dataclass
class Restored:
    """What was done. `kept` is where the replaced town lies now."""

    town: Town
    manifest: Manifest
    kept: Path | None = None
    remarks: list[str] = field(default_factory=list)


def restore(
    towns: Towns,
    file: Path,
    settle: Settle,
    *,
    slug: str | None = None,
    hosts: list[str] | None = None,
    replace: bool = False,
    identities: list[sealing.Identity] | None = None,
) -> Restored:
    """Put the town of that archive back, under its own short name or another. Raises `BackupError`, `RegistryError`."""
    if towns.engines.server is not None:
        raise BackupError(NOT_HERE)
    with working_folder(towns.instance) as work:
        with opened(file, work, identities or []) as archive:
            manifest = archive.manifest
            slug = check_slug(slug or manifest.slug)
            _may_be_put_there(towns, manifest, slug, replace=replace)
            remarks = check(archive, work)
            copy = work / DATABASE
            take(archive, DATABASE, copy)
            _bring_to_this_version(copy)
            town, is_new = _line_of(towns, manifest, slug)
            done = Restored(town, manifest, remarks=remarks)
            try:
                settle(town, copy, *_marks(towns, manifest, town))
                _take_pictures(archive, towns.folder(slug) / "media")
                done.kept = _put_in_place(towns, town, copy)
            except BaseException:
                if is_new:
                    unmake_town(towns, slug)
                raise
        done.remarks += _give_hosts(towns, manifest, slug, hosts)
    if manifest.key_mark != key_mark(towns.settings.key()):
        done.remarks.append(
            "the secret key is not the one that the town had: put the former one into TOWN_SECRET_KEY_FALLBACKS, or "
            "codes already printed on paper are void and staff set up their second factor anew (town lost-phone)"
        )
    towns.registry.note_upkeep(slug, "restore", now(), made_at=manifest.made_at)
    return done


def _may_be_put_there(towns: Towns, manifest: Manifest, slug: str, *, replace: bool) -> None:
    if manifest.kind == "public":
        raise BackupError("this is a public copy: it holds what anybody may read, and no town can be made of it")
    folder = towns.folder(slug)
    if _is_known(towns, slug):
        if _has_file(towns, slug) and not replace:
            raise BackupError(
                f"{slug!r} is open here: nothing was touched. Say --replace to put this archive in its place (what it "
                "replaces is kept), or --as ANOTHER-NAME to open it beside"
            )
    elif folder.exists() and any(folder.iterdir()):
        raise BackupError(f"the folder {folder} is not empty, and no town of that name is open: nothing was touched")


def _is_known(towns: Towns, slug: str) -> bool:
    return slug in {town.slug for town in towns.registry.towns()}


def _has_file(towns: Towns, slug: str) -> bool:
    file = towns.file(slug)
    return file.is_file() and file.stat().st_size > 0


def _bring_to_this_version(copy: Path) -> None:
    try:
        migrations.upgrade_file(copy)
    except migrations.NewerThanCode as newer:
        raise BackupError(
            f"this town comes from a newer version of Clocher (its tables are at {newer}): update Clocher here first"
        ) from newer


def _line_of(towns: Towns, manifest: Manifest, slug: str) -> tuple[Town, bool]:
    """The town's line in the registry, and whether it is new. A new one has no host yet: nobody reaches it."""
    profile = {**manifest.town.get("profile", {}), "held_from": ""}
    if _is_known(towns, slug):
        return towns.registry.change(slug, **profile), False
    uid = manifest.town.get("uid")
    if uid in {town.uid for town in towns.registry.towns()}:
        uid = None  # a second copy beside the first must not read the other's cookies
    town = towns.registry.add(slug, [], profile, uid=uid, opened_at=manifest.town.get("opened_at", ""))
    if town.uid == manifest.town.get("uid"):
        for mark, at in manifest.town.get("erased", []):
            towns.registry.note_erased(slug, mark, datetime.fromisoformat(at))
        for public, private in reversed(manifest.town.get("push_keys", [])):
            towns.registry.add_push_key(slug, public, private, now())  # else its phones would have to be set up again
    return town, True


def _marks(towns: Towns, manifest: Manifest, town: Town) -> tuple[str, set[str]]:
    """Who was erased since, as this installation remembers it, and the uid with which that was marked."""
    uid = str(manifest.town.get("uid") or "")
    marks = towns.registry.erased(town.slug)
    if _is_known(towns, manifest.slug):
        origin = towns.registry.town(manifest.slug)
        if not uid or uid == origin.uid:
            uid, marks = origin.uid, marks | towns.registry.erased(manifest.slug)
    return uid or town.uid, marks


def _take_pictures(archive: Archive, media: Path) -> None:
    """Pictures are only added: a name never gets other pixels, and those that no row speaks for go at night."""
    for name in archive.manifest.files:
        if name.startswith("media/"):
            to = media.parent / name
            if not to.exists():
                to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                part = to.with_name(f".{to.name}.part")
                part.unlink(missing_ok=True)
                take(archive, name, part)
                part.replace(to)


def _put_in_place(towns: Towns, town: Town, copy: Path) -> Path | None:
    towns.engines.close(town.slug)
    live = towns.file(town.slug)
    live.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _has_file(towns, town.slug):
        _move_in(copy, live)
        return None
    if snapshot.faults(live):
        kept = _set_aside(towns, town, live)
        _move_in(copy, live)
        return kept
    sealed = bool(towns.settings.backup_recipients)
    kept = back_up(towns, town, folder=towns.instance / "replaced", plain=not sealed, keep_all=True).file
    snapshot.pour(copy, live)
    return kept


def _move_in(copy: Path, live: Path) -> None:
    for leftover in ("-wal", "-shm"):
        live.with_name(live.name + leftover).unlink(missing_ok=True)
    copy.chmod(0o600)
    copy.replace(live)
    handle = os.open(live.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _set_aside(towns: Towns, town: Town, live: Path) -> Path:
    """Move a damaged file away, as it is: it cannot be copied, nor written over."""
    if _is_open_elsewhere(live):
        raise BackupError(
            "the present file is damaged and a server still has it open: stop `town serve`, then try again"
        )
    kept = towns.instance / "replaced" / town.slug / f"{now().astimezone(UTC):{STAMP}}-damaged"
    kept.mkdir(mode=0o700, parents=True)
    for suffix in ("", "-wal", "-shm"):
        if (part := live.with_name(live.name + suffix)).exists():
            shutil.move(part, kept / part.name)
    return kept


def _is_open_elsewhere(live: Path) -> bool:
    start, length = SHARED_BYTES
    with live.open("r+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, length, start)
        except OSError:
            return True
        fcntl.lockf(file, fcntl.LOCK_UN, length, start)
    return False


def _give_hosts(towns: Towns, manifest: Manifest, slug: str, hosts: list[str] | None) -> list[str]:
    """A town that has hosts keeps them; another gets those asked for, or its former ones that nobody has here."""
    remarks = []
    if not towns.registry.hosts(slug) or hosts:
        for host in hosts or manifest.town.get("hosts", []):
            try:
                if clean_host(host) not in towns.registry.hosts(slug):
                    towns.registry.add_host(slug, host)
            except RegistryError as taken:
                remarks.append(str(taken))
    if not towns.registry.hosts(slug):
        towns.registry.add_host(slug, f"{slug}.localhost")
    return remarks
