"""Named questions about reports. Lists are plain rows: one query whatever their length."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flask_babel import ngettext
from sqlalchemy import ColumnElement, Select, case, func, select, tuple_
from sqlalchemy.orm import aliased, joinedload

from town.blueprints.complaints.models import ENDED, PHOTOS, PHOTOS_KEPT, Complaint, ComplaintStep
from town.commons.holds import not_held
from town.commons.people.models import Person, RoleGrant
from town.commons.places.models import Quarter, Street
from town.commons.waiting import waits
from town.kernel.db import now
from town.kernel.media import Media

Rows = Select[*tuple[Any, ...]]
"""Plain rows of named columns."""

PAGE: Final = 20
BOARD_PAGE: Final = 30

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "acknowledged": ("acknowledged", "forwarded"),
    "in_progress": ("planned", "in_progress"),
    "resolved": ("resolved",),
    "declined": ("declined",),
}
"""The looks of states for everybody (DESIGN 4): what is received is not public yet, a duplicate leaves its place."""

_first_photo = (
    select(Media.name)
    .where(Media.subject_type == PHOTOS, Media.subject_id == Complaint.id, Media.deleted_at.is_(None))
    .order_by(Media.id)
    .limit(1)
    .correlate(Complaint)
    .scalar_subquery()
)


def listed(condition: ColumnElement[bool], before: int | None = None) -> Rows:
    """Reports as a list shows them, the last received first; one more than a page when there are more."""
    found = select(
        Complaint.public_id,
        Complaint.number,
        Complaint.category,
        Complaint.state,
        Complaint.title,
        Complaint.shown_words,
        Complaint.shown_place,
        Complaint.published_at,
        Complaint.received_at,
        Complaint.me_too,
        Complaint.reporter_id,
        _first_photo.label("photo"),
    ).where(condition)
    if before is not None:
        found = found.where(Complaint.number < before)
    return found.order_by(Complaint.number.desc()).limit(PAGE + 1)


def public_reports() -> ColumnElement[bool]:
    """The condition that everybody reads it in the list: a duplicate leaves its place to the other."""
    return Complaint.published_at.is_not(None) & (Complaint.state != "duplicate") & not_held(Complaint)


def steps_of(report: Complaint, *, internal: bool = False) -> Select[ComplaintStep]:
    """The timeline, oldest first, with who wrote; the notes of colleagues only for them."""
    found = select(ComplaintStep).where(ComplaintStep.complaint_id == report.id)
    if not internal:
        found = found.where(~ComplaintStep.internal)
    return found.options(joinedload(ComplaintStep.by)).order_by(ComplaintStep.id)


def photos_of(report: Complaint, *, kept: bool = False) -> Select[Media]:
    """Its photos, in the order they were sent; those kept inside only for staff and its reporter."""
    sorts = (PHOTOS, PHOTOS_KEPT) if kept else (PHOTOS,)
    found = select(Media).where(Media.subject_type.in_(sorts), Media.subject_id == report.id)
    return found.where(Media.deleted_at.is_(None)).order_by(Media.id)


def colleagues() -> Select[Person]:
    """Who may follow up a report."""
    held = select(RoleGrant.person_id).where(RoleGrant.role.in_(("agent", "councillor", "admin")))
    return select(Person).where(Person.id.in_(held), Person.left_at.is_(None)).order_by(Person.last_name)


# --- The desk

_unread = Complaint.state == "received"
_open = Complaint.closed_at.is_(None)
_unanswered = _open & Complaint.answered_at.is_(None)

VIEWS: Final[Mapping[str, ColumnElement[bool]]] = {
    "open": _open,
    "unread": _unread,
    "unanswered": _unanswered,
    "acknowledged": Complaint.state == "acknowledged",
    "planned": Complaint.state == "planned",
    "in_progress": Complaint.state == "in_progress",
    "forwarded": Complaint.state == "forwarded",
    "resolved": Complaint.state == "resolved",
    "declined": Complaint.state == "declined",
    "duplicate": Complaint.state == "duplicate",
    "all": Complaint.id.is_not(None),
}


def tallies(month_ago: datetime) -> Rows:
    """All the figures of the board at once: by quarter and street, so that any of them is a sum of these rows."""

    def how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, 1), else_=0))

    def where(degrees: Any) -> ColumnElement[float]:
        return func.avg(case((_open, degrees), else_=None))

    return (
        select(
            Quarter.public_id.label("quarter_id"),
            Quarter.name.label("quarter"),
            Street.public_id.label("street_id"),
            Street.name.label("street"),
            how_many(_unread).label("unread"),
            how_many(_unanswered).label("unanswered"),
            how_many(_open).label("open"),
            how_many((Complaint.state == "resolved") & (Complaint.closed_at >= month_ago)).label("resolved"),
            where(Complaint.shown_lon).label("lon"),
            where(Complaint.shown_lat).label("lat"),
        )
        .select_from(Complaint)
        .outerjoin(Quarter, Quarter.id == Complaint.quarter_id)
        .outerjoin(Street, Street.id == Complaint.street_id)
        .group_by(Quarter.id, Street.id)
    )


def a_month_ago() -> datetime:
    return now() - timedelta(days=30)


SORTS: Final = {
    "oldest": (Complaint.received_at, True),
    "newest": (Complaint.received_at, False),
    "neighbours": (Complaint.me_too, False),
}


def board(narrow: list[ColumnElement[bool]], sort: str, after: str = "") -> Rows:
    """A page of the board, as rows, and one more when there are more."""
    agent = aliased(Person)
    key, rising = SORTS[sort]
    found = (
        select(
            Complaint.id,
            Complaint.public_id,
            Complaint.number,
            Complaint.title,
            Complaint.category,
            Complaint.state,
            Complaint.me_too,
            Complaint.received_at,
            Complaint.answered_at,
            Complaint.closed_at,
            Complaint.published_at,
            Complaint.shown_place,
            Quarter.name.label("quarter"),
            agent.first_name,
            agent.last_name,
        )
        .outerjoin(Quarter, Quarter.id == Complaint.quarter_id)
        .outerjoin(agent, agent.id == Complaint.assigned_to_id)
        .where(*narrow)
    )
    place = _place(sort, after)
    if place is not None:
        here, there = tuple_(key, Complaint.id), tuple_(*place)
        found = found.where(here > there if rising else here < there)
    order = (key.asc(), Complaint.id.asc()) if rising else (key.desc(), Complaint.id.desc())
    return found.order_by(*order).limit(BOARD_PAGE + 1)


def cursor(row: Any, sort: str) -> str:
    """Where the page that ends with this row goes on."""
    value = row.me_too if sort == "neighbours" else round(row.received_at.timestamp() * 1_000_000)
    return f"{value}-{row.id}"


def _place(sort: str, text: str) -> tuple[Any, int] | None:
    value, _dash, number = text.partition("-")
    if not (text.isascii() and value.isdigit() and number.isdigit() and len(text) < 40):
        return None
    if sort == "neighbours":
        return min(int(value), 2**31), min(int(number), 2**62)
    try:
        return datetime.fromtimestamp(int(value) / 1_000_000, UTC), min(int(number), 2**62)
    except (OverflowError, ValueError, OSError):
        return None


def endings(since: datetime) -> Select[str, str | None, int]:
    """How reports ended, each way counted apart: resolved, declined by reason, duplicate."""
    found = select(Complaint.state, Complaint.why, func.count()).where(Complaint.state.in_(ENDED))
    return found.where(Complaint.closed_at >= since).group_by(Complaint.state, Complaint.why)


# --- What waits

waits(
    "complaints",
    lambda: select(func.count(), func.min(Complaint.received_at)).where(_unread),
    lambda count: ngettext("%(num)s report to read", "%(num)s reports to read", count),
    endpoint="complaints.board",
    icon="received",
    minutes=2,
    state="unread",
)
waits(
    "complaints",
    lambda: select(func.count(), func.min(Complaint.received_at)).where(_unanswered, ~_unread),
    lambda count: ngettext("%(num)s report to answer", "%(num)s reports to answer", count),
    endpoint="complaints.board",
    icon="message",
    minutes=10,
    state="unanswered",
)
