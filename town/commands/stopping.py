"""Stopping in good order: what has been asked is answered, what is being done is ended, nothing new is begun."""

import signal
import time
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, create_server

GRACE: Final = 20.0
"""Seconds that requests under way have to end."""

LARGEST_BODY: Final = 62 * 1024 * 1024
LARGEST_HEADERS: Final = 32 * 1024
"""Bytes. waitress keeps a body on the disk until it is whole: one without end is cut here, before any view."""


def when_told(stop: Callable[[], None]) -> None:
    """Call `stop` at SIGTERM (systemd) and at Ctrl+C; a second Ctrl+C ends at once."""

    def told(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)


def serve_until_told(app: Any, host: str, port: int) -> None:
    """Serve; once told, close the door, let what is under way end, then return."""
    doors: dict[int, Any] = {}
    server = create_server(
        app,
        map=doors,
        host=host,
        port=port,
        threads=8,
        connection_limit=1000,
        channel_timeout=60,
        max_request_body_size=LARGEST_BODY,
        max_request_header_size=LARGEST_HEADERS,
        asyncore_use_poll=True,
        ident="Clocher",
    )
    told: list[float] = []
    when_told(lambda: told.append(time.monotonic()))
    while not told:
        _turn(doors)
    for door in [each for each in doors.values() if isinstance(each, BaseWSGIServer)]:
        door.del_channel(doors)
        if door.socket is not None:
            door.socket.close()
    while _under_way(doors) and time.monotonic() - told[0] < GRACE:
        _turn(doors)
    server.task_dispatcher.shutdown(timeout=1)


def _turn(doors: dict[int, Any]) -> None:
    wasyncore.loop(timeout=0.5, use_poll=True, map=doors, count=1)


def _under_way(doors: dict[int, Any]) -> bool:
    """Whether somebody still waits for an answer to what they asked in full."""
    channels = [each for each in doors.values() if isinstance(each, HTTPChannel)]
    return any(channel.requests or channel.total_outbufs_len for channel in channels)
