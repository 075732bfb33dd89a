"""Cards as HTML, kept as long as nothing changes in their town: neighbours who open home in the same minute share them.

What is kept goes by the town's count of changes, so no verb has to remember what it makes stale. It is bounded to the
minute, for what time changes; and what depends on the reader is in its key.
"""

from typing import Any

from flask import current_app
from markupsafe import Markup

from town.commons.feed import CardRow
from town.commons.people.visit import visitor
from town.kernel.changes import stamp
from town.kernel.language import language

MOST = 5000
"""Cards kept by a process, at about a kilobyte each; then it begins afresh."""

_kept: dict[tuple[Any, ...], Markup] = {}


def shown(row: CardRow, level: int) -> Markup:
    """A card of a mixed list, under a heading of that level."""
    made_of = stamp()
    who = visitor()
    if made_of is None or who.acting:  # a page in somebody's name: its addresses say so
        return _draw(row, level)
    key = (made_of, language(), who.certified, row.own, row.kind, row.public_id, level)
    found = _kept.get(key)
    if found is None:
        if len(_kept) >= MOST:
            _kept.clear()
        found = _kept[key] = _draw(row, level)
    return found


def _draw(row: CardRow, level: int) -> Markup:
    macros: Any = current_app.jinja_env.get_template("components/cards.html").module
    return Markup(macros.card(row, level=level, note=row.detail))
