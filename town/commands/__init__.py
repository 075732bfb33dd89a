"""The `town` command: open towns, serve them, look after them. A subject a file; `group.py` is what all stand on."""

from town.commands import checking, choosing, factors, keeping, opening, people, serving
from town.commands.group import main

__all__ = ["checking", "choosing", "factors", "keeping", "main", "opening", "people", "serving"]
