"""What a thing's own page says beside its card, for the pages of a copy. A feature declares it beside its page:

    tells(Shop, lambda shop: [(_("Phone"), shop.organisation.phone)])

Whoever may read the card reads it too, in the public copy everybody: no neighbour's name, nothing that only staff see.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import select

from town.commons.takeaway.matter import Piece
from town.kernel.db import db

Facts = Iterable[tuple[str, str]]
_tellers: dict[str, tuple[Any, Callable[[Any], Facts]]] = {}


def tells(model: Any, facts: Callable[[Any], Facts]) -> None:
    """Declare the labelled words that things of this model add to their card. Empty words are left out."""
    _tellers[model.__tablename__] = (model, facts)


def facts_of(pieces: Sequence[Piece]) -> dict[str, list[tuple[str, str]]]:
    """The facts of each of these, by anchor. They are of one kind; a kind's things may be of several models."""
    found: dict[str, list[tuple[str, str]]] = {}
    for thing in sorted({piece.thing for piece in pieces} & set(_tellers)):
        model, facts = _tellers[thing]
        anchors = {piece.thing_id: piece.anchor for piece in pieces if piece.thing == thing}
        for row in db.session.scalars(select(model).where(model.id.in_(anchors))).unique():
            found[anchors[row.id]] = [(str(label), words) for label, words in facts(row) if words]
    return found
