"""A booking of any thing: half-open in UTC, never overlapping another one of the same thing."""

from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, Select, String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from town.commons.bookings.periods import Period
from town.kernel.db import Base, Moment, db, flush, now
from town.kernel.refusals import Refused

HELD, BOOKED, DONE, FREED = "held", "booked", "done", "freed"
BLOCKING = (HELD, BOOKED)
"""Held while somebody is asked, booked once agreed. Done and freed bookings stand in nobody's way."""


class AlreadyBooked(Refused):
    """Somebody else has the thing during a part of that time."""

    sentence = _l("Somebody was faster: these dates have just been taken. Choose others, what you wrote is still here.")


class Booking(Base):
    """A period of a thing, named like a card names it. It keeps the thing until `free_from`: its end and the buffer.

    Overlaps are refused by the database itself: an exclusion constraint in PostgreSQL, triggers in SQLite.
    """

    __tablename__ = "booking"
    __table_args__ = (
        Index("ix_booking_thing", "thing", "thing_id", "free_from"),
        CheckConstraint("ends > starts", name="ends_after_it_starts"),
        CheckConstraint("free_from >= ends", name="buffer_comes_after"),
        CheckConstraint(f"state IN ('{HELD}', '{BOOKED}', '{DONE}', '{FREED}')", name="known_state"),
    )

    thing: Mapped[str] = mapped_column(String(40))
    thing_id: Mapped[int]
    starts: Mapped[Moment]
    ends: Mapped[Moment]
    free_from: Mapped[Moment]
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[Moment] = mapped_column(default=now)

    @property
    def blocks(self) -> bool:
        return self.state in BLOCKING

    def confirm(self) -> None:
        """What was held is agreed."""
        self.state = BOOKED
        flush(AlreadyBooked)

    def release(self) -> None:
        """It will not take place: its time is free again."""
        self.state = FREED
        flush()

    def finish(self) -> None:
        """It has taken place; what is left of its time is free again."""
        self.state = DONE
        flush()


def book(thing: Any, period: Period, *, buffer: timedelta = timedelta(0), held: bool = False) -> Booking:
    """Take `thing` for that time. Raises `AlreadyBooked`, also when the other one is being written this very moment.

    held: while an answer is awaited. It keeps others out like any booking, and somebody must confirm or release it.
    """
    flush()
    _one_at_a_time(thing)
    booking = Booking(
        thing=thing.__tablename__,
        thing_id=thing.id,
        starts=period.starts,
        ends=period.ends,
        free_from=period.ends + buffer,
        state=HELD if held else BOOKED,
    )
    db.session.add(booking)
    flush(AlreadyBooked)
    return booking


def _one_at_a_time(thing: Any) -> None:
    # Not the promise itself, which is the constraint's: two rows meeting in it at once are a deadlock in PostgreSQL,
    # and its victim would not read that somebody was faster. SQLite has one writer anyway.
    if db.session.get_bind().dialect.name == "postgresql":
        name = func.hashtext(func.concat(func.current_schema(), ".", thing.__tablename__))
        db.session.execute(select(func.pg_advisory_xact_lock(name, thing.id)))


def blocking(thing: str, thing_id: int, since: datetime, until: datetime) -> Select[Booking]:
    """The bookings that keep a thing within that time, earliest first."""
    return (
        select(Booking)
        .where(Booking.thing == thing, Booking.thing_id == thing_id, Booking.state.in_(BLOCKING))
        .where(Booking.free_from > since, Booking.starts < until)
        .order_by(Booking.starts)
    )
