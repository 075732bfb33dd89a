"""An address as people type it: « 12bis av. de la Gare » is number 12, suffix bis, street avenue de la gare."""

import re
from dataclasses import dataclass
from typing import Final

from town.kernel.text import fold, one_line

LONGEST: Final = 240
_NUMBER: Final = re.compile(r"(\d{1,5})([a-z]{0,9})")
_SUFFIXES: Final = frozenset(("bis", "ter", "quater", "quinquies", "a", "b", "c", "d", "q", "t"))
# As on envelopes (La Poste, norm NF Z 10-011) and as people write them.
_SHORT_FOR: Final = {
    "all": "allee",
    "av": "avenue",
    "ave": "avenue",
    "bd": "boulevard",
    "bld": "boulevard",
    "boul": "boulevard",
    "ch": "chemin",
    "che": "chemin",
    "chem": "chemin",
    "crs": "cours",
    "dr": "docteur",
    "fbg": "faubourg",
    "fg": "faubourg",
    "gal": "general",
    "ham": "hameau",
    "imp": "impasse",
    "lot": "lotissement",
    "mal": "marechal",
    "pass": "passage",
    "pl": "place",
    "r": "rue",
    "res": "residence",
    "rte": "route",
    "sq": "square",
    "st": "saint",
    "ste": "sainte",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed in an address field: `street` is folded, abbreviations spelled out, perhaps not finished."""

    number: int | None
    suffix: str
    street: str


def fold_street(name: str) -> str:
    """The name of a street as it compares.

    >>> fold_street("Av. du Gal Leclerc")
    'avenue du general leclerc'
    """
    return " ".join(_SHORT_FOR.get(word, word) for word in fold(name).split())


def typed(text: str) -> Typed:
    """Number, suffix and beginning of a street. The last word may go on, so it is never taken for an abbreviation."""
    words = fold(one_line(text, LONGEST)).split()
    number, suffix = None, ""
    if words and (found := _NUMBER.fullmatch(words[0])) and (not found[2] or found[2] in _SUFFIXES):
        number, suffix = int(found[1]), found[2]
        words = words[1:]
        if not suffix and words and words[0] in _SUFFIXES:
            suffix, words = words[0], words[1:]
    street = " ".join([*(_SHORT_FOR.get(word, word) for word in words[:-1]), *words[-1:]])
    return Typed(number, suffix, street)
