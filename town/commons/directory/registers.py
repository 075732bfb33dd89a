"""The national registers, known by their columns: SIRENE of businesses (INSEE), RNA of associations (Interior).

Columns as in the published files: « StockEtablissement » and its geocoded and merged variants for SIRENE, « Waldec »
and « Import » for the RNA, all under the Licence Ouverte. Empty cells read `""`, `[ND]` (not disclosed) or `_`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from town.commons.directory.lines import Line, Wrong, cased
from town.kernel.text import one_line

Cells = Mapping[str, str]
_GREAT: Final = re.compile(r"\bGR (?:GRANDE )?RUE\b")
"""« 4 GR RUE » and « 4 GR GRANDE RUE »: how they write 4 Grande Rue."""
EMPTY: Final = frozenset(("", "[ND]", "_", "0001-01-01", "NULL"))


@dataclass(frozen=True, slots=True)
class Register:
    """needs: the columns that tell it from others, in lower case."""

    name: str
    title: LazyString
    needs: frozenset[str]

    def read(self, number: int, cells: Cells) -> Line:
        """Raises `Wrong`."""
        return _READERS[self.name](number, cells)


SIRENE: Final = Register(
    "sirene",
    _l("SIRENE, the register of businesses"),
    frozenset(
        ("siret", "etatadministratifetablissement", "codecommuneetablissement", "activiteprincipaleetablissement")
    ),
)
RNA: Final = Register(
    "rna", _l("RNA, the register of associations"), frozenset(("id", "titre", "objet", "adrs_codeinsee"))
)
REGISTERS: Final = (SIRENE, RNA)


def register_of(columns: frozenset[str]) -> Register | None:
    """The register whose file has these columns."""
    return next((register for register in REGISTERS if register.needs <= columns), None)


def nearest_register(columns: frozenset[str]) -> tuple[Register, list[str]] | None:
    """The register that it looks like, and the columns that it lacks; None when it looks like none."""
    register = max(REGISTERS, key=lambda register: len(register.needs & columns))
    lacking = sorted(register.needs - columns)
    return (register, lacking) if len(lacking) <= len(register.needs) // 2 else None


def _cell(cells: Cells, *names: str, longest: int = 200) -> str:
    """The first of these columns that says something."""
    for name in names:
        said = one_line(cells.get(name, ""), longest)
        if said not in EMPTY:
            return said
    return ""


def _sirene(number: int, cells: Cells) -> Line:
    siret = re.sub(r"\D", "", _cell(cells, "siret"))
    if len(siret) != 14:
        raise Wrong(_l("A SIRET number has 14 figures; a spreadsheet may have cut this one."))
    withheld = bool({"P", "N"} & {_cell(cells, f"statutdiffusion{of}") for of in ("etablissement", "unitelegale")})
    gone = _cell(cells, "etatadministratifetablissement") == "F"
    name = _cell(
        cells,
        "enseigne1etablissement",
        "denominationusuelleetablissement",
        "enseigne2etablissement",
        "denominationusuelle1unitelegale",
        "denominationunitelegale",
        "nom_complet",
        longest=120,
    )
    if not name:
        person = (
            _cell(cells, "prenomusuelunitelegale", "prenom1unitelegale"),
            _cell(cells, "nomusageunitelegale", "nomunitelegale"),
        )
        name = " ".join(part for part in person if part)[:120]
    if not name and not gone and not withheld:
        raise Wrong(_l("This line says no name: neither sign, nor company name."))
    parts = (
        "numerovoieetablissement",
        "indicerepetitionetablissement",
        "typevoieetablissement",
        "libellevoieetablissement",
    )
    return Line(
        number=number,
        registration=siret,
        name=_name(name),
        commune=_cell(cells, "codecommuneetablissement"),
        where="" if withheld else _street(cells, *parts),
        activity=_activity(cells),
        gone=gone,
        withheld=withheld,
    )


def _street(cells: Cells, *parts: str) -> str:
    return _GREAT.sub("GRANDE RUE", " ".join(said for said in (_cell(cells, part) for part in parts) if said))


def _activity(cells: Cells) -> str:
    """Its code in NAF rév. 2 (2008). Other nomenclatures say nothing here."""
    if _cell(cells, "nomenclatureactiviteprincipaleetablissement") not in ("", "NAFRev2"):
        return ""
    return _cell(cells, "activiteprincipaleetablissement").upper()


def _rna(number: int, cells: Cells) -> Line:
    identity = _cell(cells, "id").upper()
    if re.fullmatch(r"W\d[0-9A-Z]\d{7}", identity) is None:
        # The « Import » file keeps the numbers of before 2009 in `id`, and the newer one, if there is any, apart.
        newer = next((said for said in map(str.upper, cells.values()) if re.fullmatch(r"W\d[0-9A-Z]\d{7}", said)), "")
        identity = newer or identity[:14]
    if not identity:
        raise Wrong(_l("This line has no number."))
    name = _cell(cells, "titre", longest=120)
    if not name:
        raise Wrong(_l("This line says no name."))
    dissolved = _cell(cells, "date_disso") != "" or _cell(cells, "position") in ("D", "S")
    street = ("adrs_numvoie", "adrs_repetition", "adrs_typevoie", "adrs_libvoie")
    where = _street(cells, *street) or _cell(cells, "adr1", "adr2")
    return Line(
        number=number,
        registration=identity,
        name=_name(name),
        commune=_cell(cells, "adrs_codeinsee"),
        where=where,
        activity=_cell(cells, "objet_social1"),
        purpose=_cell(cells, "objet", longest=1000),
        website=_cell(cells, "siteweb"),
        gone=dissolved,
    )


def _name(name: str) -> str:
    """As people write it. Raises `Wrong` for what a spreadsheet would work out."""
    if name.startswith("="):
        raise Wrong(_l("A spreadsheet formula stands where a name should."))
    return cased(name)


_READERS: Final = {"sirene": _sirene, "rna": _rna}
