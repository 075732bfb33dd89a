"""A real server in processes of its own, which may be killed like any other."""

import os
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType
from urllib.parse import urlencode

from tests.faults.wsgi import breakable_app
from town.kernel.towns import make_town

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0
"""Seconds for a server to start: a machine that runs a whole suite beside is slow."""


def two_towns(instance: Path) -> None:
    """Towns `a.localhost` and `b.localhost` in that folder."""
    app = breakable_app(instance)
    for slug in ("a", "b"):
        make_town(app.extensions["towns"], slug, [f"{slug}.localhost"], {"name": slug.upper()})


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


class Server:
    """gunicorn, two workers of four threads, on a port of its own. It may be killed and started again."""

    def __init__(self, instance: Path, **surroundings: str) -> None:
        self.instance = instance
        self.port = free_port()
        self.log = instance / "server.log"
        self.surroundings = {"FAULTS_MAILBOX": str(instance / "mailbox"), **surroundings}
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        options = ["--no-control-socket", "--preload", "--workers", "2", "--threads", "4", "--worker-class", "gthread"]
        where = ["--bind", f"127.0.0.1:{self.port}", "--graceful-timeout", "10", "--log-level", "warning"]
        return [sys.executable, "-m", "gunicorn", *options, *where, "tests.faults.wsgi:app"]

    def start(self) -> None:
        env = {**os.environ, "PYTHONPATH": str(ROOT), "FAULTS_INSTANCE": str(self.instance), **self.surroundings}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), env=env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if self.get("/healthz")[0] == 200:
                    return
            except (OSError, HTTPException):
                time.sleep(0.05)
        raise AssertionError(f"the server did not start: {self.log.read_text()[-2000:]}")

    def kill(self) -> None:
        """kill -9, master and workers at once: what a power cut is to processes."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM, as systemd sends it; the exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE)

    def get(self, path: str, town: str = "a") -> tuple[int, str]:
        return self.ask("GET", path, town)

    def post(self, path: str, town: str = "a", **fields: str) -> tuple[int, str]:
        return self.ask("POST", path, town, urlencode(fields))

    def ask(self, method: str, path: str, town: str = "a", body: str | None = None) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Host": f"{town}.localhost"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(self, _type: type[BaseException] | None, error: object, _trace: TracebackType | None) -> None:
        if error is not None:
            print(self.log.read_text()[-4000:], file=sys.stderr)
        if self.process is not None and self.process.poll() is None:
            self.kill()
