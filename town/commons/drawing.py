"""Cards as HTML, drawn once for all who read the same: neighbours who open home in the same minute share them.

A card is known by all that its row says, so whatever changes is drawn anew and nothing else is. What depends on the
reader, on the town or on the time is in the key too.
"""

import time
from typing import Any

from flask import current_app, g
from markupsafe import Markup

from town.commons.feed import CardRow
from town.commons.people.visit import visitor
from town.kernel.language import language

MOST = 20_000
"""Cards kept by a process, of two kilobytes each; then it begins afresh."""

_kept: dict[tuple[Any, ...], dict[tuple[CardRow, int], Markup]] = {}


def shown(row: CardRow, level: int) -> Markup:
    """A card of a mixed list, under a heading of that level."""
    cards = _of_this_reader()
    found = cards.get((row, level))
    if found is None:
        found = cards[row, level] = _draw(row, level)
    return found


def _of_this_reader() -> dict[tuple[CardRow, int], Markup]:
    """What was drawn in this minute for readers of this kind; something empty where nothing may be kept."""
    if "cards_shown" not in g:
        who = visitor()
        if who.acting:  # a page in somebody's name: its addresses say so
            g.cards_shown = {}
        else:
            if sum(map(len, list(_kept.values()))) >= MOST or len(_kept) >= MOST // 20:
                _kept.clear()
            g.cards_shown = _kept.setdefault((g.town, language(), who.certified, int(time.time() // 60)), {})
    cards: dict[tuple[CardRow, int], Markup] = g.cards_shown
    return cards


def _draw(row: CardRow, level: int) -> Markup:
    macros: Any = current_app.jinja_env.get_template("components/cards.html").module
    return Markup(macros.card(row, level=level, note=row.detail))
