"""The reference server (gunicorn, 2 workers of threads), what its processes cost, and a client that stays connected."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Server:
    """A running server and its children."""

    port: int
    process: psutil.Process
    log: Path
    _lines: dict[int, HTTPConnection] = field(default_factory=dict)

    def cpu(self) -> float:
        """Milliseconds of processor that the whole tree has used so far, to the nanosecond where Linux says it."""
        return sum(_milliseconds(one) for one in (self.process, *self.process.children(recursive=True)))

    def memory(self) -> float:
        """Megabytes that the tree holds, shared pages counted once each process that has them."""
        return sum(one.memory_full_info().pss for one in (self.process, *self.process.children(recursive=True))) / 1e6

    def get(self, path: str, headers: Mapping[str, str] = {}, line: int = 0) -> tuple[int, HTTPResponse, bytes]:
        """One request over a connection that stays open; a second try where the server has just closed it."""
        return self.ask("GET", path, None, headers, line)

    def ask(
        self, method: str, path: str, body: str | None, headers: Mapping[str, str], line: int = 0
    ) -> tuple[int, HTTPResponse, bytes]:
        for again in (True, False):
            connection = self._lines.get(line) or HTTPConnection("127.0.0.1", self.port, timeout=60)
            self._lines[line] = connection
            try:
                connection.request(method, path, body, {"Accept-Encoding": "gzip, deflate, br, zstd", **headers})
                answer = connection.getresponse()
                return answer.status, answer, answer.read()
            except (HTTPException, OSError):
                connection.close()
                del self._lines[line]
                if not again:
                    raise
        raise AssertionError("unreachable")


def _milliseconds(process: psutil.Process) -> float:
    tasks = Path(f"/proc/{process.pid}/task")
    try:
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e6
    except (OSError, IndexError):
        spent = process.cpu_times()
        return float(spent.user + spent.system) * 1000


@contextmanager
def serve(
    app: str, instance: Path, *, workers: int = 2, threads: int = 4, before: tuple[str, ...] = ()
) -> Iterator[Server]:
    """Gunicorn with `app`, such as `wsgi:app`, on a free port. before: a command to start it with, such as taskset."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("TOWN_")}
    settings = {
        "TOWN_ENV": "development",
        "TOWN_INSTANCE": str(instance),
        "TOWN_STAFF_2FA": "off",
        "TOWN_RATE_LIMITS": "off",  # one machine plays the whole town
        "PYTHONPATH": str(ROOT),
    }
    gunicorn = [*before, sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--keep-alive", "60"]
    gunicorn += ["--workers", str(workers), "--threads", str(threads), "--log-level", "warning", "--no-sendfile", app]
    log = instance / f"{app.partition(':')[0]}.log"
    for again in (True, True, False):
        port = free_port()
        command = [*gunicorn, "--bind", f"127.0.0.1:{port}"]
        with log.open("ab") as said:
            running = subprocess.Popen(command, cwd=ROOT, env=ours | settings, stdout=said, stderr=said)
        server = Server(port, psutil.Process(running.pid), log)
        try:
            _wait(server, running)
            break
        except RuntimeError:
            running.kill()
            if not again:  # somebody else may have taken the port in between
                raise
    try:
        yield server
    finally:
        running.terminate()
        running.wait(30)


def _wait(server: Server, running: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and running.poll() is None:
        try:
            if server.get("/")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"it does not serve:\n{server.log.read_text()[-3000:]}")
