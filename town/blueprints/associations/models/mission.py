"""A mission: an association looks for volunteers, for one or more slots."""

from datetime import datetime
from typing import Final

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from town.blueprints.associations import activity
from town.blueprints.associations.models.association import Association
from town.commons.activity import record
from town.commons.board import PUBLIC, CardFields, publish, withdraw
from town.commons.people.entering import not_with_oneself
from town.commons.people.models import Person
from town.commons.places.concerns import Concerns
from town.commons.reviews import open_reviews
from town.commons.signups import Signup, Slot, open_slot, slots_of
from town.kernel.db import Base, Moment, PublicId, db, flush, now
from town.kernel.refusals import Refused
from town.kernel.tenancy import current_town

AGES: Final = {16: _l("From 16"), 18: _l("From 18")}
"""Nobody under 16 is asked for a mission outside their own family (FEATURES AS-02)."""


class MissionOver(Refused):
    """Its last slot is over, or its association has closed it."""

    sentence = _l("This call is closed.")


class Mission(PublicId, Base):
    """A call for volunteers. It is over with its last slot, or when its association says so."""

    __tablename__ = "associations_mission"
    __table_args__ = (
        Index("ix_associations_mission_until", "ends_at", "id"),
        CheckConstraint("youngest BETWEEN 16 AND 18", name="nobody_too_young"),
    )

    association_id: Mapped[int] = mapped_column(ForeignKey("associations_association.id"), index=True)
    association: Mapped[Association] = relationship(lazy="joined", innerjoin=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    author: Mapped[Person | None] = relationship()
    title: Mapped[str] = mapped_column(String(80))
    task: Mapped[str] = mapped_column(Text, default="")
    meeting_point: Mapped[str] = mapped_column(String(200))
    skills: Mapped[str] = mapped_column(String(200), default="")
    access: Mapped[str] = mapped_column(String(200), default="")
    youngest: Mapped[int] = mapped_column(default=16)
    created_at: Mapped[Moment] = mapped_column(default=now)
    ends_at: Mapped[Moment]
    closed_at: Mapped[Moment | None]

    @property
    def slots(self) -> list[Slot]:
        """In order, cancelled ones included. Kept with the mission while it is looked at."""
        if "_slots" not in self.__dict__:
            self.__dict__["_slots"] = list(db.session.scalars(self.slots_asked()))
        found: list[Slot] = self.__dict__["_slots"]
        return found

    def slots_asked(self) -> Select[Slot]:
        """Its slots with who signed up, in two queries however many they are."""
        return slots_of(self).options(selectinload(Slot.signups).joinedload(Signup.person))

    def read_again(self) -> None:
        """Its slots have changed."""
        self.__dict__.pop("_slots", None)

    @property
    def standing(self) -> list[Slot]:
        return [slot for slot in self.slots if slot.cancelled_at is None]

    @property
    def open(self) -> bool:
        """Whether somebody may still sign up."""
        return self.closed_at is None and any(slot.open for slot in self.slots)

    @property
    def missing(self) -> int:
        """How many people it still needs, over all its slots to come."""
        return sum(slot.free for slot in self.slots if slot.open)

    @property
    def starts(self) -> datetime:
        """When its first slot to come begins, else its last one."""
        ahead = [slot.starts for slot in self.standing if slot.open]
        return min(ahead) if ahead else max((slot.starts for slot in self.slots), default=self.created_at)

    @property
    def part_of(self) -> Association:
        """Whoever may not see the association does not see for what it calls."""
        return self.association

    def card(self) -> CardFields | None:
        if self.closed_at is not None or self.association.organisation.closed_at is not None:
            return None
        return CardFields(
            kind="volunteers",
            title=self.title,
            endpoint="associations.mission",
            visible_to=PUBLIC,
            concerns=Concerns(),
            posted_at=self.created_at,
            excerpt=self.task,
            body=f"{self.task} {self.meeting_point} {self.skills} {self.association.name}",
            author=self.author,
            on_behalf_of=self.association.organisation,
            photo=self.association.photo,
            language=current_town().language,
            expires_at=self.ends_at,
        )

    def call(self, by: Person, slots: list["Needed"]) -> None:
        """Publish it in the name of its association, with these slots."""
        self.author, self.ends_at = by, max(slot.ends for slot in slots)
        db.session.add(self)
        flush()
        for slot in slots:
            open_slot(self, slot.starts, slot.ends, slot.seats, slot.words)
        self.read_again()
        publish(self)
        record(activity.CALLED, self, by, on_behalf_of=self.association.organisation)

    def sign_up(self, person: Person, slot: Slot, phone: str = "") -> Signup:
        """They come to that slot, or wait in its line. Raises `MissionOver`, `AlreadyIn`, `NotOpen`."""
        self._must_be_open()
        signup = slot.sign_up(person, phone)
        self.read_again()
        return signup

    def change(self) -> None:
        """Show it as it is described now."""
        self._must_be_open()
        publish(self)

    def add(self, needed: "Needed") -> Slot:
        """One more slot. Raises `MissionOver`."""
        self._must_be_open()
        slot = open_slot(self, needed.starts, needed.ends, needed.seats, needed.words)
        self._until_its_last_slot()
        return slot

    def move(self, slot: Slot, starts: datetime, ends: datetime, by: Person) -> None:
        """That slot takes place at another time. Raises `MissionOver`, `NotOpen`."""
        self._must_be_open()
        slot.move(starts, ends, by)
        self._until_its_last_slot()

    def drop(self, slot: Slot, by: Person) -> None:
        """That slot will not take place: everybody who signed up for it is told."""
        slot.cancel(by)
        self._until_its_last_slot()

    def close(self, by: Person | None) -> None:
        """Nobody else is needed, or it will not take place: slots to come are cancelled, and people told."""
        self._must_be_open()
        self.closed_at = now()
        for slot in self.slots:
            if slot.open:
                slot.cancel(by)
        self.read_again()
        withdraw(self)
        record(activity.OVER, self, by, on_behalf_of=self.association.organisation)

    def confirm(self, signup: Signup, came: bool, minutes: int | None, by: Person) -> None:
        """Whether they came, and for how long. Hours given are told, and counted, once. Raises `YouAreTheOther`."""
        not_with_oneself(by.id, signup.person_id)
        if signup.confirm(came, minutes):
            hat, hours = self.association.organisation, signup.minutes
            record(activity.CAME, self, by, on_behalf_of=hat, signup=signup.id, minutes=hours)
            open_reviews(activity.MISSION, signup, between=(by, signup.person), at=signup.slot.ends)

    def _must_be_open(self) -> None:
        db.session.refresh(self, ["closed_at", "ends_at"], with_for_update={"of": Mission})
        if self.closed_at is not None or self.ends_at <= now():
            raise MissionOver

    def _until_its_last_slot(self) -> None:
        self.read_again()
        self.ends_at = max((slot.ends for slot in self.standing), default=now())
        publish(self)


class Needed:
    """A slot as it is asked for."""

    __slots__ = ("ends", "seats", "starts", "words")

    def __init__(self, starts: datetime, ends: datetime, seats: int, words: str = "") -> None:
        self.starts, self.ends, self.seats, self.words = starts, ends, seats, words
