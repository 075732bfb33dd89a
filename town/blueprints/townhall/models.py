"""Notices of the town hall and what was corrected in them."""

from datetime import date, datetime, time, timedelta
from difflib import SequenceMatcher
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Select, String, Text, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from town.blueprints.townhall import activity
from town.commons import board
from town.commons.activity import record
from town.commons.audit import audit
from town.commons.board import PUBLIC, CardFields
from town.commons.notices.models import take_back
from town.commons.notices.reach import residents_of
from town.commons.people.models import Person
from town.commons.places.concerns import Concerns, names
from town.kernel.db import Base, Moment, PublicId, db, flush, now
from town.kernel.inventory import not_mine
from town.kernel.refusals import Refused
from town.kernel.retention import keeps
from town.kernel.signals import person_erased
from town.kernel.tenancy import current_town

INFO, WORKS, LIFE, ALERT = "info", "works", "life", "alert"
KINDS = (INFO, WORKS, LIFE, ALERT)
DRAFT, PUBLISHED, WITHDRAWN = "draft", "published", "withdrawn"
PINNED_FOR = timedelta(hours=48)
"""How long an urgent notice without a last day stays at the head of the home page."""
CORRECTED = ("title", "words", "starts_on", "ends_on", "places")
"""What a correction keeps of the notice as it was."""


class AlreadyPublished(Refused):
    """It went out a moment ago, from another tab or another desk."""

    sentence = _l("This notice is published already. Those concerned have been told once.")


class NoLongerPublished(Refused):
    """It was withdrawn, or never published."""

    sentence = _l("This notice is not on the board: there is nothing to pin, correct or withdraw.")


class OnlyUrgentIsPinned(Refused):
    """The red card is kept for what is urgent."""

    sentence = _l("Only an urgent notice stands in red at the head of the home page.")


class AnotherWasPinned(Refused):
    """Two desks pinned at once."""

    sentence = _l("Somebody has just pinned another notice. Look at it before you replace it.")


class Notice(PublicId, Base):
    """The town hall's word. Anybody may read it once published; those who live where it concerns people are told."""

    __tablename__ = "townhall_notice"
    __table_args__ = (
        CheckConstraint(f"kind IN ('{INFO}', '{WORKS}', '{LIFE}', '{ALERT}')", name="known_kind"),
        CheckConstraint(f"state IN ('{DRAFT}', '{PUBLISHED}', '{WITHDRAWN}')", name="known_state"),
        CheckConstraint(f"(state = '{DRAFT}') = (published_at IS NULL)", name="published_once"),
        CheckConstraint(f"pinned_until IS NULL OR state = '{PUBLISHED}'", name="pinned_while_published"),
        CheckConstraint("starts_on IS NULL OR ends_on IS NULL OR starts_on <= ends_on", name="days_in_order"),
        Index(
            "one_pinned",
            "state",
            unique=True,
            sqlite_where=text("pinned_until IS NOT NULL"),
            postgresql_where=text("pinned_until IS NOT NULL"),
        ),
        Index("ix_townhall_notice_recent", "state", "published_at", "id"),
    )

    title: Mapped[str] = mapped_column(String(80))
    words: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(10), default=INFO)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    concerned: Mapped[dict[str, Any]] = mapped_column(JSON)
    places: Mapped[str] = mapped_column(Text, default="")
    signature: Mapped[str] = mapped_column(String(120))
    language: Mapped[str] = mapped_column(String(5))
    state: Mapped[str] = mapped_column(String(12), default=DRAFT)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    author: Mapped[Person | None] = relationship()
    created_at: Mapped[Moment] = mapped_column(default=now)
    published_at: Mapped[Moment | None]
    withdrawn_at: Mapped[Moment | None]
    pinned_until: Mapped[Moment | None]
    corrections: Mapped[list["Correction"]] = relationship(
        back_populates="notice", order_by="Correction.id", cascade="all, delete-orphan"
    )

    @classmethod
    def drafted(cls, by: Person, **said: Any) -> "Notice":
        """A new notice that nobody but the town hall sees yet."""
        notice = cls(author=by, language=current_town().language)
        notice._say(**said)
        db.session.add(notice)
        flush()
        return notice

    def _say(
        self,
        *,
        title: str,
        words: str,
        kind: str,
        starts_on: date | None,
        ends_on: date | None,
        concerns: Concerns,
        signature: str,
    ) -> None:
        self.title, self.words, self.kind, self.signature = title, words, kind, signature
        self.starts_on, self.ends_on = starts_on, ends_on
        self.concerned = concerns.to_json()
        self.places = ", ".join(names(concerns))  # as they are called today: a notice is a dated document

    def rewrite(self, **said: Any) -> None:
        """Change a draft. What is published is corrected instead, for everybody to see."""
        if self.state != DRAFT:
            raise AlreadyPublished
        self._say(**said)
        flush()

    def publish(self, by: Person) -> None:
        """Put it on the board and tell those concerned. An urgent one is pinned."""
        db.session.refresh(self, with_for_update=True)
        if self.state != DRAFT:
            raise AlreadyPublished
        self.state, self.published_at = PUBLISHED, now()
        board.publish(self)
        record(activity.ALERTED if self.urgent else activity.PUBLISHED, self, actor=by)
        audit("townhall:notice:publish", by, notice=self.public_id, concerns=self.concerned)
        if self.urgent:
            self.pin(by)
        flush()

    def pin(self, by: Person) -> None:
        """Set it in red at the head of the home page, in the place of the one that stood there."""
        if self.state != PUBLISHED:
            raise NoLongerPublished
        if not self.urgent:
            raise OnlyUrgentIsPinned
        for other in db.session.scalars(select(Notice).where(Notice.pinned_until.is_not(None), Notice.id != self.id)):
            other.pinned_until = None
            board.publish(other)
        self.pinned_until = max(self.ends_at or now() + PINNED_FOR, now() + timedelta(hours=1))
        audit("townhall:notice:pin", by, notice=self.public_id)
        flush(AnotherWasPinned)
        board.publish(self)

    def unpin(self, by: Person) -> None:
        """Take it down from the head of the home page; it stays on the board."""
        self.pinned_until = None
        audit("townhall:notice:unpin", by, notice=self.public_id)
        board.publish(self)

    def correct(self, by: Person, *, important: bool, **said: Any) -> None:
        """Change what is published; what it said before stays readable. Only an important correction is told."""
        if self.state != PUBLISHED:
            raise NoLongerPublished
        before = {name: getattr(self, name) for name in CORRECTED}
        self._say(**said)
        if any(getattr(self, name) != value for name, value in before.items()):
            self.corrections.append(Correction(**before))
        if not self.urgent:
            self.pinned_until = None
        board.publish(self)
        record(activity.CORRECTED, self, actor=by, important=important)
        audit("townhall:notice:correct", by, notice=self.public_id, important=important)
        flush()

    def withdraw(self, by: Person) -> None:
        """Take it off the board and out of every inbox; its address says so."""
        if self.state != PUBLISHED:
            raise NoLongerPublished
        self.state, self.withdrawn_at, self.pinned_until = WITHDRAWN, now(), None
        board.withdraw(self)
        take_back(self)
        record(activity.WITHDRAWN, self, actor=by)
        audit("townhall:notice:withdraw", by, notice=self.public_id)
        flush()

    def throw_away(self) -> None:
        """Forget a draft."""
        if self.state != DRAFT:
            raise AlreadyPublished
        db.session.delete(self)
        flush()

    def card(self) -> CardFields | None:
        """How it looks on the board: white paper, signed."""
        if self.state != PUBLISHED or self.published_at is None:
            return None
        return CardFields(
            kind="notice",
            title=self.title,
            endpoint="townhall.notice",
            visible_to=PUBLIC,
            concerns=self.concerns,
            posted_at=self.published_at,
            excerpt=self.words,
            body=f"{self.words}\n\n{self.places}\n\n{self.signature}",
            detail=self.signature,
            official=True,
            language=self.language,
            expires_at=self.ends_at,
            pinned_until=self.pinned_until,
        )

    def would_replace(self) -> "Notice | None":
        """The notice that stands in red today and would give way to this one."""
        if not self.urgent:
            return None
        return db.session.scalar(select(Notice).where(Notice.pinned_until > now(), Notice.id != self.id).limit(1))

    def told(self) -> Select[Any] | tuple[()]:
        """Whom to tell of it: nobody, once it is withdrawn."""
        return residents_of(self.concerns) if self.state == PUBLISHED else ()

    @property
    def urgent(self) -> bool:
        return self.kind == ALERT

    @property
    def concerns(self) -> Concerns:
        return Concerns.from_json(self.concerned)

    @property
    def pinned(self) -> bool:
        return self.pinned_until is not None and self.pinned_until > now()

    @property
    def ends_at(self) -> datetime | None:
        """The end of its last day, on the town hall's clock: then it leaves the board, but not its address."""
        if self.ends_on is None:
            return None
        return datetime.combine(self.ends_on + timedelta(days=1), time.min, ZoneInfo(current_town().timezone))

    @property
    def over(self) -> bool:
        return self.ends_at is not None and self.ends_at <= now()


class Correction(Base):
    """What a notice said before it was corrected."""

    __tablename__ = "townhall_correction"

    notice_id: Mapped[int] = mapped_column(ForeignKey("townhall_notice.id", ondelete="CASCADE"), index=True)
    notice: Mapped[Notice] = relationship(back_populates="corrections")
    title: Mapped[str] = mapped_column(String(80))
    words: Mapped[str] = mapped_column(Text)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    places: Mapped[str] = mapped_column(Text)
    at: Mapped[Moment] = mapped_column(default=now)


def changes(before: str, after: str) -> list[tuple[str, str]]:
    """What became of a text: pieces with "same", "gone" or "new"."""
    old, new = before.split(), after.split()
    found: list[tuple[str, str]] = []
    for step, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if step == "equal":
            found.append(("same", " ".join(new[c:d])))
            continue
        if a < b:
            found.append(("gone", " ".join(old[a:b])))
        if c < d:
            found.append(("new", " ".join(new[c:d])))
    return found


@person_erased.connect
def forget_author(person: Person) -> None:
    """A notice is the town hall's: it stays, without saying whose account wrote it."""
    for notice in db.session.scalars(select(Notice).where(Notice.author_id == person.id)):
        notice.author_id = None


not_mine(Notice.author_id, "a notice is the town hall's word, signed by its office")
keeps(
    "townhall.notices",
    what=_l("The town hall’s notices"),
    why=_l("They are public documents"),
    how_long=_l("As long as the town hall keeps them"),
    then=_l("Who wrote one is forgotten with their account; the signature of the office stays"),
)
