"""Questions that every page asks: built once, then only asked, with other values.

SQLAlchemy builds a select of twenty columns in more time than SQLite takes to answer it. Rare questions need not care.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import Executable, Row

from town.kernel.db import db


class Question:
    """`build` gives a statement whose changing values are `bindparam`s of their names."""

    def __init__(self, build: Callable[[], Executable]) -> None:
        self._build = build

    @cached_property
    def _statement(self) -> Executable:
        return self._build()

    def ask(self, **values: Any) -> Sequence[Row[Any]]:
        """Its rows, in the session's transaction. What the session has not flushed is not seen."""
        return db.session.connection().execute(self._statement, values).all()
