"""What a fault is: something done to a running town, and figures that say what came of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


class Skipped(Exception):
    """This machine does not let us break it that way; the sentence says what is missing."""


@dataclass
class Report:
    """The figures of one run, in the order they were found."""

    figures: dict[str, str] = field(default_factory=dict)

    def say(self, **figures: object) -> None:
        self.figures |= {name.replace("_", " "): str(value) for name, value in figures.items()}


Scenario = Callable[[Path, bool, Report], None]
"""Takes an empty folder and whether to run at length. Raises `AssertionError` for a broken promise, or `Skipped`."""
