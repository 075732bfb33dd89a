"""Short addresses of cards, for paper: five characters that lead to the card's page, through the same permission.

The code is made from the card's public id, so that it lasts as long as the thing and needs no page to be written. Two
cards may share one, about once in a town's life: its page then lists both.
"""

from dataclasses import dataclass
from typing import Final

from town.commons.board import CODE
from town.kernel.codes import code_of, read_code
from town.kernel.features import address_of

EXAMPLE: Final = "K7M2P"


@dataclass(frozen=True, slots=True)
class Short:
    """How paper leads to a card. `typed`: the address as people type it. `scanned`: the same for a QR code."""

    code: str
    typed: str
    scanned: str


def short_of(public_id: str) -> Short:
    """The short address of the card of the thing with that public id."""
    code = code_of(public_id, CODE)
    address = address_of("sheet.follow", code=code)
    return Short(code, address.partition("://")[2], address.upper())  # capitals make a QR code with larger squares


def typed_code(words: str) -> str:
    """The code that was typed, however it was. Raises `NotACode`."""
    return read_code(words, CODE, EXAMPLE)
