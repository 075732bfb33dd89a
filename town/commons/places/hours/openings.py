"""Openings: the intervals during which a thing is open, laid down for the days to come, so that SQL can filter them.

Reading three hundred expressions at each visit would cost a page; reading rows costs nothing. They are written when
hours are saved and again every night, from yesterday (a night may go on) to a fortnight ahead: what is asked at any
minute is answered by comparing moments, and a night without its worker changes nothing. Only a town whose worker has
slept for two weeks would show nothing open; the page of a place reads its hours themselves and stays right.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Index, String, and_, delete, exists, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from town.commons.places.hours.expression import Hours
from town.kernel.db import Base, Moment, db, now

BACK: Final = timedelta(days=1)
AHEAD: Final = timedelta(days=15)
ENDLESS: Final = timedelta(days=7)
"""What is open for longer than this at a stretch has no closing time worth saying."""


class Opening(Base):
    """From when to when one thing is open, half-open. `thing` and `thing_id` name it, as on its card."""

    __tablename__ = "opening"
    __table_args__ = (
        Index("ix_opening_thing", "thing", "thing_id", "ends"),
        Index("ix_opening_now", "thing", "ends", "starts"),
    )

    thing: Mapped[str] = mapped_column(String(40))
    thing_id: Mapped[int]
    starts: Mapped[Moment]
    ends: Mapped[Moment]


def lay_openings(thing: Any, hours: Hours) -> None:
    """Write when `thing` is open, in this transaction, instead of what was written before."""
    forget_openings(thing)
    start = now() - BACK
    rows = [
        {"thing": thing.__tablename__, "thing_id": thing.id, "starts": opens, "ends": closes}
        for opens, closes in hours.intervals(start, now() + AHEAD)
    ]
    if rows:
        db.session.execute(insert(Opening), rows)


def forget_openings(thing: Any) -> None:
    """It is open no more, or its hours are not known."""
    db.session.execute(delete(Opening).where(Opening.thing == thing.__tablename__, Opening.thing_id == thing.id))


def _of(model: Any) -> ColumnElement[bool]:
    return and_(Opening.thing == model.__tablename__, Opening.thing_id == model.id)


def open_at(model: Any, at: datetime) -> ColumnElement[bool]:
    """The condition that a thing of that sort is open at a moment."""
    return exists().where(_of(model), Opening.starts <= at, Opening.ends > at).correlate(model)


def closes_at(model: Any, at: datetime) -> ColumnElement[Any]:
    """When what is open at that moment closes; NULL for what is closed."""
    found = select(func.max(Opening.ends)).where(_of(model), Opening.starts <= at, Opening.ends > at)
    return found.correlate(model).scalar_subquery()


def opens_at(model: Any, at: datetime) -> ColumnElement[Any]:
    """When it next opens after that moment; NULL when it does not within a fortnight."""
    return select(func.min(Opening.starts)).where(_of(model), Opening.starts > at).correlate(model).scalar_subquery()
