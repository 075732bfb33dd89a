"""Where a town's archives lie, and how long: one a day for a week, one a week for a month, one a month for a quarter.

The archive's own date counts, never the clock: one that jumped must not cost every backup.
"""

import os
import re
import time
from collections.abc import Callable, Hashable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from town.kernel.backup.sealing import fingerprint

STAMP: Final = "%Y%m%dT%H%M%SZ"
DAYS, WEEKS, MONTHS = 7, 4, 3
CHECKSUM: Final = ".sha256"
DAY: Final = 86400.0


def name_for(slug: str, made_at: datetime, *, sealed: bool) -> str:
    return f"{slug}-{made_at.astimezone(UTC):{STAMP}}.zip" + (".age" if sealed else "")


def archives(folder: Path, slug: str) -> list[tuple[datetime, Path]]:
    """The whole archives of one town in its folder, the newest first. Nothing else that lies there is ever touched."""
    ours = re.compile(rf"{re.escape(slug)}-([0-9]{{8}}T[0-9]{{6}}Z)\.zip(?:\.age)?")
    found = []
    for file in folder.glob(f"{slug}-*"):
        if (said := ours.fullmatch(file.name)) is not None:
            found.append((datetime.strptime(said[1], STAMP).replace(tzinfo=UTC), file))
    return sorted(found, reverse=True)


def tidy(folder: Path, slug: str) -> list[Path]:
    """Remove the archives that no rule keeps, and return them."""
    kept: set[Path] = set()
    rules: list[tuple[int, Callable[[datetime], Hashable]]] = [
        (DAYS, lambda made_at: made_at.date()),
        (WEEKS, lambda made_at: made_at.isocalendar()[:2]),
        (MONTHS, lambda made_at: (made_at.year, made_at.month)),
    ]
    there = archives(folder, slug)
    for most, period in rules:
        newest: dict[Hashable, Path] = {}
        for made_at, file in there:
            newest.setdefault(period(made_at), file)
        kept.update(list(newest.values())[:most])
    gone = [file for _made_at, file in there if file not in kept]
    for file in gone:
        file.unlink()
        file.with_name(file.name + CHECKSUM).unlink(missing_ok=True)
    for part in folder.glob(f".{slug}-*.part"):  # of a run that was killed; a younger one may be at work
        if time.time() - part.stat().st_mtime > DAY:
            part.unlink(missing_ok=True)
    return gone


def settle(part: Path, file: Path) -> None:
    """Give a finished archive its name, its fingerprint beside it, as `sha256sum -c` reads it. Whole, or not there."""
    checksum = file.with_name(file.name + CHECKSUM)
    checksum.write_text(f"{fingerprint(part)}  {file.name}\n")
    part.replace(file)
    handle = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def matches_checksum(file: Path) -> bool | None:
    """Whether a file is what it was when it was written; None where no fingerprint lies beside it."""
    checksum = file.with_name(file.name + CHECKSUM)
    if not checksum.is_file():
        return None
    return checksum.read_text().split(" ", 1)[0] == fingerprint(file)
