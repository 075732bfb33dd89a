"""Slow and malicious clients, against the server that the documentation sets up: neighbours are served meanwhile."""

import os
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

from tests.faults.scenario import Report
from tests.faults.server import Server, two_towns

SLOW_ENOUGH = 3.0
"""Seconds within which a neighbour is answered while the others misbehave, on a machine that has more to do."""


class TownServe(Server):
    """`town serve`, as the unit in deploy/ starts it."""

    def command(self) -> list[str]:
        call = "from town.commands import main; main()"
        return [sys.executable, "-c", call, "serve", "--port", str(self.port), "--no-worker"]

    def start(self) -> None:
        self.surroundings = {"TOWN_INSTANCE": str(self.instance), "TOWN_ENV": "development", **self.surroundings}
        super().start()


def knock(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def answered(server: Server) -> float:
    """How long a neighbour waits for a page."""
    begun = time.monotonic()
    status, _page = server.get("/help")
    assert status == 200, status
    return time.monotonic() - begun


def said(door: socket.socket) -> bytes:
    """What comes back on that connection, until it is closed or five seconds are over."""
    door.settimeout(5)
    heard = b""
    with suppress(OSError):
        while chunk := door.recv(4096):
            heard += chunk
    return heard


def bad_clients(folder: Path, at_length: bool, report: Report) -> None:
    two_towns(folder)
    with TownServe(folder) as server:
        answered(server)
        crowd = 600 if at_length else 150
        slow = [knock(server.port) for _ in range(crowd)]
        for door in slow:
            door.sendall(b"GET / HTTP/1.1\r\nHost: a.localhost\r\nX-")
        half = [knock(server.port) for _ in range(20)]
        for door in half:
            door.sendall(
                b"POST /trial/ HTTP/1.1\r\nHost: a.localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                b"Content-Length: 100000\r\n\r\nname="
            )
        waited = 0.0
        for _ in range(20 if at_length else 5):
            for door in slow[::10] + half:
                door.sendall(b"a")
            waited = max(waited, answered(server))
        assert waited < SLOW_ENOUGH, waited
        for door in slow + half:
            door.close()
        huge = knock(server.port)
        with suppress(OSError):
            huge.sendall(b"GET / HTTP/1.1\r\nHost: a.localhost\r\n" + b"X-Long: " + b"a" * 2_000_000 + b"\r\n\r\n")
        assert said(huge)[9:12] in (b"400", b"431", b"413", b""), "huge headers"
        endless = _endless_body(server.port)
        for garbage in (b"\x00\xff\x16\x03\x01" * 50 + b"\r\n\r\n", b"GET\r\n\r\n", b"\r\n" * 1000, os.urandom(5000)):
            door = knock(server.port)
            with suppress(OSError):
                door.sendall(garbage)
            door.close()
        smuggled = knock(server.port)
        smuggled.sendall(
            b"POST /trial/ HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"0\r\n\r\nGET /x HTTP/1.1\r\nHost: b.localhost\r\n\r\n"
        )
        assert said(smuggled).count(b"HTTP/1.1 ") <= 2
        assert answered(server) < SLOW_ENOUGH
        server_log = server.log.read_text()
        begun = time.monotonic()
        assert server.stop() == 0, "SIGTERM ends it in good order"
        report.say(
            slow_clients=crowd + len(half),
            longest_wait_of_a_neighbour=f"{waited:.2f} s",
            endless_body_cut_after=f"{endless >> 20} MiB",
            stopped_in=f"{time.monotonic() - begun:.1f} s",
        )
    # waitress itself stumbles over who hangs up on its own error pages; ours must not
    assert "/town/kernel/" not in server_log, server_log[-3000:]


def _endless_body(port: int) -> int:
    """Send without end; after how many bytes the server hangs up."""
    door = knock(port)
    door.sendall(
        b"POST /trial/ HTTP/1.1\r\nHost: a.localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    piece = b"100000\r\n" + b"a" * 0x100000 + b"\r\n"
    sent = 0
    with suppress(OSError):
        while sent < 200 << 20:
            door.sendall(piece)
            sent += 1 << 20
    door.close()
    assert sent < 100 << 20, "a body without end is taken"
    return sent
