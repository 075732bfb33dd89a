"""The counterfoil: whatever an agent writes for a resident leaves a line on the receipt and in the journal of acts.

Most verbs `record()` what happened, which names both. Whatever other form was sent is named here by its feature and by
the card of the page that shows its result, so that a form can be new without being missing from the receipt.
"""

from types import SimpleNamespace
from typing import Any

from flask import Flask, g
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from town.commons.activity import Kind, record
from town.commons.board import Card
from town.commons.people.acting import Sitting
from town.commons.people.visit import me, visitor
from town.kernel.db import db
from town.kernel.features import features
from town.kernel.web import before_it_is_kept

WRITTEN = Kind("counter.written", sentence=_l("{feature}: {subject}"))
WRITTEN_THERE = Kind("counter.written-there", sentence=_l("{feature}"))


def leave_a_line(endpoint: str, values: dict[str, Any]) -> None:
    """In the transaction of the verb, once it has succeeded."""
    if not visitor().acting or g.get("names_the_agent"):
        return
    feature = str(features()[endpoint.partition(".")[0]].title)
    shown = select(Card.thing, Card.thing_id, Card.title).where(Card.public_id == values.get("public_id", ""))
    if (card := db.session.execute(shown).first()) is not None:
        subject = SimpleNamespace(__tablename__=card.thing, id=card.thing_id, title=card.title)
        record(WRITTEN, subject, me(), feature=feature)
    else:
        sitting = db.session.scalars(select(Sitting).where(Sitting.public_id == visitor().acting)).one()
        record(WRITTEN_THERE, sitting, me(), feature=feature)


def init_app(app: Flask) -> None:
    before_it_is_kept(app, leave_a_line)
