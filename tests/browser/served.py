"""The real thing: `town serve` in a process of its own, with its worker, for walks in a real browser."""

import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

from tests.browser.mutants import ENV

PATIENCE = 60
TOWNS = ("saint-loup", "town-b")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@dataclass
class Served:
    """An installation that is being served. `stop()` and `start()` are how the network goes and comes back."""

    instance: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    towns: tuple[str, ...] = TOWNS
    more: dict[str, str] = field(default_factory=dict)

    def url(self, path: str = "/", town: str = "saint-loup") -> str:
        """The address of a page of one of the towns."""
        return f"http://{town}.localhost:{self.port}{path}"

    @property
    def log(self) -> Path:
        return self.instance / "serve.log"

    def start(self) -> None:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("TOWN_")}
        settings = {
            "TOWN_ENV": "development",
            "TOWN_INSTANCE": str(self.instance),
            "TOWN_STAFF_2FA": "off",
            "TOWN_RATE_LIMITS": "off",
            "TOWN_PORT": str(self.port),
        }
        fault = os.environ.get(ENV)
        begin = f"from tests.browser.mutants import seed; seed({fault!r}); " if fault else ""
        code = f"{begin}from town.commands import main; main()"
        serve = [sys.executable, "-c", code, "serve", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(serve, env=ours | settings | self.more, stdout=log, stderr=log)
        self._wait_until_it_answers()

    def _wait_until_it_answers(self) -> None:
        assert self.process is not None
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                for town in self.towns:  # a first page is slow, and a slow page is answered with a saved one
                    page = Request(f"http://127.0.0.1:{self.port}/", headers={"Host": f"{town}.localhost:{self.port}"})
                    with urlopen(page, timeout=PATIENCE):
                        pass
                return
            except URLError:
                time.sleep(0.1)
        raise RuntimeError(f"the towns are not served:\n{self.log.read_text()[-4000:]}")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(PATIENCE)
            self.process = None

    def broken(self) -> list[str]:
        """What the server logged of answers that were its own fault."""
        lines = self.log.read_text().splitlines()
        return [line for line in lines if '"status": 500' in line or "Traceback" in line]
