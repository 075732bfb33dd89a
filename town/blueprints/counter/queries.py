"""Questions about sittings."""

from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from town.commons.activity import Activity
from town.commons.people.acting import LASTS, Sitting


def sittings_of(person_id: int | None) -> Select[Sitting]:
    """Those that concern this person, as the agent or as the resident, newest first."""
    return (
        select(Sitting)
        .where(or_(Sitting.agent_id == person_id, Sitting.person_id == person_id))
        .options(joinedload(Sitting.agent), joinedload(Sitting.person))
        .order_by(Sitting.id.desc())
    )


def under_way(agent_id: int | None) -> Select[Sitting]:
    """An agent's sittings that nobody has ended; those whose hour is over are left out by `Sitting.lasts`."""
    return sittings_of(agent_id).where(Sitting.agent_id == agent_id, Sitting.ended_at.is_(None)).limit(5)


def written_in(sitting: Sitting) -> Select[Any]:
    """What was done for the resident in this sitting, in order."""
    until = sitting.ended_at or sitting.began_at + LASTS
    return (
        select(Activity)
        .where(Activity.acting_for_id == sitting.person_id, Activity.actor_id == sitting.agent_id)
        .where(Activity.at >= sitting.began_at, Activity.at <= until)
        .order_by(Activity.id)
    )
