"""A folder made like another again, where most of it was never touched: most tests write to the town's file alone."""

import os
import shutil
from functools import cache
from pathlib import Path

Looks = dict[str, tuple[int, int, int]]


def make_like(folder: Path, model: Path) -> None:
    """What was added goes, what was changed or taken away is copied anew, times included. No model ever changes."""
    held, folders = _inside(folder)
    wanted, needed = _inside_of_a_model(model)
    for path in held.keys() - wanted.keys():
        (folder / path).unlink()
    for path in sorted(folders - needed, reverse=True):
        (folder / path).rmdir()
    for path in sorted(needed - folders):
        (folder / path).mkdir(parents=True, exist_ok=True)
    for path, looks in wanted.items():
        # SQLite knows a file by its number on the disk: who still holds the former one must not meet it in the new one.
        if held.get(path) != looks or path.endswith(".sqlite"):
            (folder / path).unlink(missing_ok=True)
            shutil.copy2(model / path, folder / path)


def _inside(folder: Path) -> tuple[Looks, set[str]]:
    """Mode, size and time of every file by its path, and the folders."""
    files: Looks = {}
    folders = set()
    for place, _names, names in os.walk(folder):
        inside = place[len(str(folder)) + 1 :]
        folders.add(inside)
        for name in names:
            stat = os.lstat(f"{place}/{name}")
            files[f"{inside}/{name}".lstrip("/")] = (stat.st_mode, stat.st_size, stat.st_mtime_ns)
    return files, folders


_inside_of_a_model = cache(_inside)
