"""Holds: what is hidden from everybody but its author and the town hall, whatever its feature.

A hold lies beside the thing, not in it: no verb of its author (edit, withdraw, publish again) can lift it. Cards
consult it (`board.row_of`); a feature adds one condition to each of its own queries, `not_held(Item)` for lists and
`open_to(viewer, Item, Item.owner_id)` for the page of one thing and its pictures. `commons.moderation` alone places and
lifts holds; `tests/sweeps/test_holds.py` hides one thing of each sort and looks everywhere.
"""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import CheckConstraint, ColumnElement, Select, String, UniqueConstraint, exists, or_, select, true
from sqlalchemy.orm import Mapped, mapped_column

from town.commons.people.visit import Visitor, visitor
from town.kernel.db import Base, Moment, db, now

PENDING, DECIDED = "pending", "decided"
"""Why: until a moderator has read it, at most a day; or because a moderator decided so."""

SEE_HELD: Final = ("agent", "councillor", "moderator", "admin")


class Hold(Base):
    """One thing that is hidden now, named by its table and public id: numbers are used again, these never are."""

    __tablename__ = "hold"
    __table_args__ = (
        UniqueConstraint("thing", "public_id"),
        CheckConstraint(f"why IN ('{PENDING}', '{DECIDED}')", name="known_why"),
    )

    thing: Mapped[str] = mapped_column(String(40))
    public_id: Mapped[str] = mapped_column(String(22))
    why: Mapped[str] = mapped_column(String(10))
    at: Mapped[Moment] = mapped_column(default=now)


def not_held(model: Any) -> ColumnElement[bool]:
    """The condition on a carded type that nothing hides it: for lists, where a held thing is nobody's to find."""
    return ~exists().where(Hold.thing == model.__tablename__, Hold.public_id == model.public_id)


def about_nothing_held(public_id: Any) -> ColumnElement[bool]:
    """The condition that what a column names by its public id is not held: for words about it elsewhere."""
    return ~exists().where(Hold.public_id == public_id)


def open_to(viewer: Visitor, model: Any, *owners: Any) -> ColumnElement[bool]:
    """The condition that this viewer may open it: nothing hides it, or it is theirs, or they are the town hall's.

    owners: the columns of `model` that name whose it is.
    """
    if viewer.has_role(*SEE_HELD):
        return true()
    theirs = [owner == viewer.person_id for owner in owners] if viewer.signed_in else []
    return or_(not_held(model), *theirs)


def held_lately(span: timedelta) -> Select[str]:
    """The public ids of what has been hidden for no longer than this, the latest first."""
    return select(Hold.public_id).where(Hold.at > now() - span).order_by(Hold.at.desc(), Hold.id.desc()).limit(500)


Holds = dict[tuple[str, str], Hold]
"""Holds by the table and public id of what they hide."""


def all_holds() -> Holds:
    """Every hold of the town: one query for whoever looks at everything."""
    return {(hold.thing, hold.public_id): hold for hold in db.session.scalars(select(Hold))}


def hold_on(thing: Any, holds: Holds | None = None) -> Hold | None:
    """The hold on this thing, if any; found among `holds` where they were all read."""
    named = thing.__tablename__, thing.public_id
    if holds is not None:
        return holds.get(named)
    return db.session.scalar(select(Hold).where(Hold.thing == named[0], Hold.public_id == named[1]))


def hold_over(thing: Any, holds: Holds | None = None) -> Hold | None:
    """The hold on this thing, or on what it names as `part_of`: the offers of a shop are hidden with its page."""
    whole = getattr(thing, "part_of", None)
    return hold_on(thing, holds) or (hold_on(whole, holds) if whole is not None else None)


def hold_seen(thing: Any) -> Hold | None:
    """The same for its page, where only somebody signed in can meet one. No query for everybody else."""
    return hold_over(thing) if visitor().signed_in else None
