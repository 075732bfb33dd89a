"""After an alert: five thousand residents open the town's home within a minute, and its server has one core.

Each opening is somebody else's first page in hours, so it also notes a visit. What it waits is counted from the moment
it was meant to begin, lines before the door included.
"""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import which
from threading import Event, Thread, get_ident

from bench.figures import Figure
from bench.filling import RESIDENTS
from bench.pages import town_of
from bench.serving import Server, serve

OPENINGS, SECONDS = 5000, 60
HANDS = 48
"""Openings that may wait at once; more would find the machine that plays the crowd slower than the server."""


def measure(folder: Path) -> list[Figure]:
    filled = town_of(folder)
    one_core = ("taskset", "-c", "0") if which("taskset") else ()
    dice = random.Random(3)
    moments = sorted(dice.uniform(0, SECONDS) for _ in range(OPENINGS))
    with serve("wsgi:app", filled.instance, before=one_core) as server:
        for line in range(8):
            server.get("/", filled.residents[0].headers, line)
        most, done = [0.0], Event()
        watch = Thread(target=_watch, args=(server, most, done))
        watch.start()
        start = time.monotonic()

        def open_home(number: int) -> tuple[int, float]:
            meant = start + moments[number]
            time.sleep(max(0.0, meant - time.monotonic()))
            who = filled.residents[number % RESIDENTS]
            try:
                status = server.get("/", who.headers, get_ident())[0]  # each hand has a line of its own
            except OSError:
                status = 0
            return status, time.monotonic() - meant

        with ThreadPoolExecutor(HANDS) as crowd:
            answers = list(crowd.map(open_home, range(OPENINGS)))
        done.set()
        watch.join()
    waits = sorted(seconds * 1000 for _, seconds in answers)
    crowd_said = f"{OPENINGS:,} openings in {SECONDS} s on one core"
    return [
        Figure(f"{crowd_said}: errors", sum(status != 200 for status, _ in answers), "", most=0),
        Figure(f"{crowd_said}: median", waits[len(waits) // 2], "ms"),
        Figure(f"{crowd_said}: p95", waits[int(len(waits) * 0.95)], "ms", most=300),
        Figure(f"{crowd_said}: the slowest", waits[-1], "ms"),
        Figure(f"{crowd_said}: memory at most", most[0], "MB", most=1000),
    ]


def _watch(server: Server, most: list[float], done: Event) -> None:
    while not done.wait(2):
        most[0] = max(most[0], server.memory())
