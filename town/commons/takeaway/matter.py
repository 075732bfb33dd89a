"""What the reader's pages show: cards, as they stand on the board at that moment, by kind, newest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, or_, select

from town.commons.board import CERTIFIED, PUBLIC, STAFF, Card, readable_by
from town.commons.people.models import Person, short_name
from town.commons.people.organisations import Organisation
from town.commons.people.visit import Visitor
from town.kernel.db import db, now
from town.kernel.tenancy import current_town

ANYBODY: Final = Visitor()
AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Piece:
    """One card of a page. `author` is an organisation; or, in the town hall's copy alone, a neighbour."""

    thing: str
    thing_id: int
    anchor: str
    kind: str
    title: str
    body: str
    state: str
    detail: str
    author: str
    official: bool
    language: str
    posted_at: datetime
    over: bool
    photo: str
    photo_alt: str


def for_anybody() -> ColumnElement[bool]:
    """What anybody may read, past things included, of the features that are on."""
    return and_(readable_by(ANYBODY, over=True), _on())


def for_the_town_hall() -> ColumnElement[bool]:
    """What is on the board for anybody, for certified neighbours or for staff; not what is between two people."""
    return and_(Card.hidden_at.is_(None), or_(*(Card.visible_to == who for who in (PUBLIC, CERTIFIED, STAFF))))


def _on() -> ColumnElement[bool]:
    off = current_town().features_off
    return Card.feature.not_in(sorted(off)) if off else Card.id.is_not(None)


def kinds(among: ColumnElement[bool]) -> dict[str, int]:
    """Which kinds there are, and how many of each, the town hall's first."""
    count = func.count().label("number")
    found = select(Card.kind, count).where(among).group_by(Card.kind).order_by(Card.kind != "notice", Card.kind)
    return {row.kind: row.number for row in db.session.execute(found)}


def pieces(among: ColumnElement[bool], kind: str, *, names: bool) -> Iterator[Piece]:
    """The cards of one kind, newest first. names: neighbours are named, « Prénom N. »."""
    found: Any = (
        select(Card, Person.first_name, Person.last_name, Organisation.name)
        .outerjoin(Person, Person.id == Card.author_id)
        .outerjoin(Organisation, Organisation.id == Card.on_behalf_of_id)
        .where(among, Card.kind == kind)
        .order_by(Card.posted_at.desc(), Card.id.desc())
    )
    moment = now()
    for card, first, last, organisation in db.session.execute(found.execution_options(yield_per=AT_ONCE)):
        neighbour = short_name(first, last or "") if names and first else ""
        yield Piece(
            thing=card.thing,
            thing_id=card.thing_id,
            anchor=card.public_id,
            kind=card.kind,
            title=card.title,
            body=_words(card),
            state=card.state,
            detail=card.detail,
            author=organisation or neighbour,
            official=card.official,
            language=card.language,
            posted_at=card.posted_at,
            over=card.expires_at is not None and card.expires_at < moment,
            photo=card.photo or "",
            photo_alt=card.photo_alt,
        )


def _words(card: Card) -> str:
    """A card's excerpt where it is whole; its body, made for the search, holds more than its words. No title twice."""
    whole = card.excerpt and not card.excerpt.endswith("…")
    words, title = card.excerpt if whole else card.body or card.excerpt, card.title
    return words[len(title) :].lstrip(" .,;:!?") if words.startswith(title) else words


def still_public(made_at: datetime) -> int:
    """How many of the cards that a public copy of that moment holds may still be read, word for word, by anybody."""
    return db.session.scalar(select(func.count()).where(for_anybody(), Card.updated_at <= made_at)) or 0
