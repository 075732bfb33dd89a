"""A case: all that was reported and decided about one content."""

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from town.commons.moderation.deciding import Deciding
from town.commons.moderation.records import Appeal, Decision, Report
from town.commons.moderation.reporting import Reporting
from town.commons.people.models import Person
from town.kernel.db import Base, Moment, PublicId, now

_WAITING = text("waiting_since IS NOT NULL")


class Case(Reporting, Deciding, PublicId, Base):
    """All that was reported and decided about one content. It waits while a report or an appeal has no answer.

    thing, thing_public_id: the content. author: who answers for it, shown on it or not. organisation: in whose name it
    stands there, or whose page it is. about: the neighbour of whom it speaks, if it is about one. due_at: until when
    somebody has to read what was hidden at once.
    """

    __tablename__ = "moderation_case"
    __table_args__ = (
        UniqueConstraint("thing", "thing_public_id"),
        Index("ix_moderation_case_waiting", "waiting_since", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_moderation_case_thing_public_id", "thing_public_id"),
    )

    thing: Mapped[str] = mapped_column(String(40))
    thing_public_id: Mapped[str] = mapped_column(String(22))
    endpoint: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(200))
    official: Mapped[bool]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    author: Mapped[Person | None] = relationship(foreign_keys=[author_id])
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id", ondelete="SET NULL"), index=True)
    about_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    opened_at: Mapped[Moment] = mapped_column(default=now)
    waiting_since: Mapped[Moment | None]
    due_at: Mapped[Moment | None]

    reports: Mapped[list[Report]] = relationship(back_populates="case", order_by="Report.id")
    decisions: Mapped[list[Decision]] = relationship(back_populates="case", order_by="Decision.id")
    appeals: Mapped[list[Appeal]] = relationship(back_populates="case", order_by="Appeal.id")
