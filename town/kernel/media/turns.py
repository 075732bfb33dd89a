"""Turns: two pictures are opened at a time on one server, however many processes and threads it has."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore

from flask import has_app_context
from flask_babel import lazy_gettext as _l

from town.kernel.refusals import Refused
from town.kernel.tenancy import towns

AT_ONCE = 2
PATIENCE = 20.0
"""Seconds that somebody waits for a turn before being asked to come back."""

_of_this_process = BoundedSemaphore(AT_ONCE)


class TooManyAtOnce(Refused):
    """Everybody is sending photos: to be tried again, which the outbox does by itself."""

    sentence = _l("Many photos are arriving right now. Please try again in a moment.")
    status = 503


@contextmanager
def a_turn() -> Iterator[None]:
    """Wait for a turn, and have it inside. Raises `TooManyAtOnce`."""
    deadline = time.monotonic() + PATIENCE
    if not _of_this_process.acquire(timeout=PATIENCE):
        raise TooManyAtOnce
    try:
        if has_app_context():
            with _a_seat(towns().instance, deadline):
                yield
        else:
            yield
    finally:
        _of_this_process.release()


@contextmanager
def _a_seat(instance: Path, deadline: float) -> Iterator[None]:
    """One of the seats that the processes of this server share: a locked file, free again when its process dies."""
    while (seat := _free_seat(instance)) is None:
        if time.monotonic() > deadline:
            raise TooManyAtOnce
        time.sleep(0.05)
    try:
        yield
    finally:
        os.close(seat)


def _free_seat(instance: Path) -> int | None:
    for number in range(AT_ONCE):
        seat = os.open(instance / f"decoding-{number}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(seat, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return seat
        except BlockingIOError:
            os.close(seat)
    return None
