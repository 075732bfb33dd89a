"""What the town hall does with a report. Each verb writes a step, tells those who wait and is audited."""

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import update
from sqlalchemy.orm import Mapped

from town.blueprints.complaints import activity
from town.blueprints.complaints.models.records import PHOTOS, PHOTOS_KEPT
from town.blueprints.complaints.models.refusals import (
    AnsweredMeanwhile,
    AskedToStayPrivate,
    NotAfterThat,
    NothingSaid,
    NotPublic,
    NotReadYet,
    ReasonNeeded,
    SameReport,
)
from town.commons.activity import Kind, record
from town.commons.audit import audit
from town.commons.board import publish, shorten
from town.commons.holds import hold_on
from town.commons.people.models import Person
from town.kernel.db import Moment, db, flush, now
from town.kernel.media import Media, pictures_of

if TYPE_CHECKING:
    from town.blueprints.complaints.models.complaint import Complaint

OPEN: Final = ("received", "acknowledged", "planned", "in_progress", "forwarded")
ENDED: Final = ("resolved", "declined", "duplicate")
STATES: Final = OPEN + ENDED

WHY: Final = ("not_ours", "not_planned", "gone")
"""How a report ends without being resolved: never added together with those that were (CP-08)."""

_ANYWHERE: Final = frozenset(("planned", "in_progress", "resolved", "declined", "forwarded", "duplicate"))
LEADS_TO: Final = {
    "received": frozenset(("acknowledged",)),
    "acknowledged": _ANYWHERE,
    "planned": _ANYWHERE,
    "in_progress": _ANYWHERE,
    "forwarded": _ANYWHERE,
    "resolved": frozenset(("in_progress",)),
    "declined": frozenset(("in_progress",)),
    "duplicate": frozenset[str](),
}

TITLE: Final = 80


class Answering:
    """The town hall's verbs, a trait of `Complaint`. `seen` is the version that the agent's page showed."""

    if TYPE_CHECKING:  # columns that stand in `Complaint`
        state: Mapped[str]
        why: Mapped[str | None]
        title: Mapped[str]
        shown_words: Mapped[str]
        planned_on: Mapped[date | None]
        forwarded_to: Mapped[str]
        assigned_to: Mapped[Person | None]
        duplicate_of: Mapped["Complaint | None"]
        read_at: Mapped[Moment | None]
        published_at: Mapped[Moment | None]
        answered_at: Mapped[Moment | None]
        closed_at: Mapped[Moment | None]

        def __getattr__(self, name: str) -> Any: ...  # the others

    def acknowledge(
        self,
        agent: Person,
        *,
        to_all: bool,
        title: str = "",
        shown_words: str = "",
        hidden: Collection[str] = (),
        words: str = "",
        seen: int | None = None,
    ) -> None:
        """Read it, choose whether everybody may, and perhaps answer at once. `hidden`: photos kept inside, by name."""
        self._become("acknowledged", seen)
        self.read_at = now()
        if to_all:
            self._show(title, shown_words, hidden)
        self._done(activity.acknowledged, agent, words)

    def show_to_all(
        self, agent: Person, *, title: str, shown_words: str, hidden: Collection[str], seen: int | None = None
    ) -> None:
        """Let everybody read it, in words without names and with photos without faces; or change what they read."""
        if self.read_at is None:
            raise NotReadYet
        self._turn(seen)
        self._show(title, shown_words, hidden)
        audit("complaint:desk:show", agent, self.reporter, number=self.number)
        publish(self)

    def keep_inside(self, agent: Person, seen: int | None = None) -> None:
        """Take it out of everybody's sight. It goes on for the town hall and its reporter."""
        if self.read_at is None:
            raise NotReadYet
        self._turn(seen)
        self.published_at = None
        audit("complaint:desk:keep_inside", agent, self.reporter, number=self.number)
        publish(self)

    def answer(self, agent: Person, words: str, seen: int | None = None) -> None:
        """Say something that everybody who sees the report reads."""
        if not words:
            raise NothingSaid
        if self.read_at is None:
            raise NotReadYet
        self._turn(seen)
        self._done(activity.answered, agent, words, verb="answered")

    def plan(self, agent: Person, when: date, words: str = "", seen: int | None = None) -> None:
        """Name the day on which it will be dealt with."""
        self._become("planned", seen)
        self.planned_on = when
        self._done(activity.planned, agent, words, on=when)

    def start(self, agent: Person, words: str = "", seen: int | None = None) -> None:
        """Work has begun."""
        self._become("in_progress", seen)
        self._done(activity.started, agent, words)

    def resolve(self, agent: Person, words: str = "", seen: int | None = None) -> None:
        """It is repaired, done, or replied to."""
        self._become("resolved", seen)
        self._done(activity.resolved, agent, words)

    def decline(self, agent: Person, reason: str, why: str = "not_planned", seen: int | None = None) -> None:
        """Nothing will be done, for a reason that everybody reads."""
        if not reason:
            raise ReasonNeeded
        self._become("declined", seen)
        self.why = why
        self._done(activity.declined, agent, reason, detail=why)

    def forward(self, agent: Person, to: str, words: str = "", seen: int | None = None) -> None:
        """It is somebody else's task: the county's, the electricity network's. It stays open here."""
        self._become("forwarded", seen)
        self.forwarded_to = to
        self._done(activity.forwarded, agent, words, detail=to)

    def merge_into(self, agent: Person, other: "Complaint", words: str = "", seen: int | None = None) -> None:
        """Somebody had reported it before: followers and photos that everybody saw go to the other report."""
        if other.id == self.id or other.state == "duplicate":
            raise SameReport
        if other.published_at is None and other.reporter_id != self.reporter_id:
            raise NotPublic  # its reporter could not read what happens
        self._become("duplicate", seen)
        self.duplicate_of = other
        if self.published_at and hold_on(self) is None:  # what moderation hid does not come back with another
            db.session.execute(
                update(Media)
                .where(Media.subject_type == PHOTOS, Media.subject_id == self.id)
                .values(subject_id=other.id)
                .execution_options(synchronize_session=False)
            )
        for person in self.audience():
            other._let_follow(person)
        other._count_followers()
        publish(other)
        self._done(activity.merged, agent, words, detail=str(other.number))

    def reopen(self, agent: Person, words: str = "", seen: int | None = None) -> None:
        """It was not over after all."""
        if self.open:
            raise NotAfterThat
        self._become("in_progress", seen)
        self.why = None
        self._done(activity.reopened, agent, words, verb="reopened")

    def assign(self, agent: Person, to: Person | None) -> None:
        """Say which colleague follows it up."""
        self.assigned_to = to
        self._step("assigned", agent, detail=to.full_name if to else "", internal=True)
        audit("complaint:desk:assign", agent, to, number=self.number)
        flush()

    def note(self, agent: Person, words: str) -> None:
        """Leave a word for colleagues; nobody else reads it."""
        if not words:
            raise NothingSaid
        self._step("noted", agent, words, internal=True)
        flush()

    def _turn(self, seen: int | None) -> None:
        """Take the turn: of two agents who saw the same version, the second is refused, on both engines."""
        seen = self.version if seen is None else seen
        report: Any = type(self)  # its version alone, which no card shows
        moved = db.session.execute(
            update(report)
            .where(report.id == self.id, report.version == seen)
            .values(version=seen + 1)
            .returning(report.version)
            .execution_options(synchronize_session=False)
        ).scalar()
        if moved is None:
            raise AnsweredMeanwhile
        db.session.refresh(self, ["version"])

    def _become(self, state: str, seen: int | None) -> None:
        if seen is not None and seen != self.version:
            raise AnsweredMeanwhile  # before its new state is mistaken for a wrong one
        if state not in LEADS_TO[self.state]:
            raise NotReadYet if self.state == "received" else NotAfterThat
        self._turn(seen)
        self.state = state
        self.closed_at = now() if state in ENDED else None

    def _done(
        self, kind: Kind, agent: Person, words: str, *, verb: str = "", detail: str = "", on: date | None = None
    ) -> None:
        """Write the step, tell those who wait, note the act, show the card again."""
        if words or self.state != "acknowledged":
            self.answered_at = self.answered_at or now()  # having read it is no answer
        self._step(verb or self.state, agent, words, detail, on=on)
        record(kind, self, actor=agent, to=self.forwarded_to)
        audit(f"complaint:desk:{verb or self.state}", agent, self.reporter, number=self.number)
        publish(self)

    def _show(self, title: str, shown_words: str, hidden: Collection[str]) -> None:
        if not self.may_be_shown:
            raise AskedToStayPrivate
        self.title = shorten(title, TITLE) or self.title
        self.shown_words = shown_words or self.shown_words
        self.published_at = self.published_at or now()
        photos = [photo for sort in (PHOTOS, PHOTOS_KEPT) for photo in db.session.scalars(pictures_of(sort, self.id))]
        for photo in photos:
            photo.subject_type = PHOTOS_KEPT if photo.name in hidden else PHOTOS
