"""The official address file of a municipality: what it holds, what is odd in it, and why it is refused if it is.

Base Adresse Locale 1.1 to 1.5 and Base Adresse Nationale, in any encoding and with any columns met in the wild
(DECISIONS 31). A remark never blocks; an error blocks the whole file.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import chain, count
from pathlib import Path
from typing import Final

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from town.commons.places import communes
from town.commons.places.address_columns import Columns, columns_of
from town.commons.places.address_row import AddressRow, RowReader
from town.commons.places.communes import Commune
from town.commons.places.table import LARGEST, Remark, Report, Table, Unreadable, too_large
from town.kernel.text import fold

__all__ = ["AddressFile", "AddressRow", "Remark", "by_sentence", "read_address_file", "read_addresses"]

_MOST_ERRORS: Final = 100
_INSEE_OF_KEY: Final = re.compile(r"([0-9][0-9AB][0-9]{3})_")

Lines = list[tuple[int, list[str]]]


@dataclass(frozen=True, slots=True)
class AddressFile:
    """An address file, read. When it has errors, it gives no address at all."""

    commune: Commune | None = None
    rows: list[AddressRow] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    errors: list[Remark] = field(default_factory=list)

    @property
    def usable(self) -> bool:
        return not self.errors


def read_address_file(path: Path) -> AddressFile:
    """Read the address file at a path. Never raises: what is wrong with it is among its errors."""
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if size <= LARGEST else b""
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return AddressFile(errors=[Remark(None, _l("This file cannot be opened: %(reason)s.", reason=reason))])
    if size > LARGEST:
        return AddressFile(errors=[too_large(size).remark])
    return read_addresses(raw)


def read_addresses(raw: bytes) -> AddressFile:
    """Read the bytes of an address file, as `read_address_file` does."""
    report = Report()
    commune: Commune | None = None
    rows: list[AddressRow] = []
    try:
        table = Table(raw)
        columns = columns_of(table.header)
        if missing := columns.missing():
            raise Unreadable(
                _l("Columns are missing: %(columns)s.", columns=", ".join(missing)),
                table.header_line,
            )
        lines, broken = _lines(table)
        commune = _commune(columns, lines)
        rows = _rows(RowReader(columns, commune, report), lines)
        if broken:
            raise broken
    except Unreadable as refusal:
        report.errors.append(refusal.remark)
    if report.errors:
        return AddressFile(commune, [], report.remarks, report.errors)
    if commune and any(row.postcode is None for row in rows):
        report.remark(None, _l("Some addresses have no postcode, and this municipality has none or several."))
    return AddressFile(commune, rows, report.remarks, [])


def by_sentence(remarks: Iterable[Remark]) -> list[tuple[LazyString, list[int]]]:
    """The same remark made on many lines, said once with its lines; in order of first appearance."""
    said: dict[str, tuple[LazyString, list[int]]] = {}
    for remark in remarks:
        lines = said.setdefault(str(remark.sentence), (remark.sentence, []))[1]
        if remark.line is not None:
            lines.append(remark.line)
    return list(said.values())


def _lines(table: Table) -> tuple[Lines, Unreadable | None]:
    """The lines up to where the quotes are broken, if they are: what stands before is still worth a look."""
    lines: Lines = []
    try:
        for line in table:
            lines.append(line)
    except Unreadable as broken:
        if not lines:
            raise
        return lines, broken
    if not lines:
        raise Unreadable(_l("This file has a header and no address."))
    return lines, None


def _commune(columns: Columns, lines: Lines) -> Commune:
    """The only municipality that the lines name, by its column or else by the beginning of the keys."""
    codes = Counter(code for _, cells in lines if (code := _insee(columns.cell(cells, "commune"))))
    if not codes:
        keys = (columns.cell(cells, "interop").upper() for _, cells in lines)
        codes = Counter(_city(found[1]) for key in keys if (found := _INSEE_OF_KEY.match(key)))
    known = {code: commune for code in codes if (commune := communes.find(code))}
    if len(codes) > 1:
        raise Unreadable(
            _l(
                "This file holds several municipalities: %(names)s. Choose the file of one.",
                names=", ".join(_named(code, known.get(code), count) for code, count in codes.most_common(6)),
            )
        )
    if not codes:
        raise Unreadable(_l("This file does not say which municipality it is about (commune_insee)."))
    code = next(iter(codes))
    if code not in known:
        raise Unreadable(
            _l("No municipality has the code %(code)s today. If it has merged, choose its new file.", code=code[:10])
        )
    return known[code]


def _insee(text: str) -> str:
    """A code as spreadsheets leave it: `1001` was `01001`."""
    code = text.upper().removesuffix(".0")
    return _city(code.zfill(5) if code.isascii() and code.isdigit() else code)


def _city(code: str) -> str:
    commune = communes.find(code)
    return commune.insee if commune else code


def _named(code: str, commune: Commune | None, count: int) -> str:
    return f"{commune.name if commune else '?'} ({code[:10]}, {count})"


def _rows(reader: RowReader, lines: Lines) -> list[AddressRow]:
    """Each address once. Several positions of one address leave the best; two addresses of one key keep both."""
    found: dict[str, AddressRow] = {}
    for line, cells in lines:
        row = reader.read(line, cells)
        if row is None:
            if len(reader.report.errors) >= _MOST_ERRORS:
                reader.report.error(None, _l("Too many errors: the rest was not read."))
                break
            continue
        row = _with_a_key_of_its_own(row, found, reader)
        same = found.get(row.key)
        if same and _place(same) == _place(row):
            reader.report.remark(line, _l("Same address as line %(line)d: kept once.", line=same.line))
        found[row.key] = _merged(same, row) if same else row
    _say_doubles(found.values(), reader.report)
    return _with_keys_told_apart(found)


def _say_doubles(rows: Iterable[AddressRow], report: Report) -> None:
    doors: dict[tuple[object, ...], AddressRow] = {}
    for row in rows:
        first = doors.setdefault((*row.door, fold(row.hamlet)), row)
        if first is not row:
            report.remark(
                row.line, _l("The same address as line %(line)d under another key: both are kept.", line=first.line)
            )


def _with_keys_told_apart(found: dict[str, AddressRow]) -> list[AddressRow]:
    """The addresses, none of which may be recognised under a key of another."""
    uses = Counter(key for row in found.values() for key in row.other_keys)
    return [
        replace(row, other_keys=tuple(key for key in row.other_keys if key not in found and uses[key] == 1))
        if row.other_keys
        else row
        for row in found.values()
    ]


def _with_a_key_of_its_own(row: AddressRow, found: dict[str, AddressRow], reader: RowReader) -> AddressRow:
    """The address under a key that no other address has: losing a household would be worse than a homemade key."""
    same = found.get(row.key)
    if same is None or same.door == row.door:
        return row
    reader.report.remark(
        row.line, _l("“%(key)s” is already the key of line %(line)d: both are kept.", key=row.key, line=same.line)
    )
    made = reader.made_key(row.street, row.hamlet, row.number, row.suffix)
    keys = chain(row.other_keys, (made,), (f"{made}-{copy}" for copy in count(2)))
    key = next(key for key in keys if key not in found or found[key].door == row.door)
    return replace(row, key=key, other_keys=tuple(other for other in row.other_keys if other != key))


def _place(row: AddressRow) -> tuple[str, float | None, float | None]:
    return row.position, row.lon, row.lat


def _merged(first: AddressRow, second: AddressRow) -> AddressRow:
    best = second if second.position_rank < first.position_rank else first
    return replace(
        first,
        other_keys=tuple(dict.fromkeys((*first.other_keys, *second.other_keys))),
        lon=best.lon,
        lat=best.lat,
        position=best.position,
        parcels=tuple(dict.fromkeys((*first.parcels, *second.parcels))),
        certified=first.certified or second.certified,
    )
