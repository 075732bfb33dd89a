"""Questions about the shelf and about loans."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, false, func, or_, select
from sqlalchemy.orm import joinedload

from town.blueprints.lending.models import OPEN, REQUESTED, Item, Loan
from town.commons.bookings import Booking
from town.commons.bookings.models import BLOCKING
from town.commons.holds import not_held, open_to
from town.commons.people.models import Person, short_name
from town.commons.people.organisations import Organisation
from town.commons.people.visit import Visitor
from town.commons.places.models import Quarter
from town.kernel.db import now
from town.kernel.policy import may

PAGE = 24


@dataclass(frozen=True, slots=True)
class ShelfRow:
    """An item as the shelf shows it. `busy_until`: the last moment of whoever has it right now.

    organisation: in whose name it is lent, if not its owner's own; organisation_sort: which sort of organisation.
    """

    public_id: str
    title: str
    excerpt: str
    category: str
    photo: str | None
    quarter: str
    owner_name: str
    owner_certified: bool
    owner_id: int | None
    organisation: str
    organisation_sort: str
    busy_until: datetime | None


def shelf(category: str = "", quarter: str = "", after: str = "") -> Select[Any]:
    """What stands on the shelf, newest first, one row more than a page. `quarter` and `after` are public ids."""
    busy = (
        select(func.max(Booking.ends))
        .where(Booking.thing == Item.__tablename__, Booking.thing_id == Item.id, Booking.state.in_(BLOCKING))
        .where(Booking.starts <= now(), Booking.free_from > now())
        .correlate(Item)
        .scalar_subquery()
    )
    columns: tuple[Any, ...] = (
        Item.public_id,
        Item.title,
        Item.description,
        Item.category,
        Item.photo,
        Quarter.name.label("quarter"),
        Item.owner_id,
        Person.first_name,
        Person.last_name,
        Person.certified_until,
        Organisation.name.label("organisation"),
        Organisation.sort.label("organisation_sort"),
        busy.label("busy_until"),
    )
    found: Select[Any] = (
        select(*columns)
        .join(Person, Person.id == Item.owner_id)
        .outerjoin(Quarter, Quarter.id == Item.quarter_id)
        .outerjoin(Organisation, Organisation.id == Item.on_behalf_of_id)
        .where(Item.withdrawn_at.is_(None), not_held(Item))
    )
    if category:
        found = found.where(Item.category == category)
    if quarter:
        found = found.where(Item.quarter_id == _id_of(Quarter, quarter))
    if after:
        found = found.where(Item.id < _id_of(Item, after))
    return found.order_by(Item.id.desc()).limit(PAGE + 1)


def _id_of(model: Any, public_id: str) -> ColumnElement[int]:
    """The number behind an address, looked up in the same statement; an unknown one finds nothing."""
    found: ColumnElement[int] = select(model.id).where(model.public_id == public_id).scalar_subquery()
    return found


def shelf_row(row: Row[Any]) -> ShelfRow:
    return ShelfRow(
        public_id=row.public_id,
        title=row.title,
        excerpt=row.description,
        category=row.category,
        photo=row.photo,
        quarter=row.quarter or "",
        owner_name=short_name(row.first_name, row.last_name),
        owner_certified=row.certified_until is not None and row.certified_until > now(),
        owner_id=row.owner_id,
        organisation=row.organisation or "",
        organisation_sort=row.organisation_sort or "",
        busy_until=row.busy_until - timedelta(seconds=1) if row.busy_until else None,
    )


def items_for(viewer: Visitor) -> Select[Item]:
    """The items that this viewer may open: the shelf, for those who may read it, and what they own or borrowed."""
    borrowed = select(Loan.id).where(Loan.item_id == Item.id, Loan.borrower_id == viewer.person_id).exists()
    mine = or_(Item.owner_id == viewer.person_id, borrowed) if viewer.signed_in else false()
    seen = or_(Item.withdrawn_at.is_(None), mine) if may("browse", Item) else mine
    found = select(Item).where(seen, open_to(viewer, Item, Item.owner_id))
    return found.options(joinedload(Item.owner), joinedload(Item.quarter), joinedload(Item.on_behalf_of))


def items_of(person_id: int, after: str = "") -> Select[Item]:
    """A neighbour's own items, on the shelf or not, newest first, one more than a page."""
    found = select(Item).where(Item.owner_id == person_id)
    if after:
        found = found.where(Item.id < _id_of(Item, after))
    return found.order_by(Item.id.desc()).limit(PAGE + 1)


def loans_of(person_id: int) -> Select[Loan]:
    """The loans in which a person takes part, on either side, newest first."""
    return (
        select(Loan)
        .join(Item, Item.id == Loan.item_id)
        .where(or_(Loan.borrower_id == person_id, Item.owner_id == person_id))
        .options(joinedload(Loan.item).joinedload(Item.owner), joinedload(Loan.borrower))
        .options(joinedload(Loan.item).joinedload(Item.on_behalf_of), joinedload(Loan.on_behalf_of))
        .order_by(Loan.id.desc())
    )


def under_way(person_id: int) -> Select[Loan]:
    """Those that are not over; what waits for an answer comes first."""
    found = loans_of(person_id).where(Loan.state.in_(OPEN)).order_by(None)
    return found.order_by(Loan.state != REQUESTED, Loan.id.desc())


def past(person_id: int, after: str = "") -> Select[Loan]:
    """Those that are over, one more than a page."""
    found = loans_of(person_id).where(Loan.state.not_in(OPEN))
    if after:
        found = found.where(Loan.id < _id_of(Loan, after))
    return found.limit(PAGE + 1)
