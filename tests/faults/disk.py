"""A full disk: writing is refused with a sentence, reading goes on, and room heals without a restart.

On a small file system of its own, which takes root to mount; elsewhere this is skipped and said so.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.scenario import Report, Skipped
from tests.faults.server import Server, two_towns

MEBI = 1024 * 1024
SENTENCE = "Le disque de la commune est plein"


@contextmanager
def small_disk(folder: Path, mebi: int) -> Iterator[Path]:
    """A file system of that size, mounted in `folder`."""
    mounted = folder / "disk"
    mounted.mkdir()
    try:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={mebi}m", "tmpfs", mounted], capture_output=True, text=True
        )
    except FileNotFoundError:
        raise Skipped("there is no mount here") from None
    if done.returncode != 0:
        raise Skipped(f"a disk of our own cannot be mounted: {done.stderr.strip()}")
    try:
        yield mounted
    finally:
        subprocess.run(["umount", "--lazy", mounted], check=True)


def fill(disk: Path, leave: int) -> Path:
    """A file that takes all the room but so many bytes."""
    found = os.statvfs(disk)
    file = disk / "filler"
    with file.open("wb") as filler:
        os.posix_fallocate(filler.fileno(), 0, found.f_bavail * found.f_frsize - leave)
    return file


def strike(server: Server, name: str) -> tuple[int, str]:
    return server.post("/trial/strokes", name=name, _key=f"key-{name}")


def reads(server: Server) -> bool:
    return all(server.get("/trial/", town)[0] == 200 for town in ("a", "b") for _ in range(8))


def full_disk(folder: Path, at_length: bool, report: Report) -> None:
    """First as the guard sees it coming (at length), then behind the guard, when the last byte is gone."""
    if at_length:
        with small_disk(folder, 320) as disk:
            _fill_before_the_guard(disk)
        folder = folder / "behind"
        folder.mkdir()
    with small_disk(folder, 24) as disk:
        _fill_behind_the_guard(disk, 400 if at_length else 40, report)


def _fill_before_the_guard(disk: Path) -> None:
    two_towns(disk)
    with Server(disk) as server:
        assert strike(server, "before")[0] == 303
        filler = fill(disk, 40 * MEBI)
        status, page = strike(server, "refused")
        assert (status, SENTENCE in page) == (503, True)
        assert reads(server)
        assert server.get("/healthz") == (200, "degraded\n")
        filler.unlink()
        assert strike(server, "after")[0] == 303
        assert server.get("/healthz") == (200, "ok\n")
        assert server.get("/trial/strokes")[1].split() == ["before", "after"]


def _fill_behind_the_guard(disk: Path, strokes: int, report: Report) -> None:
    two_towns(disk)
    with Server(disk, FAULTS_NO_GUARD="1") as server:
        assert reads(server)  # both towns are open: one that is not cannot be opened on a disk without a byte
        acknowledged, refused = [], 0
        filler = None
        for number in range(strokes):
            if number == strokes // 4:
                filler = fill(disk, 0)
            status, _page = strike(server, f"stroke-{number}")
            assert status in (303, 503), status
            refused += status == 503
            acknowledged += [f"stroke-{number}"] if status == 303 else []
        assert filler is not None
        assert refused, "the disk was not full"
        assert reads(server)
        filler.unlink()
        assert strike(server, "after")[0] == 303
        kept = server.get("/trial/strokes")[1].split()
        lost = set(acknowledged) - set(kept)
        assert not lost
        assert len(kept) == len(set(kept))
        report.say(acknowledged=len(acknowledged), refused=refused, lost=len(lost), healed="without a restart")
