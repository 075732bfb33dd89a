"""Cards as HTML, kept as long as nothing changes in their town: neighbours who open home in the same minute share them.

What is kept goes by the town's count of changes, so no verb has to remember what it makes stale. It is bounded to the
minute, for what time changes; and what depends on the reader is in its key.
"""

from typing import Any

from flask import current_app, g
from markupsafe import Markup

from town.commons.feed import CardRow
from town.commons.people.visit import visitor
from town.kernel.changes import stamp
from town.kernel.language import language

MOST = 500
"""Pages' worth of cards kept by a process, at some twenty kilobytes each; then it begins afresh."""

_kept: dict[tuple[Any, ...], dict[tuple[Any, ...], Markup]] = {}


def shown(row: CardRow, level: int) -> Markup:
    """A card of a mixed list, under a heading of that level."""
    cards = _of_this_reader()
    key = (row.own, row.kind, row.public_id, level)
    found = cards.get(key)
    if found is None:
        found = cards[key] = _draw(row, level)
    return found


def _of_this_reader() -> dict[tuple[Any, ...], Markup]:
    """What was drawn for readers of this kind since the last change; something empty where nothing may be kept."""
    if "cards_shown" not in g:
        made_of, who = stamp(), visitor()
        if made_of is None or who.acting:  # a page in somebody's name: its addresses say so
            g.cards_shown = {}
        else:
            if len(_kept) >= MOST:
                _kept.clear()
            g.cards_shown = _kept.setdefault((made_of, language(), who.certified), {})
    cards: dict[tuple[Any, ...], Markup] = g.cards_shown
    return cards


def _draw(row: CardRow, level: int) -> Markup:
    macros: Any = current_app.jinja_env.get_template("components/cards.html").module
    return Markup(macros.card(row, level=level, note=row.detail))
