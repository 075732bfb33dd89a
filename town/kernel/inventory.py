"""The inventory: which rows tell of a person, how their own copy shows them, and what stays of them without a name.

A line stands beside the model it is about. A sweep finds every column that names a person and that no line answers for.

    mine(MailStop, "person_id", title=_l("E-mails I do not want"), shows={"sort": _l("Sort"), "at": _l("Since")})
    not_mine(Certification.by_id, "whoever decided did so for the town hall; the audit says it")
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from flask_babel.speaklater import LazyString
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from town.kernel.db import db

Shown = LazyString | tuple[LazyString, Callable[[Any], Any]]


@dataclass(frozen=True, slots=True)
class Mine:
    """Rows of one table that tell of a person.

    by: the columns that say whose a row is. rows: theirs, by person id. shows: what their copy holds of a row, by
    attribute, with its label; or the label and a function of the row. stays: what erasure leaves, unnamed; erased is
    False where it leaves the rows as they are, which then name nobody. file: the file that a row stands for.
    """

    model: Any
    title: LazyString
    by: tuple[str, ...]
    rows: Callable[[int], Select[Any]]
    shows: Mapping[str, Shown]
    stays: LazyString | None = None
    erased: bool = True
    file: Callable[[Any], Path | None] | None = None

    @property
    def name(self) -> str:
        return str(self.model.__tablename__)

    @property
    def labels(self) -> dict[str, LazyString]:
        return {key: shown[0] if isinstance(shown, tuple) else shown for key, shown in self.shows.items()}

    def of(self, person_id: int) -> Iterator[Any]:
        """The rows of that person, in the order they were made."""
        yield from db.session.scalars(self.rows(person_id)).unique()

    def say(self, row: Any) -> dict[str, Any]:
        """What the copy holds of this row, in JSON's types and moments."""
        return {
            key: _plain(shown[1](row) if isinstance(shown, tuple) else getattr(row, key))
            for key, shown in self.shows.items()
        }


_lines: dict[str, Mine] = {}
_left_out: list[tuple[InstrumentedAttribute[Any], str]] = []


def mine(
    model: Any,
    *by: str,
    title: LazyString,
    shows: Mapping[str, Shown],
    rows: Callable[[int], Select[Any]] | None = None,
    stays: LazyString | None = None,
    erased: bool = True,
    file: Callable[[Any], Path | None] | None = None,
) -> None:
    """Declare a line. Without `rows`, a row is of whoever one of the columns `by` names."""
    if model.__tablename__ in _lines:
        raise ValueError(f"{model.__tablename__} is declared twice")

    def named(person_id: int) -> Select[Any]:
        return select(model).where(or_(*(getattr(model, column) == person_id for column in by))).order_by(model.id)

    _lines[model.__tablename__] = Mine(model, title, by, rows or named, shows, stays, erased, file)


def not_mine(column: InstrumentedAttribute[Any], because: str) -> None:
    """Declare that a column names a person whose own copy does not hold the row, and why."""
    if not because:
        raise ValueError("say why")
    _left_out.append((column, because))


def inventory() -> list[Mine]:
    """Every line: who they are, what they did in the features, their files, what was noted of it."""

    def place(line: Mine) -> tuple[bool, bool, bool]:
        return not line.erased, line.file is not None, ".blueprints." in line.model.__module__

    return sorted(_lines.values(), key=place)


def answered() -> set[str]:
    """The columns that a line or a reason answers for, as « table.column »."""
    reasons = {str(column.property.columns[0]) for column, _because in _left_out}
    return reasons | {f"{line.name}.{column}" for line in _lines.values() for column in line.by}


def _plain(value: Any) -> Any:
    """People as everybody sees them, lists as lists, the rest as it is."""
    if value is None or isinstance(value, str | bool | int | float | datetime | date):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    return str(getattr(value, "name", value))
