"""The board: one card for each thing people may see. Home, search, digests, paper and feeds read cards.

A card is a cache, written in the same transaction as its thing by the thing's own verbs: `publish(self)` and
`withdraw(self)`. Nothing listens behind the scenes. `town check` rebuilds every card and compares. A thing under a hold
keeps its card, hidden.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol, runtime_checkable

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    and_,
    delete,
    insert,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from town.commons import search
from town.commons.holds import Holds, all_holds, hold_over
from town.commons.people.models import Person
from town.commons.people.organisations import Organisation
from town.commons.people.visit import Visitor
from town.commons.places.concerns import Concerns
from town.kernel.codes import code_of
from town.kernel.db import Base, Moment, db, flush, now
from town.kernel.inventory import not_mine

PUBLIC, CERTIFIED, STAFF, PARTIES = "public", "certified", "staff", "parties"
"""Who may read: anybody; certified neighbours; staff and the owner; the owner alone (others by the thing itself)."""

EXCERPT = 240
CODE = 5
"""Characters of a card's code. Paper shows it, `/f/<code>` leads to the card."""

_LIVING = text("hidden_at IS NULL")


def _code(context: Any) -> str:
    """For rows written without the record, such as those of a bench."""
    return code_of(context.get_current_parameters()["public_id"], CODE)


class Card(Base):
    """What the town may see of one thing. `thing` and `thing_id` name it, `endpoint` and `public_id` its page."""

    __tablename__ = "card"
    __table_args__ = (
        UniqueConstraint("thing", "thing_id"),
        Index("ix_card_recent", "posted_at", "id", sqlite_where=_LIVING, postgresql_where=_LIVING),
        Index("ix_card_kind_recent", "kind", "posted_at", "id", sqlite_where=_LIVING, postgresql_where=_LIVING),
        Index("ix_card_pinned", "pinned_until", sqlite_where=text("pinned_until IS NOT NULL")),
    )

    thing: Mapped[str] = mapped_column(String(40))
    thing_id: Mapped[int]
    public_id: Mapped[str] = mapped_column(String(22), index=True)
    code: Mapped[str] = mapped_column(String(CODE), index=True, default=_code)
    feature: Mapped[str] = mapped_column(String(30))
    endpoint: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(200))
    excerpt: Mapped[str] = mapped_column(String(EXCERPT + 1))
    body: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(String(5), default="fr")
    photo: Mapped[str | None] = mapped_column(String(32))
    photo_alt: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[str] = mapped_column(String(20), default="")
    detail: Mapped[str] = mapped_column(String(120), default="")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    on_behalf_of_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    official: Mapped[bool] = mapped_column(default=False)
    visible_to: Mapped[str] = mapped_column(String(20))
    concerns: Mapped[dict[str, Any]] = mapped_column(JSON)
    posted_at: Mapped[Moment]
    updated_at: Mapped[Moment]
    expires_at: Mapped[Moment | None]
    pinned_until: Mapped[Moment | None]
    hidden_at: Mapped[Moment | None]


class CardReach(Base):
    """Under which street, quarter or town a card is found: each section of home walks one token, newest first."""

    __tablename__ = "card_reach"

    id = None  # type: ignore[assignment]  # the key is the walk itself
    token: Mapped[str] = mapped_column(String(40), primary_key=True)
    posted_at: Mapped[Moment] = mapped_column(primary_key=True)
    card_id: Mapped[int] = mapped_column(ForeignKey("card.id", ondelete="CASCADE"), primary_key=True, index=True)


@dataclass(frozen=True, slots=True)
class CardFields:
    """How a thing looks on the board.

    author: whose name is shown, if any; on_behalf_of: the organisation that is shown instead. owner: who may always
    read it, shown or not. detail: one more fact of the kind, such as « Gratuit ». official: the town hall speaks; only
    then may a card stand on white paper. news: whether home shows it when it comes; a page that is always there, such
    as a shop's, is found by search alone.
    """

    kind: str
    title: str
    endpoint: str
    visible_to: str
    concerns: Concerns
    posted_at: datetime
    excerpt: str = ""
    body: str = ""
    author: Person | None = None
    on_behalf_of: Organisation | None = None
    owner: Person | None = None
    photo: str | None = None
    photo_alt: str = ""
    state: str = ""
    detail: str = ""
    official: bool = False
    news: bool = True
    language: str = "fr"
    expires_at: datetime | None = None
    pinned_until: datetime | None = None
    hidden_at: datetime | None = None

    def tokens(self) -> list[str]:
        """Under what home finds it."""
        return self.concerns.tokens() if self.news else []


@runtime_checkable
class Carded(Protocol):
    """A thing with a card. `card()` answers None while nobody but its parties may see it.

    It may name the whole that it is `part_of`, and a whole its `parts()`: what hides the whole hides them.
    """

    __tablename__: Any
    id: Any

    @property
    def public_id(self) -> Any: ...

    def card(self) -> CardFields | None: ...


def publish(thing: Carded) -> None:
    """Write or rewrite the card of `thing`, its reach and its words, in this transaction."""
    flush()
    fields = thing.card()
    if fields is None:
        withdraw(thing)
        return
    card = _find(thing) or Card(thing=thing.__tablename__, thing_id=thing.id)
    for name, value in row_of(thing, fields).items():
        setattr(card, name, value)
    db.session.add(card)
    db.session.flush()
    db.session.execute(delete(CardReach).where(CardReach.card_id == card.id))
    rows = [{"token": token, "posted_at": card.posted_at, "card_id": card.id} for token in fields.tokens()]
    if rows:
        db.session.execute(insert(CardReach), rows)
    search.index(card.id, f"{fields.title}", f"{fields.body or fields.excerpt}", fields.language)


def withdraw(thing: Carded) -> None:
    """Take the card of `thing` off the board, in this transaction."""
    flush()
    card = _find(thing)
    if card is not None:
        search.forget(card.id)
        db.session.execute(delete(CardReach).where(CardReach.card_id == card.id))
        db.session.delete(card)
        db.session.flush()


def _find(thing: Carded) -> Card | None:
    return db.session.scalar(select(Card).where(Card.thing == thing.__tablename__, Card.thing_id == thing.id))


def row_of(thing: Carded, fields: CardFields, holds: Holds | None = None) -> dict[str, Any]:
    """The card's columns for these fields: `publish` stores them and `town check` compares them.

    holds: every hold of the town, where many cards are made at once.
    """
    hold = hold_over(thing, holds)
    return {
        "public_id": thing.public_id,
        "code": code_of(thing.public_id, CODE),
        "feature": fields.endpoint.partition(".")[0],
        "endpoint": fields.endpoint,
        "kind": fields.kind,
        "title": fields.title[:200],
        "excerpt": shorten(fields.excerpt),
        "body": fields.body,
        "language": fields.language,
        "photo": fields.photo,
        "photo_alt": fields.photo_alt[:200],
        "state": fields.state,
        "detail": fields.detail[:120],
        "author_id": fields.author.id if fields.author else None,
        "on_behalf_of_id": fields.on_behalf_of.id if fields.on_behalf_of else None,
        "owner_id": (fields.owner or fields.author).id if (fields.owner or fields.author) else None,  # type: ignore[union-attr]  # either is there
        "official": fields.official,
        "visible_to": fields.visible_to,
        "concerns": fields.concerns.to_json(),
        "posted_at": fields.posted_at,
        "updated_at": now(),
        "expires_at": fields.expires_at,
        "pinned_until": fields.pinned_until,
        "hidden_at": fields.hidden_at or (hold.at if hold else None),
    }


def shorten(words: str, limit: int = EXCERPT) -> str:
    """The beginning of a text, cut between words."""
    words = " ".join(words.split())
    if len(words) <= limit:
        return words
    return words[:limit].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"


class Reader(NamedTuple):
    """All that decides which cards somebody may read, but who they are: neighbours of a kind ask the same question."""

    certified: bool
    staff: bool
    signed_in: bool


def reader(viewer: Visitor) -> Reader:
    certified = viewer.certified or viewer.has_role("moderator")
    return Reader(certified, viewer.has_role("agent", "councillor", "admin"), viewer.signed_in)


def readable_by(viewer: Visitor, *, over: bool = False) -> ColumnElement[bool]:
    """The condition on `Card` that means: this viewer may read it now. Permission only, never relevance.

    over: also what has left the lists because its day has passed; its page stays.
    """
    return readable(reader(viewer), viewer.person_id, None if over else now())


def readable(who: Reader, person_id: Any, at: Any) -> ColumnElement[bool]:
    """The same, for a kind of reader: who they are, and when, may be `bindparam`s. at: None for what is over too."""
    condition = and_(Card.hidden_at.is_(None), _meant_for(who, person_id))
    return condition if at is None else and_(condition, or_(Card.expires_at.is_(None), Card.expires_at > at))


def meant_for(viewer: Visitor) -> ColumnElement[bool]:
    """The condition that a card is for this viewer, were it neither over nor hidden."""
    return _meant_for(reader(viewer), viewer.person_id)


def _meant_for(who: Reader, person_id: Any) -> ColumnElement[bool]:
    allowed = [Card.visible_to == PUBLIC]
    if who.certified:
        allowed.append(Card.visible_to == CERTIFIED)
    if who.staff:
        allowed.append(Card.visible_to == STAFF)
    if who.signed_in:
        allowed.append(Card.owner_id == person_id)
    return or_(*allowed)


@dataclass
class Difference:
    """A card that does not say what its thing says."""

    thing: str
    thing_id: int
    columns: list[str] = field(default_factory=list)


def carded_types() -> list[type[Any]]:
    """Every model that has cards."""
    return [mapper.class_ for mapper in Base.registry.mappers if hasattr(mapper.class_, "card")]


def stale_cards(models: Iterable[type[Any]] | None = None) -> Iterator[Difference]:
    """Rebuild every card of the current town in memory and report those that differ, lack or linger.

    models: only the cards of these.
    """
    holds = all_holds()
    for model in carded_types() if models is None else models:
        its = Card.thing == model.__tablename__
        cards = {card.thing_id: card for card in db.session.scalars(select(Card).where(its))}
        reach: defaultdict[int, set[str]] = defaultdict(set)
        for card_id, token in db.session.execute(select(CardReach.card_id, CardReach.token).join(Card).where(its)):
            reach[card_id].add(token)
        for thing in db.session.scalars(select(model)):
            fields: CardFields | None = thing.card()
            card = cards.pop(thing.id, None)
            if fields is None or card is None:
                if (fields is None) != (card is None):
                    yield Difference(model.__tablename__, thing.id, ["missing" if card is None else "lingering"])
                continue
            wanted = row_of(thing, fields, holds)
            wanted.pop("updated_at")
            wrong = [name for name, value in wanted.items() if getattr(card, name) != value]
            if reach[card.id] != set(fields.tokens()):
                wrong.append("reach")
            if wrong:
                yield Difference(model.__tablename__, thing.id, wrong)
        for orphan in cards.values():
            yield Difference(model.__tablename__, orphan.thing_id, ["lingering"])


for _whose in (Card.author_id, Card.owner_id):
    not_mine(_whose, "a card repeats its thing, which is in the copy; the thing's verbs rewrite it when a name goes")
