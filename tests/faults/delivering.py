"""The worker killed while it delivers to 5,000: everybody has it, and twice only who was being written to at a kill."""

import os
import signal
import sqlite3
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.faults.scenario import Report
from tests.faults.server import two_towns
from tests.faults.wsgi import STROKE, breakable_app
from town.kernel import jobs

LEASE = 2
"""Seconds, instead of sixty: the test does not wait a minute for each kill."""


def start_worker(folder: Path) -> int:
    """A worker in a process of its own; its id."""
    child = os.fork()
    if child == 0:
        try:
            os.environ["FAULTS_MAILBOX"] = str(folder / "mailbox")
            jobs.LEASE = timedelta(seconds=LEASE)
            jobs.Worker(breakable_app(folder), pause=0.05).run()
        finally:
            os._exit(1)
    return child


def promise(file: Path, number: int) -> None:
    """So many promises at once, as one notice to the whole town makes them."""
    moment = datetime.now(UTC).replace(tzinfo=None).isoformat(" ")
    rows = ((STROKE, f'{{"name": "{each}"}}', moment) for each in range(number))
    with closing(sqlite3.connect(file)) as plain, plain:
        plain.executemany("INSERT INTO job (name, payload, run_at, attempts) VALUES (?, ?, ?, 0)", rows)


def waiting(file: Path) -> int:
    with closing(sqlite3.connect(file, timeout=10)) as plain:
        return int(plain.execute("SELECT count(*) FROM job").fetchone()[0])


def kill_the_worker(folder: Path, at_length: bool, report: Report) -> None:
    people, kills = (5000, 12) if at_length else (300, 1)
    two_towns(folder)
    file = folder / "towns/a/town.sqlite"
    promise(file, people)
    mailbox = folder / "mailbox"
    begun = time.monotonic()
    left = kills
    deadline = begun + 1200
    while waiting(file) and time.monotonic() < deadline:
        worker = start_worker(folder)
        done_before = people - waiting(file)
        while waiting(file) and time.monotonic() < deadline:
            time.sleep(0.05)
            if left and people - waiting(file) - done_before > people / (kills + 2):
                left -= 1
                break
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
    lasted = time.monotonic() - begun
    delivered = Counter(mailbox.read_text().split())
    missing = people - len(delivered)
    twice = sum(times - 1 for times in delivered.values())
    report.say(people=people, kills=kills - left, missing=missing, twice=twice, lasted=f"{lasted:.0f} s")
    assert not left, "the worker was not killed often enough to prove anything"
    assert missing == 0
    assert twice <= kills, "more than what was in hand when it died"
