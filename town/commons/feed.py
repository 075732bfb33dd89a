"""Mixed lists: cards as plain rows, newest first, walked by keyset. Every list is one query, whatever its length."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Executable,
    Row,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    exists,
    literal,
    select,
    tuple_,
    union_all,
)

from town.commons.board import Card, CardReach, Reader, readable, readable_by, reader
from town.commons.people.models import Person, short_name
from town.commons.people.organisations import PAGES, Organisation
from town.commons.people.visit import Visitor, visitor
from town.kernel.db import db, now
from town.kernel.features import link_to
from town.kernel.questions import Question
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
    return _cards(readable_by(viewer, over=over), current_town().features_off)


def _cards(may_be_read: ColumnElement[bool], off: frozenset[str]) -> Select[Any]:
    found: Select[Any] = (
        select(*_COLUMNS)
        .outerjoin(Person, Person.id == Card.author_id)
        .outerjoin(Organisation, Organisation.id == Card.on_behalf_of_id)
        .where(may_be_read)
    )
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


class _Home(NamedTuple):
    """A way to ask for home. sections: their names, the nearest first; `only` asks for one, `further` from a cursor."""

    who: Reader
    off: frozenset[str]
    sections: tuple[str, ...]
    only: str
    further: bool
    narrow: ColumnElement[bool] | None


_SIZES = {"street": 5, "quarter": 10, "town": PAGE}


@lru_cache(maxsize=256)
def _home(asked: _Home) -> Question:
    return Question(lambda: _every_section(asked))


def _every_section(asked: _Home) -> Executable:
    """One walk a section, each by its own keyset, and the urgent card, which is the last to have been pinned."""
    at = bindparam("at", type_=Card.posted_at.type)
    found = _cards(readable(asked.who, bindparam("me", type_=Card.owner_id.type), at), asked.off)
    walks: list[Select[Any]] = []
    for number, section in enumerate(asked.sections):
        if not asked.only or asked.only == section:
            walks.append(_labelled(section, _walk(found, asked, section, asked.sections[:number]).subquery()))
    if not asked.only:
        # Few are pinned: found first, by their own index, lest the newest of all cards be tried one by one.
        pinned = select(Card.id).where(Card.pinned_until.is_not(None), Card.pinned_until > at)
        urgent = found.where(Card.id.in_(pinned)).order_by(Card.posted_at.desc()).limit(1)
        walks.append(_labelled("urgent", urgent.subquery()))
    return union_all(*walks) if len(walks) > 1 else walks[0]


def _walk(found: Select[Any], asked: _Home, section: str, nearer: tuple[str, ...]) -> Select[Any]:
    """The cards of a token, without those that a nearer section shows."""
    found = found.join(CardReach, CardReach.card_id == Card.id).where(CardReach.token == bindparam(section))
    if asked.narrow is not None:
        found = found.where(asked.narrow)
    for name in nearer:
        # With its moment, which is the same: then each look-up is one step in the table's own order.
        other = CardReach.__table__.alias(f"in_{name}")
        same = and_(other.c.card_id == CardReach.card_id, other.c.posted_at == CardReach.posted_at)
        found = found.where(~exists().where(and_(other.c.token == bindparam(name), same)))
    if asked.further:
        place = tuple_(bindparam("moment", type_=Card.posted_at.type), bindparam("number", type_=Card.id.type))
        found = found.where(tuple_(CardReach.posted_at, CardReach.card_id) < place)
    size = PAGE if asked.only else _SIZES[section]
    return found.order_by(CardReach.posted_at.desc(), CardReach.card_id.desc()).limit(size + 1)


def home_sections(
    viewer: Visitor, narrow: ColumnElement[bool] | None = None, only: str = "", before: str = ""
) -> dict[str, list[CardRow]]:
    """My street, my quarter, the town, and the urgent card, in one query: `{"urgent": [...], "street": [...], ...}`.

    A section holds one row more than a page when there is more. `only` asks for one section, from `before` on.
    `narrow` must be made once: its question is known again by it.
    """
    tokens = {"town": "town"}
    if viewer.quarter_id:
        tokens = {"quarter": f"quarter:{viewer.quarter_id}", **tokens}
    if viewer.street_id:
        tokens = {"street": f"street:{viewer.street_id}", **tokens}
    found: dict[str, list[CardRow]] = {section: [] for section in ("urgent", *tokens)}
    if only and only not in tokens:
        return found
    place = _place(before) if only else None
    asked = _Home(reader(viewer), current_town().features_off, tuple(tokens), only, place is not None, narrow)
    moment, number = place or (None, None)
    values = {"at": now(), "me": viewer.person_id, "moment": moment, "number": number, **tokens}
    for row in _home(asked).ask(**values):
        found[row.section].append(card_row(row))
    return found


def _labelled(section: str, walk: Subquery) -> Select[Any]:
    columns: list[ColumnElement[Any]] = [literal(section, String).label("section"), *walk.c]
    return select(*columns)


def section_size(section: str, only: str) -> int:
    """How many cards a section shows before « Plus anciens »."""
    return PAGE if only else _SIZES.get(section, PAGE)


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
