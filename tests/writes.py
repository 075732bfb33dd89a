"""What a test wrote that a card may show: only then, and only there, are cards worth rebuilding."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from town.commons.board import carded_types
from town.kernel.db import Base

_WRITES = re.compile(r"\b(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE|DELETE\s+FROM)\s+\"?(\w+)", re.IGNORECASE)
NOT_SHOWN = {
    *("account", "session", "one_use_code", "pin", "letterbox_card", "letterbox_launch", "postcard", "mail_stop"),
    *("receipt", "job", "audit_entry", "change_count", "impact_figure", "impact_pair", "opening", "retention_night"),
}
BESIDE = {
    *("activity", "inbox_notice", "booking", "review_exchange", "place", "media"),
    *("card", "card_reach", "card_words"),
}
"""Written beside a thing, by its own verbs."""


def may_look_otherwise(written: set[str]) -> list[type[Any]]:
    """The types whose cards are worth rebuilding: a feature's own where only its tables were written, else all."""
    owners = {mapper.local_table.name: _feature_of(mapper.class_) for mapper in Base.registry.mappers}
    features = {owners.get(table) for table in written - BESIDE}
    if not features or None in features:
        return carded_types()
    return [model for model in carded_types() if _feature_of(model) in features]


def _feature_of(model: type[Any]) -> str | None:
    """The feature whose table this is; None for one of the commons, which any card may show."""
    _town, layer, name, *_rest = model.__module__.split(".")
    return name if layer == "blueprints" else None


@contextmanager
def tables_written() -> Iterator[set[str]]:
    """The names of the tables written meanwhile by this process, those of sign-in and machinery aside."""
    written: set[str] = set()

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        written.update({name.lower() for name in _WRITES.findall(statement)} - NOT_SHOWN)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield written
    finally:
        event.remove(Engine, "before_cursor_execute", note)
