"""The disk below the instance folder: how much of it is left, and for whom.

Photos stop first, then words, last the worker, whose night may make room by forgetting. Reading never ends for want of
room. A ballast file lies in the instance folder: freeing it is the operator's first gesture, and gives the time for the
second.
"""

import os
import shutil
from pathlib import Path
from typing import Final

MEBI: Final = 1024 * 1024
LEAST_FOR_PHOTOS = 200 * MEBI
LEAST_FOR_WORDS = 50 * MEBI
LEAST_FOR_JOBS = 10 * MEBI
BALLAST: Final = 64 * MEBI


def free(folder: Path) -> int:
    """Bytes that we may still write there."""
    return shutil.disk_usage(folder).free


def ballast(instance: Path) -> Path:
    return instance / "ballast"


def put_ballast(instance: Path) -> bool:
    """Lay the ballast down, where there is room for it and it is not there; whether it is there now."""
    file = ballast(instance)
    if file.exists() and file.stat().st_size == BALLAST:
        return True
    if free(instance) < LEAST_FOR_PHOTOS + BALLAST:
        return False
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.posix_fallocate(handle, 0, BALLAST)  # blocks that are really taken: a sparse file would free nothing
    finally:
        os.close(handle)
    return True


def free_ballast(instance: Path) -> bool:
    """Give the ballast back to the disk; whether there was one."""
    there = ballast(instance).exists()
    ballast(instance).unlink(missing_ok=True)
    return there
