"""Slots and signups. Over-subscription is impossible: every place has a number, and no two signups share one.

A unique index keeps a number from being given twice; triggers on both engines keep it within the slot's places.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, String, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from town.commons.people.models import Person
from town.commons.signups.telling import REMIND, promise_reminder, take_reminder_back, tell, thing_of
from town.kernel.db import Base, Moment, PublicId, db, flush, now
from town.kernel.jobs import job
from town.kernel.refusals import Refused

COMING, WAITING, WITHDRAWN, CANCELLED = "coming", "waiting", "withdrawn", "cancelled"
CAME, MISSED = "came", "missed"
HOLDING: Final = (COMING, CAME, MISSED)
"""States that hold a place."""
STANDING: Final = (COMING, WAITING)
"""States of somebody who may still withdraw."""
MOST_PLACES: Final = 500
CONFIRMED_WITHIN: Final = timedelta(days=60)
"""How long after its end one may still say who came."""

_STANDING = text("state IN ('coming', 'waiting', 'came', 'missed')")


class AlreadyIn(Refused):
    """The same person signs up twice."""

    sentence = _l("You are signed up for this already.")


class NotOpen(Refused):
    """It is over, or was cancelled."""

    sentence = _l("Nobody can sign up for this any more.")


class PlacesTaken(Refused):
    """Fewer places than people who were promised one."""

    sentence = _l("More people than that are coming already. Nobody who was promised a place loses it.")


class NotYet(Refused):
    """Who comes is known once it begins."""

    sentence = _l("It has not begun yet: say afterwards who came.")


class Slot(PublicId, Base):
    """A time of a thing for which people sign up. `seats`: how many may come."""

    __tablename__ = "signup_slot"
    __table_args__ = (
        Index("ix_signup_slot_thing", "thing", "thing_id", "starts"),
        CheckConstraint(f"seats BETWEEN 1 AND {MOST_PLACES}", name="some_places"),
        CheckConstraint("ends > starts", name="ends_after_it_starts"),
    )

    thing: Mapped[str] = mapped_column(String(40))
    thing_id: Mapped[int]
    words: Mapped[str] = mapped_column(String(80), default="")  # « Cueillette »
    starts: Mapped[Moment]
    ends: Mapped[Moment] = mapped_column(index=True)
    seats: Mapped[int]
    cancelled_at: Mapped[Moment | None]

    signups: Mapped[list["Signup"]] = relationship(back_populates="slot", order_by="Signup.id")

    @property
    def open(self) -> bool:
        """Whether somebody may still sign up. Late help is help: until its end."""
        return self.cancelled_at is None and self.ends > now()

    @property
    def begun(self) -> bool:
        """Whether one may say who came."""
        return self.starts <= now()

    @property
    def minutes(self) -> int:
        return int((self.ends - self.starts).total_seconds() // 60)

    @property
    def taken(self) -> int:
        return sum(signup.seat is not None for signup in self.signups)

    @property
    def free(self) -> int:
        """Places left. Who waits goes before who comes now."""
        return 0 if self.line else max(0, self.seats - self.taken)

    @property
    def line(self) -> list["Signup"]:
        """Those who wait, in order."""
        return [signup for signup in self.signups if signup.state == WAITING]

    def of(self, person_id: int | None) -> "Signup | None":
        """The standing signup of somebody, if any."""
        mine = (s for s in self.signups if s.state not in (WITHDRAWN, CANCELLED) and s.person_id == person_id)
        return next(mine, None) if person_id is not None else None

    def sign_up(self, person: Person, phone: str = "") -> "Signup":
        """A place if one is left, else the end of the line. Raises `AlreadyIn`, `NotOpen`."""
        self._hold()
        if not self.open:
            raise NotOpen
        seat = None if self.line else self._free_seat()
        signup = Signup(slot=self, person=person, phone=phone, seat=seat, state=COMING if seat else WAITING)
        db.session.add(signup)
        flush(AlreadyIn)
        if seat:
            promise_reminder(signup)
        return signup

    def resize(self, seats: int) -> None:
        """More or fewer places. Who waits moves up; nobody loses a place. Raises `PlacesTaken`."""
        self._hold()
        holding = sorted((s for s in self.signups if s.seat is not None), key=lambda s: s.seat or 0)
        if seats < len(holding):
            raise PlacesTaken
        free = iter(sorted(set(range(1, seats + 1)) - {s.seat for s in holding}))
        for signup in holding:
            if signup.seat is not None and signup.seat > seats:
                signup.seat = next(free)
        flush()
        self.seats = seats
        flush()
        self._move_up()

    def move(self, starts: datetime, ends: datetime, by: Person | None) -> None:
        """It takes place at another time: everybody who signed up is told, keeps their place, and is reminded of that.

        Raises `NotOpen`.
        """
        self._hold()
        if not self.open:
            raise NotOpen
        if (starts, ends) == (self.starts, self.ends):
            return
        self.starts, self.ends = starts, ends
        for signup in self.signups:
            if signup.state in STANDING:
                signup.reminded_at = None
                take_reminder_back(signup)
                flush()
                if signup.state == COMING:
                    promise_reminder(signup)
                tell("moved", signup, by)
        flush()

    def cancel(self, by: Person | None) -> None:
        """It will not take place: everybody who signed up is told."""
        self._hold()
        if not self.open:
            raise NotOpen
        self.cancelled_at = now()
        for signup in self.signups:
            if signup.state in STANDING:
                signup.seat, signup.state, signup.phone = None, CANCELLED, ""
                take_reminder_back(signup)
                tell("cancelled", signup, by)
        flush()

    def _hold(self) -> None:
        """Read it and its signups again, and let nobody else change them until this is done."""
        flush()
        db.session.refresh(self, ["seats", "starts", "ends", "cancelled_at"], with_for_update={"of": Slot})
        db.session.expire(self, ["signups"])
        mine = select(Signup).where(Signup.slot_id == self.id)
        db.session.scalars(mine.execution_options(populate_existing=True)).all()

    def _free_seat(self) -> int | None:
        taken = {signup.seat for signup in self.signups}
        return next((seat for seat in range(1, self.seats + 1) if seat not in taken), None)

    def _move_up(self) -> None:
        """The first in line get what is free, as long as they can still come, and are told at once."""
        while self.open and (line := self.line) and (seat := self._free_seat()):
            first = line[0]
            first.seat, first.state, first.promoted_at = seat, COMING, now()
            flush()
            promise_reminder(first)
            tell("promoted", first)


class Signup(PublicId, Base):
    """One person's yes. `seat` is the number of their place, none while they wait.

    phone: only if they gave it for this, and only until a week after. minutes: what an organiser validated.
    """

    __tablename__ = "signup"
    __table_args__ = (
        UniqueConstraint("slot_id", "seat"),
        Index(
            "uq_signup_standing",
            "slot_id",
            "person_id",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        CheckConstraint(
            f"state IN ('{COMING}', '{WAITING}', '{WITHDRAWN}', '{CANCELLED}', '{CAME}', '{MISSED}')",
            name="known_state",
        ),
        CheckConstraint(f"(seat IS NOT NULL) = (state IN {HOLDING})", name="a_place_or_none"),
        CheckConstraint(f"minutes IS NULL OR state = '{CAME}'", name="hours_of_who_came"),
    )

    slot_id: Mapped[int] = mapped_column(ForeignKey("signup_slot.id", ondelete="CASCADE"))
    slot: Mapped[Slot] = relationship(back_populates="signups", lazy="joined", innerjoin=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    person: Mapped[Person | None] = relationship()
    state: Mapped[str] = mapped_column(String(10))
    seat: Mapped[int | None]
    phone: Mapped[str] = mapped_column(String(30), default="")
    made_at: Mapped[Moment] = mapped_column(default=now)
    promoted_at: Mapped[Moment | None]
    reminded_at: Mapped[Moment | None]
    confirmed_at: Mapped[Moment | None]
    minutes: Mapped[int | None]

    @property
    def title(self) -> str:
        """What they signed up for."""
        return str(getattr(thing_of(self.slot), "title", ""))

    @property
    def place_in_line(self) -> int:
        """1 for who is next."""
        return self.slot.line.index(self) + 1

    def withdraw(self) -> None:
        """They cannot come after all; the next in line has their place. Raises `NotOpen` once it is over."""
        self.slot._hold()
        if self.state not in STANDING or not self.slot.open:
            raise NotOpen
        self.seat, self.state, self.phone = None, WITHDRAWN, ""
        flush()
        take_reminder_back(self)
        self.slot._move_up()

    def confirm(self, came: bool, minutes: int | None = None) -> bool:
        """An organiser says whether they came, and for how long. Whether that is new.

        Raises `NotYet` before it begins, `NotOpen` for who held no place or after `CONFIRMED_WITHIN`.
        """
        self.slot._hold()
        if not self.slot.begun:
            raise NotYet
        if self.state not in HOLDING or self.slot.ends < now() - CONFIRMED_WITHIN:
            raise NotOpen
        new = came and self.state != CAME
        self.state = CAME if came else MISSED
        self.minutes = (self.slot.minutes if minutes is None else minutes) if came else None
        self.confirmed_at = now()
        flush()
        return new

    def remind(self) -> None:
        """Say once that it is tomorrow, to who still comes. The claim and the notice are one transaction."""
        self.slot._hold()
        db.session.refresh(self, ["reminded_at"])
        if self.state == COMING and self.reminded_at is None and self.slot.open and self.slot.starts > now():
            self.reminded_at = now()
            flush()
            tell("tomorrow", self)


def open_slot(thing: Any, starts: datetime, ends: datetime, seats: int, words: str = "") -> Slot:
    """Offer so many places for that time of `thing`."""
    flush()
    slot = Slot(thing=thing.__tablename__, thing_id=thing.id, starts=starts, ends=ends, seats=seats, words=words)
    db.session.add(slot)
    flush()
    return slot


def slots_of(thing: Any) -> Select[Slot]:
    """The slots of a thing, cancelled ones included, in order."""
    found = select(Slot).where(Slot.thing == thing.__tablename__, Slot.thing_id == thing.id)
    return found.order_by(Slot.starts, Slot.id)


@job(REMIND)
def remind(payload: dict[str, Any]) -> None:
    """The evening before."""
    signup = db.session.get(Signup, payload["signup"])
    if signup is not None:
        signup.remind()
