"""SIGTERM, as systemd sends it at each update: what is under way ends, nothing new is begun."""

import os
import signal
import sqlite3
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.faults.server import Server, two_towns
from tests.faults.wsgi import breakable_app
from town.commands.stopping import when_told
from town.kernel.db import db
from town.kernel.jobs import Worker, enqueue, job
from town.kernel.tenancy import enter

pytestmark = pytest.mark.slow


class Waitress(Server):
    """What `town serve` serves with, and a page that takes its time."""

    def command(self) -> list[str]:
        call = "from town.commands.stopping import serve_until_told; from tests.faults.wsgi import app; "
        return [sys.executable, "-c", f"{call}serve_until_told(app, '127.0.0.1', {self.port})"]


def test_whoever_asked_before_the_server_was_told_to_stop_is_answered(tmp_path: Path) -> None:
    two_towns(tmp_path)
    answers: list[tuple[int, str]] = []
    with Waitress(tmp_path) as server:
        asking = threading.Thread(target=lambda: answers.append(server.get("/trial/slowly")))
        asking.start()
        time.sleep(0.7)
        assert server.stop() == 0
        asking.join()
        assert answers == [(200, "at last")]
        with pytest.raises(OSError, match="refused"):
            server.get("/healthz")


def test_a_worker_that_is_told_to_stop_ends_the_job_at_hand_and_begins_none(tmp_path: Path) -> None:
    two_towns(tmp_path)

    @job("faults.long")
    def long(payload: dict[str, Any]) -> None:
        (tmp_path / "begun").touch()
        time.sleep(1.5)

    app = breakable_app(tmp_path)
    with enter(app, "a"):
        for _ in range(2):
            enqueue("faults.long", {})
        db.session.commit()
    app.extensions["towns"].engines.close()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            worker = Worker(breakable_app(tmp_path), pause=0.05)
            when_told(worker.stopping.set)
            worker.run()
            status = 0
        finally:
            os._exit(status)
    while not (tmp_path / "begun").exists():
        time.sleep(0.02)
    os.kill(child, signal.SIGTERM)
    _pid, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    with closing(sqlite3.connect(tmp_path / "towns/a/town.sqlite")) as plain:
        assert plain.execute("SELECT attempts FROM job WHERE name = 'faults.long'").fetchall() == [(0,)]
