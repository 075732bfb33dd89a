"""Reading what was printed, as whoever opens the letterbox does."""

import re
from io import BytesIO

from pypdf import PdfReader

from town.commons.trust.codes import ALPHABET

CODE = re.compile(rf"\b([{ALPHABET}]{{4}})-([{ALPHABET}]{{4}})\b")


def text_of(pdf: bytes) -> str:
    """The words of every page, on one line."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


def codes_on(pdf: bytes) -> list[str]:
    return ["".join(found) for found in CODE.findall(text_of(pdf))]
