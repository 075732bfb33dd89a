"""The contents that moderation acts on: any thing with a card, and what is read `off_the_board`, such as a review.

What it is, what it said, and hiding it everywhere.
"""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from flask import abort
from sqlalchemy import ColumnElement, delete, false, or_, select

from town.commons.board import Card, CardFields, carded_types, meant_for, publish, row_of
from town.commons.holds import SEE_HELD, Hold, hold_on, hold_over
from town.commons.moderation.activity import DECIDERS
from town.commons.people.models import Person
from town.commons.people.organisations import Organisation, team
from town.commons.people.visit import Visitor, visitor
from town.kernel.db import Base, db, flush, now
from town.kernel.features import is_on, link_to
from town.kernel.media import Media, PictureGone, Stored, attach, pictures_of

COPIES = "moderation_report"
"""The subject of the copies of pictures that a report keeps."""

WRITES: Final = timedelta(hours=1)
"""How long somebody may take to write a report, at most: what was hidden before they began is not there for them."""


_off_the_board: dict[type[Any], Callable[[Visitor], ColumnElement[bool]]] = {}


def off_the_board(model: type[Any], meant_for: Callable[[Visitor], ColumnElement[bool]]) -> None:
    """Declare what people read and no list of the town shows, such as what one neighbour says of another.

    It has `as_card()`, how its card would look, and `hide()` and `show_again()`, by which its own queries know.
    meant_for: the condition that it is for this viewer, were it not hidden.
    """
    _off_the_board[model] = meant_for


def fields_of(thing: Any) -> CardFields | None:
    """How it looks, or would look, on the board."""
    fields: CardFields | None = thing.as_card() if type(thing) in _off_the_board else thing.card()
    return fields


def find_card(viewer: Visitor, public_id: str, *, though_held: bool = False) -> Card:
    """The card of that content, which it may not have, if it is meant for this viewer; 404 otherwise.

    though_held: also for those who can no longer see it, because it was hidden while they wrote, within the hour.
    """
    public_id = public_id.replace("\x00", "")
    found = select(Card).where(Card.public_id == public_id, meant_for(viewer))
    if not viewer.has_role(*SEE_HELD):
        meanwhile = Card.hidden_at > now() - WRITES if though_held else false()
        found = found.where(or_(Card.hidden_at.is_(None), meanwhile))
    card = db.session.scalar(found) or _card_off_the_board(viewer, public_id, though_held)
    return card if card is not None and is_on(card.feature) else abort(404)


def _card_off_the_board(viewer: Visitor, public_id: str, though_held: bool) -> Card | None:
    """The card that it would have. It is in no session and is never written."""
    for model, meant in _off_the_board.items():
        thing = db.session.scalar(select(model).where(model.public_id == public_id, meant(viewer)))
        fields = thing.as_card() if thing is not None else None
        if thing is not None and fields is not None:
            card = Card(thing=thing.__tablename__, thing_id=thing.id, **row_of(thing, fields))
            meanwhile = though_held and card.hidden_at is not None and card.hidden_at > now() - WRITES
            return card if card.hidden_at is None or meanwhile or viewer.has_role(*SEE_HELD) else None
    return None


def thing_named(thing: str, public_id: str) -> Any:
    """The content itself, or None once it is gone."""
    types = (*carded_types(), *_off_the_board)
    model: Any = next((model for model in types if model.__tablename__ == thing), None)
    return db.session.scalar(select(model).where(model.public_id == public_id)) if model is not None else None


def whose(thing: Any, fields: CardFields | None) -> Person | None:
    """Who answers for it, shown on it or not: the town hall's notices show nobody, and somebody wrote them.

    For what an organisation shows or says, the first of those who run it.
    """
    shown = (fields.owner or fields.author) if fields is not None else None
    if (wrote := shown or getattr(thing, "author", None)) is not None:
        return wrote
    organisation = speaking(thing, fields)
    first = db.session.scalar(team(organisation.id).limit(1)) if organisation is not None else None
    return first.person if first is not None else None


def speaking(thing: Any, fields: CardFields | None) -> Organisation | None:
    """The organisation in whose name it is shown, or was sent, or whose page it is."""
    shown = fields.on_behalf_of if fields is not None else None
    return shown or getattr(thing, "on_behalf_of", None) or getattr(thing, "organisation", None)


def report_url(thing: Any) -> str:
    """Where this content is reported, or nothing for its author and for what is not on the board."""
    fields = fields_of(thing)
    if fields is None:
        return ""
    return "" if _own(thing, fields) else link_to("moderation.new", public_id=thing.public_id)


def reasons_url(thing: Any) -> str:
    """Where the reasons for its hold are read: by its author, or by those who decide."""
    held = hold_over(thing)
    public_id = held.public_id if held is not None else thing.public_id  # of the whole, for what is hidden with it
    if _own(thing, fields_of(thing)):
        return link_to("moderation.statement", public_id=public_id)
    return link_to("moderation.case", public_id=public_id) if visitor().has_role(*DECIDERS) else ""


def _own(thing: Any, fields: CardFields | None) -> bool:
    author = whose(thing, fields) if visitor().signed_in else None
    return author is not None and visitor().is_person(author.id)


def hide(thing: Any, why: str) -> bool:
    """Put it under a hold, everywhere, in this transaction, with what is part of it.

    False when it was hidden already, perhaps less firmly.
    """
    _lock(thing)
    hold = hold_on(thing)
    if hold is not None:
        hold.why = why
        flush()
        return False
    db.session.add(Hold(thing=thing.__tablename__, public_id=thing.public_id, why=why))
    flush()
    if type(thing) in _off_the_board:
        thing.hide()
    else:
        _publish_whole(thing)
    return True


def show(thing: Any) -> bool:
    """Lift the hold: it is where it was, with all that belongs to it. False when nothing hid it."""
    _lock(thing)
    lifted = db.session.execute(
        delete(Hold)
        .where(Hold.thing == thing.__tablename__, Hold.public_id == thing.public_id)
        .returning(Hold.id)
        .execution_options(synchronize_session=False)
    ).scalar()
    if type(thing) in _off_the_board:
        thing.show_again()
    else:
        _publish_whole(thing)
    return lifted is not None


def _publish_whole(thing: Any) -> None:
    publish(thing)
    for part in getattr(thing, "parts", tuple)():
        publish(part)


def _lock(thing: Any) -> None:
    """Whoever changes or publishes it at this moment waits, or is waited for: neither misses what the other did."""
    model: type[Base] = type(thing)
    db.session.execute(select(model.id).where(model.id == thing.id).with_for_update())


def snapshot(thing: Any, fields: CardFields) -> dict[str, Any]:
    """What it says now, as JSON: {"title", "words", "detail", "author"}. The author only if the card shows one.

    What has no excerpt, such as an offer, is all said by its title and detail: its body is for the search alone.
    """
    shown = fields.on_behalf_of or fields.author
    return {
        "title": fields.title,
        "words": (fields.body or fields.excerpt) if fields.excerpt else "",
        "detail": fields.detail,
        "author": shown.name if shown else "",
    }


def fingerprint(thing: Any, said: dict[str, Any]) -> str:
    """The same for the same words and pictures."""
    pictures = db.session.scalars(pictures_of(thing.__tablename__, thing.id).with_only_columns(Media.sha256)).all()
    return hashlib.sha256(json.dumps([said["title"], said["words"], *pictures]).encode()).hexdigest()


def keep_pictures(thing: Any, report_id: int) -> None:
    """Copies of its pictures, which stay with the report when the author takes them off. Files are only linked."""
    for picture in db.session.scalars(pictures_of(thing.__tablename__, thing.id)).all():
        same = Stored(
            picture.name, picture.width, picture.height, picture.colour, bytes=picture.bytes, sha256=picture.sha256
        )
        with suppress(PictureGone):
            attach([same], COPIES, report_id, uploaded_by=picture.uploaded_by, alts=[picture.alt])
