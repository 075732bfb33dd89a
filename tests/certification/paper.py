"""Reading what was printed, as whoever opens the letterbox does."""

import re
from io import BytesIO

from pypdf import PdfReader

from town.commons.trust.codes import ALPHABET

CODE = re.compile(rf"\b([{ALPHABET}]{{4}})-([{ALPHABET}]{{4}})\b")

HOUSE = re.compile(rf"\b([{ALPHABET}]{{4}})-([{ALPHABET}]{{4}}) Aux habitants du (.+?) \d{{5}} ")


def text_of(pdf: bytes) -> str:
    """The words of every page, on one line."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


def codes_on(pdf: bytes) -> list[str]:
    return ["".join(found) for found in CODE.findall(text_of(pdf))]


def houses_on(pdf: bytes) -> dict[str, str]:
    """The code of each letterbox, by its address as it is printed."""
    return {house: first + last for first, last, house in HOUSE.findall(text_of(pdf))}
