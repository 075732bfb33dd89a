"""Questions about associations, missions and hours."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, case, cast, false, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from town.blueprints.associations.models import Association, Mission
from town.commons.holds import not_held, open_to
from town.commons.people.organisations import Membership, Organisation
from town.commons.people.visit import Visitor
from town.commons.signups import CAME, STANDING, Signup, Slot
from town.kernel.db import db, now

PAGE = 24


def directory(theme: str = "", after: str = "") -> Select[Any]:
    """Associations by name, one row more than a page. `after` is the public id of the last one seen."""
    missions = (
        select(func.count())
        .where(Mission.association_id == Association.id, _called())
        .correlate(Association)
        .scalar_subquery()
    )
    columns: tuple[Any, ...] = (
        Association.public_id,
        Organisation.name,
        Organisation.folded,
        Association.theme,
        Association.purpose,
        Association.photo,
        missions.label("missions"),
    )
    found: Select[Any] = (
        select(*columns)
        .join(Organisation, Organisation.id == Association.organisation_id)
        .where(Organisation.closed_at.is_(None), not_held(Association))
        .order_by(Organisation.folded, Association.id)
        .limit(PAGE + 1)
    )
    if theme:
        found = found.where(Association.theme == theme)
    if after:
        last = select(Association.id, Organisation.folded).join(Organisation).where(Association.public_id == after)
        seen = last.subquery()
        found = found.join(
            seen,
            or_(
                Organisation.folded > seen.c.folded,
                and_(Organisation.folded == seen.c.folded, Association.id > seen.c.id),
            ),
        )
    return found


def themes_present() -> Select[Any]:
    """Which themes have associations, so that no filter leads to nothing."""
    found = select(Association.theme).join(Organisation).where(Organisation.closed_at.is_(None), not_held(Association))
    return found.distinct()


def associations_for(viewer: Visitor) -> Select[Association]:
    """Those that this viewer may open."""
    found = select(Association).join(Organisation, Organisation.id == Association.organisation_id)
    return found.where(Organisation.closed_at.is_(None), or_(open_to(viewer, Association), _run_by(viewer)))


def _run_by(viewer: Visitor) -> ColumnElement[bool]:
    duty = select(Membership.id).where(
        Membership.organisation_id == Association.organisation_id,
        Membership.person_id == viewer.person_id,
        Membership.ended_at.is_(None),
    )
    return duty.exists()


def _called() -> ColumnElement[bool]:
    return and_(Mission.closed_at.is_(None), Mission.ends_at > now(), not_held(Mission))


def missions_for(viewer: Visitor) -> Select[Mission]:
    """Those that this viewer may open, over or not."""
    found = select(Mission).join(Association, Association.id == Mission.association_id)
    found = found.join(Organisation, Organisation.id == Association.organisation_id)
    seen = or_(and_(open_to(viewer, Mission, Mission.author_id), open_to(viewer, Association)), _run_by(viewer))
    return found.where(Organisation.closed_at.is_(None), seen).options(joinedload(Mission.author))


def promised_to(viewer: Visitor) -> Select[Mission]:
    """Those where this viewer has a place or waits for one, hidden or not: whoever said yes may always take it back."""
    standing = select(Signup.id).join(Slot, Slot.id == Signup.slot_id)
    standing = standing.where(Slot.thing == Mission.__tablename__, Slot.thing_id == Mission.id)
    said_yes = standing.where(Signup.person_id == viewer.person_id, Signup.state.in_(STANDING), Slot.ends > now())
    return select(Mission).where(said_yes.exists() if viewer.signed_in else false())


def open_missions(association_id: int | None = None) -> Select[Any]:
    """Calls that still take somebody, the soonest first: with their next moment and how many people are missing."""
    upcoming = and_(
        Slot.thing == Mission.__tablename__, Slot.thing_id == Mission.id, Slot.ends > now(), Slot.cancelled_at.is_(None)
    )
    slot = aliased(Slot)
    seated = (
        select(func.count())
        .select_from(Signup)
        .join(slot, slot.id == Signup.slot_id)
        .where(slot.thing == Mission.__tablename__, slot.thing_id == Mission.id, Signup.seat.is_not(None))
        .where(slot.ends > now(), slot.cancelled_at.is_(None))
        .correlate(Mission)
        .scalar_subquery()
    )
    starts = select(func.min(Slot.starts)).where(upcoming).correlate(Mission).scalar_subquery()
    seats = select(func.coalesce(func.sum(Slot.seats), 0)).where(upcoming).correlate(Mission).scalar_subquery()
    columns: tuple[Any, ...] = (
        Mission.public_id,
        Mission.title,
        Mission.task,
        Mission.meeting_point,
        Organisation.name.label("organisation"),
        Organisation.public_id.label("organisation_public_id"),
        starts.label("starts_at"),
        (seats - seated).label("missing"),
    )
    found: Select[Any] = (
        select(*columns)
        .join(Association, Association.id == Mission.association_id)
        .join(Organisation, Organisation.id == Association.organisation_id)
        .where(_called(), Organisation.closed_at.is_(None), not_held(Association))
        .order_by(starts, Mission.id)
    )
    return found.where(Mission.association_id == association_id) if association_id is not None else found


def _my_signups(person_id: int | None) -> Select[Any]:
    """Signups of somebody for missions, with the mission and its association."""
    columns: tuple[Any, ...] = (
        Signup.state,
        Signup.minutes,
        Slot.starts,
        Slot.ends,
        Slot.words,
        case((not_held(Mission), Mission.title), else_="…").label("title"),  # hours stay, hidden words do not show
        Mission.public_id,
        Mission.meeting_point,
        Organisation.name.label("organisation"),
        Organisation.public_id.label("organisation_public_id"),
        Organisation.registration,
    )
    return (
        select(*columns)
        .join(Slot, Slot.id == Signup.slot_id)
        .join(Mission, and_(Slot.thing == Mission.__tablename__, Slot.thing_id == Mission.id))
        .join(Association, Association.id == Mission.association_id)
        .join(Organisation, Organisation.id == Association.organisation_id)
        .where(Signup.person_id == person_id)
    )


def my_coming(person_id: int | None) -> Select[Any]:
    """What this person has said yes to, the soonest first. `hidden`: the call, or its association, is held."""
    shown = and_(not_held(Mission), not_held(Association))
    said = Mission.title.label("said_yes_to")  # they know it: they said yes to it
    found = _my_signups(person_id).add_columns(said, (~shown).label("hidden"))
    found = found.where(Signup.state.in_(STANDING), Slot.ends > now(), Slot.cancelled_at.is_(None))
    return found.order_by(Slot.starts, Signup.id).limit(50)


def my_hours(person_id: int | None) -> Select[Any]:
    """The hours that associations have validated for this person, newest first."""
    return _my_signups(person_id).where(Signup.state == CAME).order_by(Slot.starts.desc(), Signup.id).limit(500)


def hours_with(person_id: int | None, organisation: str, since: datetime, until: datetime) -> Select[Any]:
    """The same with one association, within that time, oldest first."""
    found = my_hours(person_id).where(Organisation.public_id == organisation).order_by(None)
    return found.where(Slot.starts >= since, Slot.starts < until).order_by(Slot.starts, Signup.id)


def kept_missions(association_id: int) -> tuple[int, int]:
    """How many missions of this association have taken place, and how many hours were given to it. One query."""
    found = (
        select(func.count(func.distinct(Mission.id)), cast(func.coalesce(func.sum(Signup.minutes), 0), Integer))
        .select_from(Mission)
        .join(Slot, and_(Slot.thing == Mission.__tablename__, Slot.thing_id == Mission.id))
        .join(Signup, Signup.slot_id == Slot.id)
        .where(Mission.association_id == association_id, Signup.state == CAME)
    )
    missions, minutes = db.session.execute(found).one()
    return missions, minutes


def mission_of(person_id: int | None, signup: str) -> Select[Mission]:
    """The mission of a signup, for who made it and for those who run the association."""
    duty = select(Membership.id).where(
        Membership.organisation_id == Association.organisation_id,
        Membership.person_id == person_id,
        Membership.ended_at.is_(None),
    )
    return (
        select(Mission)
        .join(Association, Association.id == Mission.association_id)
        .join(Slot, and_(Slot.thing == Mission.__tablename__, Slot.thing_id == Mission.id))
        .join(Signup, Signup.slot_id == Slot.id)
        .where(Signup.public_id == signup, or_(Signup.person_id == person_id, duty.exists()))
    )
