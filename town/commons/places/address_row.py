"""One line of an address file becomes one address."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from flask_babel import lazy_gettext as _l

from town.commons.places import positions
from town.commons.places.address_columns import Columns
from town.commons.places.communes import Commune
from town.commons.places.table import Report
from town.kernel.text import fold, slugify

LONGEST_STREET: Final = 200
LONGEST_QUARTER: Final = 120
LONGEST_SUFFIX: Final = 20
LONGEST_KEY: Final = 80
LONGEST_QUOTE: Final = 40
# The official way to say « a place without numbers ».
WITHOUT_NUMBER: Final = 99999

_PLAIN_NUMBER: Final = re.compile(r"(\d{1,5})(?:[.,]0+)?")
_NUMBER_AND_SUFFIX: Final = re.compile(r"(\d{1,5})[ -]?([a-z]{1,9}\d?)")
_SUFFIX: Final = re.compile(r"[a-z0-9][a-z0-9 ]{0,8}")
_BAN_IN_UID: Final = re.compile(r"@a:\s*([0-9a-f-]{36})")
_FORMULA: Final = re.compile(r"[=+@]|-\S")
_DATES: Final = (
    re.compile(r"(?P<y>\d{4})[-./](?P<m>\d{1,2})[-./](?P<d>\d{1,2})(?:[T ].*)?"),
    re.compile(r"(?P<d>\d{1,2})[-./](?P<m>\d{1,2})[-./](?P<y>\d{4})(?: .*)?"),
    re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"),
)
# When one address has several positions, the map shows the one nearest to the letterbox.
_BEST_POSITIONS: Final = (
    "entree",
    "delivrance postale",
    "batiment",
    "cage d escalier",
    "logement",
    "parcelle",
    "segment",
    "service technique",
)


@dataclass(frozen=True, slots=True)
class AddressRow:
    """An address as the municipality wrote it. Without a number it is a hamlet, or a street whose houses have none."""

    key: str
    other_keys: tuple[str, ...]
    street: str
    number: int | None
    suffix: str
    hamlet: str
    quarter: str | None
    old_commune: str
    postcode: str | None
    lon: float | None
    lat: float | None
    position: str
    parcels: tuple[str, ...]
    certified: bool
    updated_on: date | None
    line: int

    @property
    def label(self) -> str:
        """`12 bis Rue Joffre`, as written on an envelope."""
        number = "" if self.number is None else str(self.number)
        return " ".join(part for part in (number, self.suffix, self.street) if part)

    @property
    def door(self) -> tuple[str, int | None, str, str]:
        """What makes two lines one address, however they spell it."""
        return fold(self.street), self.number, self.suffix, fold(self.old_commune)

    @property
    def position_rank(self) -> int:
        """0 is the best position for a dot on the map."""
        if self.lon is None:
            return len(_BEST_POSITIONS) + 1
        kind = fold(self.position)
        return _BEST_POSITIONS.index(kind) if kind in _BEST_POSITIONS else len(_BEST_POSITIONS)


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads the lines of one municipality's file, saying what it saw to the report."""

    columns: Columns
    commune: Commune
    report: Report

    def read(self, line: int, cells: Sequence[str]) -> AddressRow | None:
        """The address of a line, or None after an error."""
        if any(cell.strip() for cell in cells[self.columns.width :]):
            self.report.error(line, _l("More cells than the header has: a separator or a quotation mark is misplaced."))
            return None
        street, hamlet = self._cell(cells, "street").replace("_", " "), self._cell(cells, "hamlet")
        old_commune = self._cell(cells, "old_commune")
        for text in (street, hamlet, old_commune):
            if not self._is_a_name(line, text):
                return None
        if not street and not hamlet:
            self.report.error(line, _l("No street and no hamlet (voie_nom)."))
            return None
        if not street:
            self.report.remark(line, _l("No street: the hamlet stands for it."))
            street = hamlet
        number_and_suffix = self._number(line, cells)
        if number_and_suffix is None:
            return None
        number, suffix = number_and_suffix
        place, position = self._place(line, cells), self._cell(cells, "position")[:LONGEST_QUOTE]
        keys = self._keys(line, cells) or [self.made_key(street, hamlet, number, suffix)]
        return AddressRow(
            key=keys[0],
            other_keys=tuple(keys[1:]),
            street=street,
            number=number,
            suffix=suffix,
            hamlet=hamlet,
            quarter=(hamlet or old_commune)[:LONGEST_QUARTER] or None,
            old_commune=old_commune,
            postcode=self._postcode(line, cells),
            lon=place[0] if place else None,
            lat=place[1] if place else None,
            position=position,
            parcels=tuple(re.findall(r"[0-9A-Z]{5,20}", self._cell(cells, "parcels").upper())[:50]),
            certified=self._cell(cells, "certified").casefold() in ("1", "true", "oui", "vrai", "t"),
            updated_on=self._date(line, self._cell(cells, "updated")),
            line=line,
        )

    def made_key(self, street: str, hamlet: str, number: int | None, suffix: str) -> str:
        """A key for an address that has none: the same as long as its name is the same."""
        where = slugify(f"{street} {hamlet}" if hamlet != street else street)
        return "_".join(
            part
            for part in (self.commune.insee, where, f"{WITHOUT_NUMBER if number is None else number:05}", suffix)
            if part
        )

    def _cell(self, cells: Sequence[str], thing: str) -> str:
        return self.columns.cell(cells, thing)

    def _is_a_name(self, line: int, text: str) -> bool:
        if _FORMULA.match(text):
            self.report.error(line, _l("“%(text)s” is a formula, not a name.", text=text[:LONGEST_QUOTE]))
            return False
        if len(text) > LONGEST_STREET:
            self.report.error(line, _l("A name of more than %(most)d characters.", most=LONGEST_STREET))
            return False
        if "\N{REPLACEMENT CHARACTER}" in text:
            self.report.remark(line, _l("“%(text)s” lost its accents before it came here.", text=text[:LONGEST_QUOTE]))
        return True

    def _number(self, line: int, cells: Sequence[str]) -> tuple[int | None, str] | None:
        text, suffix = self._cell(cells, "number").casefold(), self._cell(cells, "suffix").casefold()
        if not text:
            self.report.remark(line, _l("No number: kept as a hamlet or a street without numbers."))
            return None, ""
        if found := _PLAIN_NUMBER.fullmatch(text):
            number = int(found[1])
        elif (found := _NUMBER_AND_SUFFIX.fullmatch(text)) and suffix in ("", found[2]):
            number, suffix = int(found[1]), found[2]
            self.report.remark(line, _l("“%(text)s” read as a number and its suffix.", text=text))
        else:
            self.report.error(line, _l("“%(text)s” is not a house number (numero).", text=text[:LONGEST_QUOTE]))
            return None
        if number == WITHOUT_NUMBER:
            return None, ""
        if number == 0:
            self.report.remark(line, _l("Number 0: kept, please check."))
        if suffix and not _SUFFIX.fullmatch(suffix):
            self.report.remark(line, _l("Unusual suffix “%(text)s”: kept.", text=suffix[:LONGEST_QUOTE]))
        return number, suffix[:LONGEST_SUFFIX].strip()

    def _keys(self, line: int, cells: Sequence[str]) -> list[str]:
        uid = _BAN_IN_UID.search(self._cell(cells, "uid").casefold())
        found = (self._cell(cells, "ban").casefold(), uid[1] if uid else "", self._cell(cells, "interop").casefold())
        keys = list(dict.fromkeys(key for key in found if key and len(key) <= LONGEST_KEY))
        if not keys:
            self.report.remark(line, _l("No key (cle_interop): the street and number serve instead."))
        return keys

    def _postcode(self, line: int, cells: Sequence[str]) -> str | None:
        text = self._cell(cells, "postcode").replace(" ", "")
        if text.isascii() and text.isdigit() and 4 <= len(text) <= 5:
            return text.zfill(5)
        if text:
            self.report.remark(line, _l("“%(text)s” is not a postcode: left out.", text=text[:LONGEST_QUOTE]))
        return self.commune.postcodes[0] if len(self.commune.postcodes) == 1 else None

    def _place(self, line: int, cells: Sequence[str]) -> positions.Point | None:
        lon, lat, x, y = (self._raw(cells, thing) for thing in ("lon", "lat", "x", "y"))
        if place := positions.point(lon, lat, self.commune):
            return place
        if place := positions.projected(x, y, self.commune):
            if lon or lat:
                self.report.remark(line, _l("The longitude and latitude are wrong: x and y serve instead."))
            return place
        if place := positions.point(lat, lon, self.commune):
            self.report.remark(line, _l("Longitude and latitude were in each other’s place."))
            return place
        if any((lon, lat, x, y)):
            self.report.remark(
                line, _l("The position is not in this municipality: the address will not be on the map.")
            )
        else:
            self.report.remark(line, _l("No position: the address will not be on the map."))
        return None

    def _raw(self, cells: Sequence[str], thing: str) -> str:
        """A coordinate as written: `NaN` is a wrong one, not a missing one."""
        place = self.columns.places.get(thing)
        return cells[place].strip() if place is not None and place < len(cells) else ""

    def _date(self, line: int, text: str) -> date | None:
        if not text:
            return None
        for form in _DATES:
            if found := form.fullmatch(text):
                try:
                    return date(int(found["y"]), int(found["m"]), int(found["d"]))
                except ValueError:
                    break
        self.report.remark(line, _l("“%(text)s” is not a date: left out.", text=text[:LONGEST_QUOTE]))
        return None
