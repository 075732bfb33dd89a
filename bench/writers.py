"""Thirty-two residents who write to the same town at once: nothing refused as locked, nothing lost, nobody starved."""

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from statistics import median
from urllib.parse import quote_plus

from bench.figures import Figure
from bench.filling import Resident
from bench.pages import post, town_of
from bench.serving import Server, serve

WRITERS, EACH = 32, 8
BUSY = ("database is locked", '"status": 503', '"status": 500')


def measure(folder: Path) -> list[Figure]:
    filled = town_of(folder)
    said = f"Banc cassé devant le lavoir, vu à {time.time_ns()}"
    with serve("wsgi:app", filled.instance, threads=WRITERS // 2) as server:
        for line in range(8):  # what is compiled once, is, in both processes
            _report(server, filled.residents[0], line, "Avant les autres")
        log_before = server.log.stat().st_size

        def write(number: int) -> list[tuple[int, float]]:
            return [_report(server, filled.residents[number], number, said) for _ in range(EACH)]

        with ThreadPoolExecutor(WRITERS) as crowd:
            answers = [answer for answers in crowd.map(write, range(WRITERS)) for answer in answers]
        log = server.log.read_bytes()[log_before:].decode()
    acknowledged = sum(status == 303 for status, _ in answers)
    with closing(sqlite3.connect(filled.file)) as town:
        kept = town.execute("SELECT count(*) FROM complaint WHERE words LIKE ? || '%'", (said,)).fetchone()[0]
    times = sorted(seconds * 1000 for _, seconds in answers)
    return [
        Figure(f"{WRITERS} writers: refused as locked or busy", sum(log.count(word) for word in BUSY), "", most=0),
        Figure(f"{WRITERS} writers: answers that acknowledge", acknowledged, "", least=WRITERS * EACH),
        Figure(f"{WRITERS} writers: acknowledged and lost", acknowledged - kept, "", most=0),
        Figure(f"{WRITERS} writers: median", median(times), "ms"),
        Figure(f"{WRITERS} writers: the slowest", times[-1], "ms", most=1000),
    ]


def _report(server: Server, who: Resident, line: int, said: str) -> tuple[int, float]:
    body = f"category=roads&nowhere=y&readers=all&words={quote_plus(said)}"
    start = time.monotonic()
    return post(server, who, "/complaints/new", body, line), time.monotonic() - start
