"""Who has touched what an import brought: anything in the town that refers to it, whichever feature wrote it.

What the import itself wrote does not count: the card, which names the page, and the line, which refers to it.
"""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Column, Table, select

from town.kernel.db import Base, db


def referring_to(table: str, ids: Collection[int], but: Collection[str] = ()) -> set[int]:
    """Those of these rows that some row of another table refers to, one query for each column that may.

    but: tables whose rows do not count.
    """
    found: set[int] = set()
    for column in _columns_to(table):
        if column.table.name != "directory_line" and column.table.name not in but:
            found.update(db.session.scalars(select(column).where(column.in_(ids)).distinct()))
    return found


def named(thing: str, ids: Collection[int]) -> set[int]:
    """Those of these things that some row names as `thing` and `thing_id`: a hold, a happening, a report of abuse."""
    found: set[int] = set()
    for table in _tables_of_things():
        asked = select(table.c.thing_id).where(table.c.thing == thing, table.c.thing_id.in_(ids))
        found.update(db.session.scalars(asked.distinct()))
    return found


def _columns_to(table: str) -> Iterator[Column[Any]]:
    for other in Base.metadata.sorted_tables:
        for key in other.foreign_keys:
            if key.column.table.name == table:
                yield key.parent


def _tables_of_things() -> Iterator[Table]:
    for table in Base.metadata.sorted_tables:
        if table.name != "card" and {"thing", "thing_id"} <= set(table.c.keys()):
            yield table
