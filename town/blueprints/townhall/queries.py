"""Notices to read and to go on writing, and the places they may concern."""

from datetime import datetime
from typing import Any

from flask_babel import ngettext
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union_all
from sqlalchemy.orm import selectinload

from town.blueprints.townhall.models import DRAFT, PUBLISHED, Notice
from town.blueprints.townhall.policy import WRITERS
from town.commons.holds import not_held, open_to
from town.commons.people.visit import Visitor
from town.commons.places.models import Address, Quarter, Street
from town.commons.waiting import waits

PAGE = 20
Rows = Select[*tuple[Any, ...]]


def readable(viewer: Visitor) -> Select[Notice]:
    """What this viewer may open: everything that was ever published, and drafts for those who write them."""
    found = select(Notice).options(selectinload(Notice.corrections))
    return found if viewer.has_role(*WRITERS) else found.where(Notice.state != DRAFT, open_to(viewer, Notice))


def drafts_and_published(viewer: Visitor, before: tuple[datetime, int] | None = None) -> Rows:
    """The town hall's board in one query: published notices newest first, one row more than a page.

    On the first page, those who write find their drafts above.
    """
    columns = (
        Notice.id,
        Notice.public_id,
        Notice.title,
        Notice.words,
        Notice.kind,
        Notice.state,
        Notice.places,
        Notice.signature,
        Notice.language,
        Notice.published_at,
        Notice.created_at,
        Notice.pinned_until,
        Notice.ends_on,
    )
    published = select(*columns).where(Notice.state == PUBLISHED, not_held(Notice))
    if before is not None:
        published = published.where(_earlier(*before))
    published = published.order_by(Notice.published_at.desc(), Notice.id.desc()).limit(PAGE + 1)
    if before is not None or not viewer.has_role(*WRITERS):
        return published
    drafts = select(*columns).where(Notice.state == DRAFT).order_by(Notice.id.desc()).limit(PAGE)
    first, second = drafts.subquery(), published.subquery()
    both = union_all(select(first), select(second)).subquery()
    order = (both.c.state, both.c.published_at.desc(), both.c.id.desc())
    return select(both).order_by(*order)


def latest(count: int) -> Select[str]:
    """The public ids of the last published notices."""
    found = select(Notice.public_id).where(Notice.state == PUBLISHED, not_held(Notice))
    return found.order_by(Notice.published_at.desc(), Notice.id.desc()).limit(count)


def _earlier(moment: datetime, number: int) -> ColumnElement[bool]:
    same = and_(Notice.published_at == moment, Notice.id < number)
    return or_(Notice.published_at < moment, same)


def quarters_with_households() -> Rows:
    """Each quarter with the number of its addresses."""
    found = select(Quarter.id, Quarter.public_id, Quarter.name, func.count(Address.id).label("households"))
    living = and_(Address.quarter_id == Quarter.id, Address.retired_at.is_(None))
    return found.outerjoin(Address, living).group_by(Quarter.id).order_by(Quarter.name)


def streets_by_name() -> Rows:
    return select(Street.id, Street.public_id, Street.name, Street.folded).order_by(Street.folded)


def street_ids_for_map(quarters: tuple[int, ...], streets: tuple[int, ...]) -> Select[str]:
    """The public ids of the streets to colour on a map: those concerned and those of the quarters concerned."""
    within = select(Address.street_id).where(Address.quarter_id.in_(quarters))
    return select(Street.public_id).where(or_(Street.id.in_(streets), Street.id.in_(within))).order_by(Street.id)


def drafts_waiting() -> Select[int, Any]:
    """How many notices are half written, and since when the first is."""
    return select(func.count(), func.min(Notice.created_at)).where(Notice.state == DRAFT)


def last_signature(person_id: int | None) -> Select[str]:
    """How this person signed the last time."""
    return select(Notice.signature).where(Notice.author_id == person_id).order_by(Notice.id.desc()).limit(1)


waits(
    "townhall",
    drafts_waiting,
    lambda n: ngettext("%(num)s notice half written", "%(num)s notices half written", n),
    endpoint="townhall.index",
    icon="pencil",
    minutes=4,
)
