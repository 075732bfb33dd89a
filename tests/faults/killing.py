"""kill -9 under load: nothing that was acknowledged is lost, and nothing is made twice when it is sent again."""

import sqlite3
import threading
import time
import uuid
from collections import Counter
from contextlib import closing
from http.client import HTTPException
from pathlib import Path

from tests.faults.scenario import Report
from tests.faults.server import Server, two_towns

WRITERS = 6


class Ringer(threading.Thread):
    """Somebody who strikes the bell, and sends a stroke again under the same key until it is acknowledged."""

    def __init__(self, server: Server, number: int, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self.server, self.number, self.over = server, number, over
        self.acknowledged: list[str] = []
        self.sent_again = 0
        self.refused: list[int] = []

    def run(self) -> None:
        while not self.over.is_set():
            name, key = f"{self.number}-{len(self.acknowledged)}", uuid.uuid4().hex
            while not self._strike(name, key):
                self.sent_again += 1
                time.sleep(0.05)
                if self.over.is_set():
                    return  # not acknowledged: it may stand there or not, and is counted as neither

    def _strike(self, name: str, key: str) -> bool:
        try:
            status, _page = self.server.post("/trial/strokes", name=name, _key=key)
        except (OSError, HTTPException):
            return False
        if status == 303:
            self.acknowledged.append(name)
        elif status != 503:
            self.refused.append(status)
        return status == 303


def kill_under_load(folder: Path, at_length: bool, report: Report) -> None:
    kills = 20 if at_length else 1
    two_towns(folder)
    over = threading.Event()
    with Server(folder) as server:
        ringers = [Ringer(server, number, over) for number in range(WRITERS)]
        for ringer in ringers:
            ringer.start()
        for number in range(kills):
            time.sleep(0.4 + 0.17 * (number % 5))
            server.kill()
            server.start()
        time.sleep(0.5)
        over.set()
        for ringer in ringers:
            ringer.join(timeout=30)
        status, text = server.get("/trial/strokes")
        assert status == 200
        begun = time.monotonic()
        assert server.stop() == 0
        stopped = time.monotonic() - begun
    kept = Counter(text.split("\n"))
    acknowledged = [name for ringer in ringers for name in ringer.acknowledged]
    lost = [name for name in acknowledged if name not in kept]
    doubled = [name for name, times in kept.items() if times > 1]
    report.say(
        kills=kills,
        acknowledged=len(acknowledged),
        sent_again=sum(ringer.sent_again for ringer in ringers),
        lost=len(lost),
        doubled=len(doubled),
        stopped_in=f"{stopped:.1f} s",
    )
    assert acknowledged, "nobody got through at all"
    assert not lost, lost[:5]
    assert not doubled, doubled[:5]
    assert not [status for ringer in ringers for status in ringer.refused]
    with closing(sqlite3.connect(folder / "towns/a/town.sqlite")) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
