"""A report: what its reporter sent, and what anybody may see of it."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from town.blueprints.complaints import activity
from town.blueprints.complaints.categories import SENSITIVE
from town.blueprints.complaints.models.answering import ENDED, LEADS_TO, OPEN, TITLE, Answering
from town.blueprints.complaints.models.following import Followed
from town.blueprints.complaints.models.records import PHOTOS, ComplaintStep, next_number
from town.commons.activity import record
from town.commons.board import PUBLIC, STAFF, CardFields, publish, shorten
from town.commons.people.hats import OnBehalf
from town.commons.people.models import Person
from town.commons.people.organisations import Organisation
from town.commons.places.concerns import Concerns
from town.commons.places.models import Place, Quarter
from town.commons.places.spots import Shown, seen_by_strangers
from town.kernel.db import Base, Moment, PublicId, db, flush, now
from town.kernel.media import Stored, attach, pictures_of

_OPEN, _PUBLIC = text("closed_at IS NULL"), text("published_at IS NOT NULL")


class Complaint(Answering, Followed, OnBehalf, PublicId, Base):
    """A report. Staff and its reporter see it whole; everybody else sees `title`, `shown_*` and some photos, once
    `published_at` says that an agent has read it and showed it. In whose name it was sent is known to the first alone.
    """

    __tablename__ = "complaint"
    __table_args__ = (
        Index("ix_complaint_open", "received_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_complaint_public", "number", sqlite_where=_PUBLIC, postgresql_where=_PUBLIC),
        CheckConstraint(f"closed_at IS NOT NULL OR state IN {OPEN}", name="open_states"),
        CheckConstraint(f"closed_at IS NULL OR state IN {ENDED}", name="ended_states"),
        CheckConstraint("(read_at IS NULL) = (state = 'received')", name="read_before_all_else"),
        CheckConstraint("published_at IS NULL OR read_at IS NOT NULL", name="read_before_shown"),
    )

    number: Mapped[int] = mapped_column(unique=True)
    category: Mapped[str] = mapped_column(String(20), index=True)
    state: Mapped[str] = mapped_column(String(20), default="received", index=True)
    why: Mapped[str | None] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(String(TITLE + 1))
    shown_words: Mapped[str] = mapped_column(Text)
    shown_place: Mapped[str] = mapped_column(String(200), default="")
    shown_lon: Mapped[float | None]
    shown_lat: Mapped[float | None]
    wanted_public: Mapped[bool]
    version: Mapped[int] = mapped_column(default=1)
    me_too: Mapped[int] = mapped_column(default=0)
    planned_on: Mapped[date | None]
    forwarded_to: Mapped[str] = mapped_column(String(120), default="")

    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    reporter: Mapped[Person | None] = relationship(foreign_keys=[reporter_id])
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    assigned_to: Mapped[Person | None] = relationship(foreign_keys=[assigned_to_id])
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), index=True)
    place: Mapped[Place | None] = relationship()
    street_id: Mapped[int | None] = mapped_column(ForeignKey("street.id"))
    quarter_id: Mapped[int | None] = mapped_column(ForeignKey("quarter.id"), index=True)
    quarter: Mapped[Quarter | None] = relationship()
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("complaint.id"), index=True)
    duplicate_of: Mapped["Complaint | None"] = relationship(remote_side="Complaint.id")

    received_at: Mapped[Moment] = mapped_column(default=now)
    read_at: Mapped[Moment | None]
    published_at: Mapped[Moment | None]
    answered_at: Mapped[Moment | None]
    closed_at: Mapped[Moment | None]

    @classmethod
    def report(
        cls,
        reporter: Person,
        category: str,
        words: str,
        place: Place | None,
        *,
        to_all: bool = True,
        pictures: Iterable[Stored] = (),
        on_behalf_of: Organisation | None = None,
    ) -> "Complaint":
        """Send a report to the town hall: it has its number at once, and only its reporter and staff see it for now."""
        shown = seen_by_strangers(place, reporter.address) if place else Shown("", None, None)
        report = cls(
            number=next_number(),
            category=category,
            words=words,
            title=first_sentence(words),
            shown_words=words,
            shown_place=shown.words,
            shown_lon=shown.lon,
            shown_lat=shown.lat,
            wanted_public=to_all and category not in SENSITIVE,
            reporter=reporter,
            on_behalf_of=on_behalf_of,
            place=place,
            street_id=place.street.id if place and place.street else None,
            quarter_id=place.quarter.id if place and place.quarter else None,
        )
        db.session.add(report)
        flush()
        attach(pictures, PHOTOS, report.id, uploaded_by=reporter.id)
        report._step("received", None)
        record(activity.reported, report, actor=reporter, on_behalf_of=on_behalf_of)
        publish(report)
        return report

    def card(self) -> CardFields | None:
        """On the board for staff alone until it is shown to all; a duplicate gives way to the other, and what has
        no words left has nothing to show.
        """
        if self.state == "duplicate" or not self.words:
            return None
        photo = db.session.scalar(pictures_of(PHOTOS, self.id).limit(1))
        streets = (self.street_id,) if self.street_id and self.shown_place else ()
        quarters = (self.quarter_id,) if self.quarter_id and self.shown_place and not streets else ()
        return CardFields(
            kind="complaint",
            title=self.title,
            endpoint=activity.PAGE,
            visible_to=PUBLIC if self.published_at else STAFF,
            concerns=Concerns(streets=streets, quarters=quarters),
            posted_at=self.published_at or self.received_at,
            excerpt=after_the_title(self.shown_words, self.title),
            body=f"{self.shown_words} {self.shown_place}",
            owner=self.reporter,
            photo=photo.name if photo else None,
            photo_alt=photo.alt if photo else "",
            state=self.state,
            detail=self.shown_place,
        )

    @property
    def open(self) -> bool:
        return self.closed_at is None

    @property
    def may_be_shown(self) -> bool:
        """Whether its reporter agreed to have it read by everybody, and the subject allows it."""
        return self.wanted_public and self.category not in SENSITIVE

    def may_become(self, state: str) -> bool:
        return state in LEADS_TO[self.state]

    def _step(self, verb: str, agent: Person | None, words: str = "", detail: str = "", **more: Any) -> None:
        """Write a line of the timeline. more: `on`, the day named; `internal`, for colleagues alone."""
        db.session.add(
            ComplaintStep(complaint_id=self.id, verb=verb, by=agent, words=words, detail=detail[:200], **more)
        )


def first_sentence(words: str) -> str:
    """The title of a report whose reporter was not asked for one."""
    line = next((line.strip() for line in words.splitlines() if line.strip()), "")
    return shorten(re.split(r"(?<=[.!?…])\s", line, maxsplit=1)[0].rstrip(" ."), TITLE)


def after_the_title(words: str, title: str) -> str:
    """What is left to say of a report under its title, which is mostly its first sentence."""
    return words[len(title) :].lstrip(" .\n") if words.startswith(title) else words
