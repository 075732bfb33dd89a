"""A network that fails in the ways networks do, between a browser and the served towns."""

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PASS, DOWN, HANG, SWALLOW, CUT, BREAK = "pass", "down", "hang", "swallow", "cut", "break"
"""As it should be; nobody there; nobody answers; the answer to a form is lost; a form is cut off; 500 after all."""

HOP = {"connection", "keep-alive", "transfer-encoding", "proxy-connection", "content-length"}


class Network:
    """What stands between. `mode` is how it behaves; forms that went up are in `sent`, as (path, body)."""

    def __init__(self, port: int) -> None:
        self.mode = PASS
        self.sent: list[tuple[str, bytes]] = []
        network = self

        class Relay(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:  # the standard library calls them so
                network.relay(self, port)

            def do_POST(self) -> None:
                network.relay(self, port)

            def log_message(self, *_: Any) -> None:
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Relay)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return self.server.server_port

    def url(self, path: str = "/", town: str = "saint-loup") -> str:
        return f"http://{town}.localhost:{self.port}{path}"

    def relay(self, asked: BaseHTTPRequestHandler, port: int) -> None:
        if self.mode == DOWN:
            return self._hang_up(asked)
        length = int(asked.headers.get("Content-Length") or 0)
        form = asked.command == "POST"
        if form and self.mode == CUT:
            asked.rfile.read(min(length, 4000))
            return self._hang_up(asked)
        body = asked.rfile.read(length)
        if self.mode == HANG:
            while self.mode == HANG:
                time.sleep(0.05)
            return self._hang_up(asked)
        if form:
            self.sent.append((asked.path, body))
        try:
            status, headers, answer = self._ask(asked, port, body)
        except OSError:
            return self._hang_up(asked)
        if form and self.mode == SWALLOW:
            return self._hang_up(asked)
        if form and self.mode == BREAK:
            status, headers, answer = 500, [("Content-Type", "text/plain")], b"broken"
        asked.send_response_only(status)
        for name, value in headers:
            if name.lower() not in HOP:
                asked.send_header(name, value)
        asked.send_header("Content-Length", str(len(answer)))
        asked.end_headers()
        asked.wfile.write(answer)

    def _ask(self, asked: BaseHTTPRequestHandler, port: int, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        there = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        there.putrequest(asked.command, asked.path, skip_host=True, skip_accept_encoding=True)
        for name, value in asked.headers.items():
            if name.lower() not in HOP:
                there.putheader(name, value)
        if body:
            there.putheader("Content-Length", str(len(body)))
        there.endheaders(body or None)
        answer = there.getresponse()
        found = answer.status, answer.getheaders(), answer.read()
        there.close()
        return found

    @staticmethod
    def _hang_up(asked: BaseHTTPRequestHandler) -> None:
        asked.close_connection = True
        asked.connection.close()

    @contextmanager
    def failing(self, mode: str) -> Iterator[None]:
        """For a while."""
        self.mode = mode
        try:
            yield
        finally:
            self.mode = PASS

    def stop(self) -> None:
        self.mode = PASS
        self.server.shutdown()
