"""The directory of the town's organisations, filled from the national registers: looked at first, taken, undone.

A register (SIRENE, RNA) is recognised by its columns. A feature says what becomes of its lines: `@taker_of("sirene")`.
"""

from town.commons.directory.batches import Batch, BatchLine, batches, lines_of
from town.commons.directory.keeping import forget_files, forget_lines
from town.commons.directory.lines import Line, Wrong
from town.commons.directory.reading import Reading, read_register
from town.commons.directory.takers import Sorted, Taker, state_of, taker_of, takers

__all__ = [
    "Batch",
    "BatchLine",
    "Line",
    "Reading",
    "Sorted",
    "Taker",
    "Wrong",
    "batches",
    "forget_files",
    "forget_lines",
    "lines_of",
    "read_register",
    "state_of",
    "taker_of",
    "takers",
]
