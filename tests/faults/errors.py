"""I/O errors of one town's file, by a library that stands between the server and the system and breaks what it is told.

fsync and write fail with EIO, or everything that writes with EROFS, as on a disk that the kernel made read-only.
"""

import shutil
import subprocess
from pathlib import Path

from tests.faults.disk import reads, strike
from tests.faults.scenario import Report, Skipped
from tests.faults.server import Server, two_towns


def shim(folder: Path) -> Path:
    """The library, compiled here. Raises `Skipped` where nothing compiles it."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise Skipped("there is no C compiler")
    library = folder / "broken_disk.so"
    source = Path(__file__).with_name("broken_disk.c")
    done = subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], capture_output=True, text=True
    )
    if done.returncode != 0:
        raise Skipped(f"the C compiler said: {done.stderr.strip()[-200:]}")
    return library


def io_errors(folder: Path, at_length: bool, report: Report) -> None:
    library = shim(folder)
    switch = folder / "switch"
    two_towns(folder)
    with Server(folder, LD_PRELOAD=str(library), FAULTS_SWITCH=str(switch)) as server:
        acknowledged = []
        refused = 0
        for turn in range(5 if at_length else 1):
            for fault in ("fsync", "write", "read-only"):
                assert strike(server, f"before-{fault}-{turn}")[0] == 303
                switch.write_text(fault)
                for number in range(10):
                    status, page = strike(server, f"{fault}-{turn}-{number}")
                    assert status == 503, (fault, status, page)
                    refused += 1
                assert reads(server), fault
                assert server.post("/trial/strokes", "b", name=f"{fault}-{turn}")[0] == 303, "the other town lives"
                switch.unlink()
                assert strike(server, f"after-{fault}-{turn}")[0] == 303, "healed without a restart"
                acknowledged += [f"before-{fault}-{turn}", f"after-{fault}-{turn}"]
        for stroke in acknowledged:  # a key that was acknowledged answers as it did
            assert strike(server, stroke)[0] == 303
        kept = server.get("/trial/strokes")[1].split()
        server.kill()
        server.start()
        after_a_kill = server.get("/trial/strokes")[1].split()
    assert len(kept) == len(set(kept))
    assert not set(acknowledged) - set(kept)
    assert not set(acknowledged) - set(after_a_kill)
    report.say(writes_that_failed=refused, falsely_acknowledged=0, lost=0, other_town="lives")
