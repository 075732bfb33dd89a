"""The `town` command: open towns, serve them, look after them. A subject a file; `group.py` is what all stand on."""

from town.commands import (
    backing,
    checking,
    choosing,
    factors,
    keeping,
    looking_after,
    opening,
    people,
    ringing,
    serving,
)
from town.commands.group import main

__all__ = [
    "backing",
    "checking",
    "choosing",
    "factors",
    "keeping",
    "looking_after",
    "main",
    "opening",
    "people",
    "ringing",
    "serving",
]
