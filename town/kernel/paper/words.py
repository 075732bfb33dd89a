"""Words on paper: which can be printed at all, and how they make lines. No word is ever cut."""

import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

DOTS: Final = "…"
_SPACES: Final = re.compile(r"[ \t\r\n\f\v]+")
"""No-break spaces are not among them."""
_GLUED: Final = re.compile(r"[\u00a0\u202f]|(?<=[-/])(?=.)")
"""Where a run of words that is wider than its line may end all the same: at a no-break space, after a hyphen."""
_PICTURES: Final = frozenset(("So", "Sk", "Sm", "Cf", "Cn", "Co", "Mn", "Me", "Zs"))
"""Categories of signs that a sentence does without, where no font has them: emoji, joiners, accents of accents."""


@dataclass(frozen=True, slots=True)
class Face:
    """How words are set: `width` of a text in millimetres, in one font at one size."""

    font: str
    size: float
    width: Callable[[str], float]


def printable(words: str, letters: Collection[int]) -> str | None:
    """The words in characters that the fonts have (`letters`, by code point): pictures go, and their gap with them.

    None when letters, figures or signs are missing: a sentence with holes says something else.
    """
    kept = []
    for character in words:
        if ord(character) in letters or character in "\n\t\r":
            kept.append(character)
        elif unicodedata.category(character) not in _PICTURES:
            return None
    return re.sub(r" {2,}", " ", "".join(kept)).strip()


def break_lines(words: str, face: Face, width: float) -> list[str] | None:
    """The lines of these words within so many millimetres, or None when one word alone is wider."""
    lines: list[str] = []
    for piece, glue in _pieces(words, face, width):
        if face.width(piece) > width:
            return None
        longer = f"{lines[-1]}{glue}{piece}" if lines else piece
        if lines and glue != "\n" and face.width(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(piece)
    return lines


def _pieces(words: str, face: Face, width: float) -> list[tuple[str, str]]:
    """What a line takes whole, each with what stands before it on the same line."""
    found: list[tuple[str, str]] = []
    for line in words.split("\n"):
        glue = "\n" if found else ""
        for run in _SPACES.split(line.strip(" \t\r")):
            parts = [run] if face.width(run) <= width else [part for part in _GLUED.split(run) if part]
            for number, part in enumerate(parts):
                before = glue if number == 0 else ("" if parts[number - 1][-1] in "-/" else " ")
                if part:
                    found.append((part, before))
                    glue = " "
    return found


def begin_with(lines: list[str], most: int, face: Face, width: float) -> list[str]:
    """The first lines of a text, the last ending with « … » between two words; nothing where none would be left."""
    if len(lines) <= most:
        return lines
    kept = lines[:most]
    while kept:
        words = kept[-1].rstrip(f" ,;:.!?-–—«({DOTS}")
        if words and face.width(words + DOTS) <= width:
            return [*kept[:-1], words + DOTS]
        shorter = words.rpartition(" ")[0]
        kept = [*kept[:-1], shorter] if shorter else kept[:-1]
    return []
