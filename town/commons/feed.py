"""Mixed lists: cards as plain rows, newest first, walked by keyset. Every list is one query, whatever its length."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, Subquery, and_, exists, literal, select, tuple_, union_all

from town.commons.board import Card, CardReach, readable_by
from town.commons.people.models import Person, short_name
from town.commons.people.organisations import PAGES, Organisation
from town.commons.people.visit import Visitor, visitor
from town.kernel.db import db, now
from town.kernel.features import link_to
from town.kernel.tenancy import current_town

PAGE = 20


@dataclass(frozen=True, slots=True)
class CardRow:
    """A card as a page shows it. The author's name and badge are joined at every reading, never stored."""

    kind: str
    title: str
    excerpt: str
    endpoint: str
    public_id: str
    posted_at: datetime
    state: str
    detail: str
    official: bool
    photo: str
    photo_alt: str
    author_name: str
    author_certified: bool
    author_public_id: str
    author_sort: str
    own: bool
    pinned: bool
    language: str
    cursor: str

    @property
    def url(self) -> str:
        return link_to(self.endpoint, public_id=self.public_id)

    @property
    def report_url(self) -> str:
        """Where somebody else says that it breaks the rules."""
        return "" if self.own else link_to("moderation.new", public_id=self.public_id)

    @property
    def author_url(self) -> str:
        """Their page, for who may see it."""
        if self.author_sort:
            return link_to(PAGES.get(self.author_sort, ""), public_id=self.author_public_id)
        known = self.author_public_id and self.author_certified and visitor().certified
        return link_to("neighbours.person", public_id=self.author_public_id) if known else ""

    @property
    def status(self) -> str:
        """The state that a complaint's chip shows."""
        return self.state if self.kind == "complaint" else ""


_COLUMNS: tuple[Any, ...] = (
    Card.id,
    Card.public_id,
    Card.endpoint,
    Card.kind,
    Card.title,
    Card.excerpt,
    Card.posted_at,
    Card.state,
    Card.detail,
    Card.official,
    Card.photo,
    Card.photo_alt,
    Card.pinned_until,
    Card.language,
    Card.owner_id,
    Person.first_name,
    Person.last_name,
    Person.certified_until,
    Person.public_id.label("author_public_id"),
    Organisation.name.label("organisation"),
    Organisation.sort.label("organisation_sort"),
    Organisation.public_id.label("organisation_public_id"),
)


def cards(viewer: Visitor, *, over: bool = False) -> Select[Any]:
    """Every card that this viewer may read now, of the features that are on. Narrow it with `.where(...)`."""
    found: Select[Any] = (
        select(*_COLUMNS)
        .outerjoin(Person, Person.id == Card.author_id)
        .outerjoin(Organisation, Organisation.id == Card.on_behalf_of_id)
        .where(readable_by(viewer, over=over))
    )
    off = current_town().features_off
    return found.where(Card.feature.not_in(off)) if off else found


def recent(found: Select[Any], limit: int = PAGE, before: str = "") -> Select[Any]:
    """Newest first, from the cursor on."""
    place = _place(before)
    if place is not None:
        found = found.where(tuple_(Card.posted_at, Card.id) < tuple_(*place))
    return found.order_by(Card.posted_at.desc(), Card.id.desc()).limit(limit)


def _place(cursor: str) -> tuple[datetime, int] | None:
    """Where a cursor stands; a tampered one means the first page."""
    micros, _, number = cursor.partition("-")
    if not (micros.isascii() and micros.isdigit() and number.isascii() and number.isdigit() and len(cursor) < 40):
        return None
    try:
        return datetime.fromtimestamp(int(micros) / 1_000_000, UTC), min(int(number), 2**62)
    except (OverflowError, ValueError, OSError):
        return None


def _walk(
    viewer: Visitor, token: str, but: Sequence[str], limit: int, before: str, narrow: ColumnElement[bool] | None
) -> Select[Any]:
    """One section of home: the cards of a token, without those a nearer section shows."""
    found = cards(viewer).join(CardReach, CardReach.card_id == Card.id).where(CardReach.token == token)
    if narrow is not None:
        found = found.where(narrow)
    if but:
        nearer = CardReach.__table__.alias("nearer")
        found = found.where(~exists().where(and_(nearer.c.card_id == Card.id, nearer.c.token.in_(but))))
    place = _place(before)
    if place is not None:
        found = found.where(tuple_(CardReach.posted_at, CardReach.card_id) < tuple_(*place))
    return found.order_by(CardReach.posted_at.desc(), CardReach.card_id.desc()).limit(limit)


def home_sections(
    viewer: Visitor, narrow: ColumnElement[bool] | None = None, only: str = "", before: str = ""
) -> dict[str, list[CardRow]]:
    """My street, my quarter, the town, and the urgent card, in one query: `{"urgent": [...], "street": [...], ...}`.

    A section holds one row more than a page when there is more. `only` asks for one section, from `before` on.
    """
    tokens = {"town": "town"}
    if viewer.quarter_id:
        tokens = {"quarter": f"quarter:{viewer.quarter_id}", **tokens}
    if viewer.street_id:
        tokens = {"street": f"street:{viewer.street_id}", **tokens}
    sizes = {"street": 5, "quarter": 10, "town": PAGE}
    walks: list[Select[Any]] = []
    nearer: list[str] = []
    for section, token in tokens.items():
        if not only or only == section:
            size = PAGE if only else sizes[section]
            walk = _walk(viewer, token, tuple(nearer), size + 1, before if only else "", narrow).subquery()
            walks.append(_labelled(section, walk))
        nearer.append(token)
    if not only:
        pinned = cards(viewer).where(Card.pinned_until > now()).order_by(Card.posted_at.desc()).limit(1).subquery()
        walks.append(_labelled("urgent", pinned))
    found: dict[str, list[CardRow]] = {section: [] for section in ("urgent", *tokens)}
    if walks:
        for row in db.session.execute(union_all(*walks) if len(walks) > 1 else walks[0]):
            found[row.section].append(card_row(row))
    return found


def _labelled(section: str, walk: Subquery) -> Select[Any]:
    columns: list[ColumnElement[Any]] = [literal(section, String).label("section"), *walk.c]
    return select(*columns)


def section_size(section: str, only: str) -> int:
    """How many cards a section shows before « Plus anciens »."""
    return PAGE if only else {"street": 5, "quarter": 10}.get(section, PAGE)


def card_row(row: Row[Any]) -> CardRow:
    """A row of `cards()`, dressed for a page."""
    return CardRow(
        kind=row.kind,
        title=row.title,
        excerpt=row.excerpt,
        endpoint=row.endpoint,
        public_id=row.public_id,
        posted_at=row.posted_at,
        state=row.state,
        detail=row.detail,
        official=row.official,
        photo=f"/media/{row.photo}/card.webp" if row.photo else "",
        photo_alt=row.photo_alt,
        author_name=row.organisation or (short_name(row.first_name, row.last_name or "") if row.first_name else ""),
        author_certified=not row.organisation and row.certified_until is not None and row.certified_until > now(),
        author_public_id=row.organisation_public_id or row.author_public_id or "",
        author_sort=row.organisation_sort or "",
        own=visitor().is_person(row.owner_id),
        pinned=row.pinned_until is not None and row.pinned_until > now(),
        language=row.language,
        cursor=f"{round(row.posted_at.timestamp() * 1_000_000)}-{row.id}",
    )


def card_rows(found: Select[Any]) -> list[CardRow]:
    return [card_row(row) for row in db.session.execute(found)]
