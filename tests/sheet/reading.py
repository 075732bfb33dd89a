"""Reading a printed page as whoever holds it does: what it says, and whether anything is cut or runs off."""

import re
from collections.abc import Iterable
from io import BytesIO
from itertools import combinations

from pypdf import PdfReader

from town.kernel.paper import Paper

A4 = (210.0, 297.0)


def pages_of(pdf: bytes) -> list[str]:
    """The words of every page, each on one line."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages]


def words_of(texts: Iterable[str]) -> set[str]:
    """Words, whole; the parts of a compound too, since a line may end at its hyphen."""
    found: set[str] = set()
    for text in texts:
        for word in text.split():
            parts = re.findall(r"[^-/]*[-/]|[^-/]+$", word)
            found |= {
                "".join(parts[first:last]) for first in range(len(parts)) for last in range(first + 1, len(parts) + 1)
            }
    return found


def nothing_runs_off(paper: Paper, margin: float) -> None:
    """Everything stands inside the margins, and on nothing else."""
    for box in paper.boxes:
        assert box.x >= margin - 0.01, box
        assert box.y >= margin - 0.01, box
        assert box.x + box.width <= A4[0] - margin + 0.01, box
        assert box.y + box.height <= A4[1] - margin + 0.01, box
    for one, other in combinations(paper.boxes, 2):
        if one.page == other.page:
            across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
            down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
            assert across <= 0.01 or down <= 0.01, f"{one} stands on {other}"


def no_word_is_cut(paper: Paper, sources: Iterable[str]) -> None:
    """Every word on the page is a word that somebody wrote."""
    known = words_of(sources)
    for box in paper.boxes:
        for word in box.words.split():
            bare = word.removesuffix("…")
            assert word in known or any(whole.startswith(bare) and _ends(whole[len(bare) :]) for whole in known), (
                f"{word!r} is nobody's word"
            )


def _ends(rest: str) -> bool:
    """What may have been dropped before « … »: signs, no letter."""
    return not any(sign.isalnum() for sign in rest)
