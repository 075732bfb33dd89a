"""What a case is made of: reports, decisions, appeals."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from flask_babel import gettext as _
from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from town.commons.holds import Hold
from town.commons.people.accounts import mailbox_of
from town.commons.people.entering import Entered
from town.commons.people.models import Person
from town.commons.trust.codes import grouped, make_code
from town.kernel.db import Base, Moment, PublicId, db, now

if TYPE_CHECKING:
    from town.commons.moderation.case import Case

KEEP: Final = "keep"
HIDE: Final = "hide"
MAILS_A_DAY: Final = 3

_UNANSWERED = text("decision_id IS NULL")
_OF_THE_AUTHOR = text("report_id IS NULL")


class Report(Entered, PublicId, Base):
    """Somebody says that a content breaks a rule. Its public id is the secret link of who has no account.

    by_link: sent without an account: whoever holds the link follows it. by_staff: by the town hall. at_once: it asked
    to hide the content until somebody has read it. counts: whether it may help to hide it without being asked. said:
    the content as it was. rejected_at: when a decision found nothing wrong.
    """

    __tablename__ = "moderation_report"
    __table_args__ = (
        Index(
            "one_unanswered_report",
            "case_id",
            "reporter_id",
            unique=True,
            sqlite_where=_UNANSWERED,
            postgresql_where=_UNANSWERED,
        ),
        Index("ix_moderation_report_rejected", "reporter_id", "rejected_at"),
    )

    case_id: Mapped[int] = mapped_column(ForeignKey("moderation_case.id", ondelete="CASCADE"), index=True)
    case: Mapped["Case"] = relationship(back_populates="reports")
    number: Mapped[str] = mapped_column(String(8), unique=True, default=make_code)
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reporter: Mapped[Person | None] = relationship(foreign_keys=[reporter_id])
    by_link: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str] = mapped_column(String(120), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    reason: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(Text)
    quote: Mapped[str] = mapped_column(Text, default="")
    by_staff: Mapped[bool] = mapped_column(default=False)
    at_once: Mapped[bool] = mapped_column(default=False)
    counts: Mapped[bool] = mapped_column(default=False)
    said: Mapped[dict[str, Any]] = mapped_column(JSON)
    fingerprint: Mapped[str] = mapped_column(String(64), default="")
    at: Mapped[Moment] = mapped_column(default=now, index=True)
    rejected_at: Mapped[Moment | None]
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("moderation_decision.id"), index=True)

    @property
    def title(self) -> str:
        """What it is called, for who sent this: nothing of what was hidden before they did, as long as it is."""
        hidden = select(Hold.at).where(Hold.thing == self.case.thing, Hold.public_id == self.case.thing_public_id)
        since = db.session.scalar(hidden)
        return _("Something that is hidden") if since is not None and since < self.at else self.case.title

    @property
    def mailed(self) -> bool:
        """Whether we write to the e-mail that was typed. Nobody has proved that it is theirs: three a day at most."""
        if not self.email:
            return False
        that_day = (Report.id < self.id, Report.at > self.at - timedelta(days=1), Report.email != "")
        before = db.session.scalars(select(Report.email).where(*that_day))
        return [mailbox_of(email) for email in before].count(mailbox_of(self.email)) < MAILS_A_DAY

    @property
    def shown_number(self) -> str:
        """« K7QM-3XRT », to be said on the telephone."""
        return grouped(self.number)


class Decision(PublicId, Base):
    """Keep it, or hide it; the rule, the facts, what its author reads. Never changed, only followed by another.

    reviews_id, reviewed_by_id: the decision that was appealed against, and who had taken it: the database itself
    refuses the same person twice, and the author.
    """

    __tablename__ = "moderation_decision"
    __table_args__ = (
        UniqueConstraint("id", "by_id"),
        ForeignKeyConstraint(
            ["reviews_id", "reviewed_by_id"],
            ["moderation_decision.id", "moderation_decision.by_id"],
            name="fk_moderation_decision_reviewed",
            onupdate="CASCADE",
        ),
        CheckConstraint(f"verdict IN ('{KEEP}', '{HIDE}')", name="known_verdict"),
        CheckConstraint(f"verdict = '{KEEP}' OR (rule <> '' AND facts <> '' AND words <> '')", name="reasons_given"),
        CheckConstraint("by_id <> reviewed_by_id", name="judged_by_another"),
        CheckConstraint("by_id <> author_id", name="not_on_oneself"),
    )

    case_id: Mapped[int] = mapped_column(ForeignKey("moderation_case.id", ondelete="CASCADE"), index=True)
    case: Mapped["Case"] = relationship(back_populates="decisions")
    verdict: Mapped[str] = mapped_column(String(4))
    rule: Mapped[str] = mapped_column(String(20), default="")
    facts: Mapped[str] = mapped_column(Text, default="")
    words: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    by: Mapped[Person | None] = relationship(foreign_keys=[by_id])
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    reviews_id: Mapped[int | None] = mapped_column(ForeignKey("moderation_decision.id"), index=True)
    reviewed_by_id: Mapped[int | None]
    at: Mapped[Moment] = mapped_column(default=now)

    @property
    def hides(self) -> bool:
        return self.verdict == HIDE


class Appeal(Entered, PublicId, Base):
    """Its author, or who sent the report `report_id` that was rejected, asks that another person judges."""

    __tablename__ = "moderation_appeal"
    __table_args__ = (
        Index(
            "one_appeal_of_the_author",
            "decision_id",
            unique=True,
            sqlite_where=_OF_THE_AUTHOR,
            postgresql_where=_OF_THE_AUTHOR,
        ),
        Index("one_appeal_of_a_report", "report_id", unique=True),
    )

    case_id: Mapped[int] = mapped_column(ForeignKey("moderation_case.id", ondelete="CASCADE"), index=True)
    case: Mapped["Case"] = relationship(back_populates="appeals")
    decision_id: Mapped[int] = mapped_column(ForeignKey("moderation_decision.id"))
    decision: Mapped[Decision] = relationship(foreign_keys=[decision_id])
    report_id: Mapped[int | None] = mapped_column(ForeignKey("moderation_report.id"))
    report: Mapped[Report | None] = relationship()
    words: Mapped[str] = mapped_column(Text)
    at: Mapped[Moment] = mapped_column(default=now)
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("moderation_decision.id"))
    answer: Mapped[Decision | None] = relationship(foreign_keys=[answer_id])
