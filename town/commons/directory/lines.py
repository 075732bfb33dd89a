"""One line of a national register, whichever it is, as the town needs it."""

import re
from dataclasses import asdict, dataclass
from typing import Any, Final

from flask_babel.speaklater import LazyString

_SMALL: Final = frozenset(("au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "sur", "à"))
_KEPT: Final = frozenset(
    (
        "SARL",
        "SAS",
        "SASU",
        "EURL",
        "SCI",
        "SNC",
        "GAEC",
        "EARL",
        "ESAT",
        "CCAS",
        "ADMR",
        "FC",
        "AS",
        "US",
        "USC",
        "ACCA",
        "APE",
        "FCPE",
        "MJC",
    )
)
_SORTS: Final = {
    "ALL": "allée",
    "AV": "avenue",
    "BD": "boulevard",
    "CHE": "chemin",
    "CRS": "cours",
    "HAM": "hameau",
    "IMP": "impasse",
    "LD": "lieu-dit",
    "LOT": "lotissement",
    "PAS": "passage",
    "PL": "place",
    "QUA": "quartier",
    "RES": "résidence",
    "RTE": "route",
    "SQ": "square",
}
"""As INSEE shortens the sorts of streets in SIRENE, « typeVoieEtablissement »."""

_COMMON: Final = frozenset(
    (
        *_SORTS.values(),
        "rue", "ruelle", "côte", "cité", "clos", "cour", "esplanade", "faubourg", "montée", "quai", "rond-point",
        "sente", "sentier", "traverse", "venelle", "voie",
    )
)  # fmt: skip
"""Words that are written small after a number. « Grande Rue » and « Le Puits » are names."""

_HEAD: Final = re.compile(r"(?P<number>\d+\S* (?:(?:BIS|TER|QUATER|[A-Z]) )?)?(?P<sort>\S+)")


@dataclass(frozen=True, slots=True)
class Line:
    """What a register says of one organisation. registration: its SIRET or RNA number. activity: a code, or a purpose.

    where: number and street as the register writes them, empty when it does not say. commune: INSEE code.
    gone: it has closed. withheld: it asked not to be shown.
    """

    number: int
    registration: str
    name: str
    commune: str
    where: str = ""
    activity: str = ""
    purpose: str = ""
    phone: str = ""
    website: str = ""
    gone: bool = False
    withheld: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Line":
        return cls(**kept)


class Wrong(Exception):
    """A line that cannot be used, and the sentence that says why."""

    def __init__(self, sentence: LazyString) -> None:
        super().__init__()
        self.sentence = sentence


def cased(name: str) -> str:
    """A name as people write it, where a register shouts: « BOULANGERIE DE L'EGLISE » is « Boulangerie de l’Eglise ».

    What is not all in capitals was written by somebody, and stays.
    """
    name = " ".join(name.replace("'", "’").split())
    if not name.isupper():
        return name
    words = [_word(word, first=not before) for before, word in enumerate(re.split(r"(?<=[ \-’])", name))]
    return "".join(words)


def cased_address(where: str) -> str:
    """A number and a street as people write them, where a register shouts: « 3 PL BASSE » is « 3 place Basse »."""
    head = _HEAD.match(where)
    if head is None or not where.isupper():
        return where
    street = re.split(r"(?<=[ \-’])", where[head.end() :].replace("'", "’"))
    number, sort = head["number"] or "", head["sort"]
    said = _SORTS.get(sort, sort[:1] + sort[1:].lower()) + "".join(_word(word, first=False) for word in street)
    return number.lower() + (after_number(said) if number else said[:1].upper() + said[1:])


def after_number(street: str) -> str:
    """The name of a street as it is written after a number: « rue Haute », but « Grande Rue »."""
    sort = street.split(" ", 1)[0]
    return street[:1].lower() + street[1:] if sort.lower() in _COMMON else street


def _word(word: str, first: bool) -> str:
    bare = word.rstrip(" -’")
    if bare in _KEPT or any(figure.isdigit() for figure in bare) or "." in bare:
        return word
    if bare.lower() in _SMALL and not first:
        return word.lower()
    return word[:1] + word[1:].lower()
