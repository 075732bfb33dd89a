"""Questions about claims and duties."""

from typing import Any

from flask_babel import ngettext
from sqlalchemy import Select, false, func, or_, select, true
from sqlalchemy.orm import joinedload

from town.commons.holds import about_nothing_held
from town.commons.people.acting import AGENTS
from town.commons.people.organisations import Claim, Membership, Organisation
from town.commons.people.visit import Visitor
from town.commons.waiting import waits


def living() -> Select[Organisation]:
    """Those that act today."""
    return select(Organisation).where(Organisation.closed_at.is_(None))


def claimable() -> Select[Organisation]:
    """Those whose page anybody may ask for: one that is hidden is named nowhere."""
    return living().where(about_nothing_held(Organisation.public_id))


def claims_to_answer() -> Select[Claim]:
    """What waits for the town hall, the oldest first."""
    return _claims().where(Claim.decided_at.is_(None)).order_by(Claim.id)


def _claims() -> Select[Claim]:
    return select(Claim).options(joinedload(Claim.organisation), joinedload(Claim.person))


def all_claims() -> Select[Claim]:
    return _claims()


def claims_of(person_id: int | None) -> Select[Claim]:
    """What this person asked for, newest first."""
    return _claims().where(Claim.person_id == person_id).order_by(Claim.id.desc())


def duties_of(person_id: int | None) -> Select[Membership]:
    """What this person runs or helps to run, by name."""
    return (
        select(Membership)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.person_id == person_id, Membership.ended_at.is_(None), Organisation.closed_at.is_(None))
        .options(joinedload(Membership.organisation))
        .order_by(Organisation.folded, Organisation.id)
    )


def run_with(viewer: Visitor) -> Select[Organisation]:
    """Those whose people this viewer may see: their own, and all of them for the town hall."""
    mine = select(Membership.id).where(
        Membership.organisation_id == Organisation.id,
        Membership.person_id == viewer.person_id,
        Membership.ended_at.is_(None),
    )
    everything = true() if viewer.has_role(*AGENTS) else false()
    return living().where(or_(everything, mine.exists()))


def _waiting() -> Select[int, Any]:
    return select(func.count(), func.min(Claim.made_at)).where(Claim.decided_at.is_(None))


waits(
    "organisations",
    _waiting,
    lambda n: ngettext("%(num)s page asked for", "%(num)s pages asked for", n),
    endpoint="organisations.claims",
    icon="shop",
    roles=AGENTS,
    minutes=4,
)
