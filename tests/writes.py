"""Whether a test wrote anything that a card may show: only then is it worth rebuilding them all."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event

_WRITES = re.compile(r"\b(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE|DELETE\s+FROM)\s+\"?(\w+)", re.IGNORECASE)
NOT_SHOWN = {
    *("account", "session", "one_use_code", "pin", "letterbox_card", "letterbox_launch", "postcard", "mail_stop"),
    *("receipt", "job", "audit_entry", "change_count", "impact_figure", "impact_pair", "opening", "retention_night"),
}


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
