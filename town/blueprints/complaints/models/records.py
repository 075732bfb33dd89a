"""The rows around a report: its timeline, its followers, the town's counter."""

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from town.commons.people.models import Person
from town.kernel.db import Base, Moment, db, flush, now

if TYPE_CHECKING:
    from town.blueprints.complaints.models.complaint import Complaint

PHOTOS = "complaint"
"""The subject of photos that everybody sees once the report is public."""

PHOTOS_KEPT = "complaint_kept"
"""The subject of photos that only the town hall and the reporter see: a face, a number plate, a door."""


class ComplaintStep(Base):
    """One line of a timeline: what was done, when, by whom, and the town hall's words. Internal notes stay inside.

    verb: received, acknowledged, answered, planned, in_progress, resolved, declined, forwarded, duplicate, reopened;
    assigned and noted are internal. detail: to whom it was passed on, why it was declined, the number of the other.
    """

    __tablename__ = "complaint_step"
    __table_args__ = (Index("ix_complaint_step_walk", "complaint_id", "id"),)

    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id", ondelete="CASCADE"))
    verb: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(Text, default="")
    detail: Mapped[str] = mapped_column(String(200), default="")
    on: Mapped[date | None]
    internal: Mapped[bool] = mapped_column(default=False)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    by: Mapped[Person | None] = relationship()
    at: Mapped[Moment] = mapped_column(default=now)


class ComplaintFollower(Base):
    """« Moi aussi » : a neighbour who notices the same and is told of each step."""

    __tablename__ = "complaint_follower"
    __table_args__ = (UniqueConstraint("complaint_id", "person_id"),)

    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id", ondelete="CASCADE"))
    complaint: Mapped["Complaint"] = relationship()
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    person: Mapped[Person] = relationship()
    at: Mapped[Moment] = mapped_column(default=now)


class ComplaintCounter(Base):
    """The last number given: one row a town. A number taken back by a rollback is given again, so none is missing."""

    __tablename__ = "complaint_counter"

    last: Mapped[int]


def next_number() -> int:
    """The next number of this town. Whoever asks at the same moment waits for this transaction."""
    taken = db.session.scalar(
        update(ComplaintCounter).values(last=ComplaintCounter.last + 1).returning(ComplaintCounter.last)
    )
    if taken is not None:
        return taken
    db.session.add(ComplaintCounter(id=1, last=1))
    flush()
    return 1


def following(complaint_id: int, person_id: int | None) -> bool:
    """Whether this person follows that report."""
    found = select(ComplaintFollower.id).where(
        ComplaintFollower.complaint_id == complaint_id, ComplaintFollower.person_id == person_id
    )
    return db.session.scalar(found) is not None
