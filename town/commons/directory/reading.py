"""From the bytes of a register's file to the lines of this town. Nothing is written, and nothing raises.

Files of the whole country are common: lines of other municipalities are counted and forgotten as they pass.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from town.commons.directory.lines import Line, Wrong
from town.commons.directory.registers import Register, nearest_register, register_of
from town.commons.places import communes
from town.commons.places.table import NotText, Remark, Table, Unreadable
from town.kernel.db import guard_slow

LARGEST: Final = 25 * 1024 * 1024
"""Twice the associations of the most populous department. A request reads no more than that within its time."""

MOST_LINES_HERE: Final = 1000
MOST_PROBLEMS: Final = 100


@dataclass(slots=True)
class Reading:
    """What a file holds for this town. errors: why nothing of it can be used. problems: lines left aside, and why."""

    register: Register | None = None
    lines: list[Line] = field(default_factory=list)
    problems: list[Remark] = field(default_factory=list)
    errors: list[Remark] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def usable(self) -> bool:
        return not self.errors


def read_register(raw: bytes, insee: str) -> Reading:
    """Read a file for the municipality of that INSEE code."""
    reading = Reading()
    guard_slow("read a register")
    if len(raw) > LARGEST:
        sentence = _l(
            "This file weighs more than %(most)s MB: is it that of a region? Choose that of your municipality.",
            most=LARGEST // 1024**2,
        )
        reading.errors.append(Remark(None, sentence))
        return reading
    try:
        _read(raw, insee, reading)
    except NotText:
        reading.errors.append(
            Remark(None, _l("This is not a text file. Save it as CSV: no archive, no spreadsheet, no picture."))
        )
    except Unreadable as refusal:
        reading.errors.append(refusal.remark)
    if reading.errors:
        reading.lines.clear()
    return reading


def _read(raw: bytes, insee: str, reading: Reading) -> None:
    table = Table(raw)
    names = [cell.strip().strip("\ufeff").casefold() for cell in table.header]
    reading.register = register_of(frozenset(names))
    if reading.register is None:
        raise Unreadable(_unknown(frozenset(names)), table.header_line)
    met: dict[str, int] = {}
    for number, cells in table:
        said = dict(zip(names, cells, strict=False))
        try:
            if any(cell.strip() for cell in cells[len(names) :]):
                raise Wrong(_l("This line has more cells than the file has columns."))
            line = reading.register.read(number, said)
        except Wrong as wrong:
            if _is_here(said, insee):
                _note(reading, number, wrong)
            continue
        _sort(reading, line, insee, met)
    if not reading.lines and not reading.problems:
        raise Unreadable(_nothing(reading.counts))


def _sort(reading: Reading, line: Line, insee: str, met: dict[str, int]) -> None:
    if line.commune and _city(line.commune) != insee:
        reading.counts["elsewhere"] += 1
    elif line.gone:
        reading.counts["gone"] += 1
    elif line.withheld:
        reading.counts["withheld"] += 1
    elif not line.commune:
        _note(reading, line.number, Wrong(_l("This line does not say in which municipality it is.")))
    elif line.registration in met:
        sentence = _l("This number stands on line %(line)s already.", line=met[line.registration])
        _note(reading, line.number, Wrong(sentence), "repeated")
    else:
        met[line.registration] = line.number
        reading.lines.append(line)
        if len(reading.lines) > MOST_LINES_HERE:
            raise Unreadable(
                _l("More than %(most)s lines are about this town: cut the file in two.", most=MOST_LINES_HERE)
            )


def _note(reading: Reading, number: int, wrong: Wrong, why: str = "wrong") -> None:
    reading.counts[why] += 1
    if len(reading.problems) < MOST_PROBLEMS:
        reading.problems.append(Remark(number, wrong.sentence))


def _city(code: str) -> str:
    """Districts of Paris, Lyon and Marseille are their city's."""
    found = communes.find(code.upper())
    return found.insee if found is not None else code.upper()


def _is_here(cells: dict[str, str], insee: str) -> bool:
    """A line that cannot be read is worth a word only when it is about this town, or says nothing of where it is."""
    code = (cells.get("codecommuneetablissement") or cells.get("adrs_codeinsee") or "").strip()
    return not code or _city(code) == insee


def _unknown(columns: frozenset[str]) -> LazyString:
    near = nearest_register(columns)
    if near is None:
        return _l("This file is neither SIRENE (businesses) nor RNA (associations): its columns are others.")
    register, lacking = near
    return _l(
        "This looks like %(register)s, but columns are missing: %(columns)s.",
        register=register.title,
        columns=", ".join(lacking),
    )


def _nothing(counts: Counter[str]) -> LazyString:
    if counts["elsewhere"] and not counts["gone"] and not counts["withheld"]:
        return _l("Nothing in this file is about this town: all of it is elsewhere.")
    return _l("Nothing in this file can be listed: all that is here has closed or asked not to be shown.")
