"""Exchanges that may be reviewed, and what the two say: one review a side, read once both wrote or after 14 days."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString
from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from town.commons.activity import Activity, record
from town.commons.board import CERTIFIED, CardFields
from town.commons.people.entering import not_with_oneself
from town.commons.people.models import Person
from town.commons.places.concerns import Concerns
from town.commons.reviews import activity
from town.commons.reviews.refusals import (
    AlreadyReplied,
    AlreadyReviewed,
    FactsStand,
    NobodyToReview,
    NotReadableYet,
    StandsAsWritten,
    TooLate,
)
from town.kernel.db import Base, Moment, PublicId, db, flush, now
from town.kernel.features import is_on
from town.kernel.jobs import enqueue
from town.kernel.tenancy import current_town

FEATURE: Final = "reviews"
WRITTEN_WITHIN: Final = timedelta(days=60)
CORRECTED_WITHIN: Final = timedelta(hours=48)
BLIND: Final = timedelta(days=14)
"""For so long the other one writes without having read, unless both have written."""
INVITED_AFTER: Final = timedelta(days=1)
LONGEST: Final = 600

YES, NO, UNCONCERNED = "yes", "no", "na"
_ANSWERS = f"IN ('{YES}', '{NO}', '{UNCONCERNED}')"


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of exchange, declared by the feature in which it takes place.

    shown: the page of the thing, by its public id. after: « après un prêt ». of_the_thing: what each of the two is
    asked about what changed hands, first the one whom `between` names first; None where nothing does.
    """

    name: str
    shown: str
    after: LazyString
    of_the_thing: tuple[LazyString, LazyString] | None = None

    def __post_init__(self) -> None:
        if self.name in SORTS:
            raise ValueError(f"{self.name} is declared twice")
        SORTS[self.name] = self


SORTS: dict[str, Sort] = {}


@dataclass(frozen=True, slots=True)
class Facts:
    """The three answers: each « yes », « no » or « na », not concerned."""

    kept_word: str
    as_agreed: str
    again: str


class Exchange(PublicId, Base):
    """Something that took place between two neighbours, confirmed by both or by the silence of one."""

    __tablename__ = "review_exchange"
    __table_args__ = (
        UniqueConstraint("thing", "thing_id"),
        Index("ix_review_exchange_first", "first_id", "id"),
        Index("ix_review_exchange_second", "second_id", "id"),
    )

    sort: Mapped[str] = mapped_column(String(20))
    thing: Mapped[str] = mapped_column(String(40))
    thing_id: Mapped[int]
    thing_public_id: Mapped[str] = mapped_column(String(22))
    title: Mapped[str] = mapped_column(String(200))
    first_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    first: Mapped[Person | None] = relationship(foreign_keys=[first_id])
    second_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    second: Mapped[Person | None] = relationship(foreign_keys=[second_id])
    at: Mapped[Moment] = mapped_column(index=True)
    reviews: Mapped[list["Review"]] = relationship(back_populates="exchange", cascade="all, delete-orphan")

    @property
    def parties(self) -> Sequence[Person]:
        """Those of the two whom we still know."""
        return [person for person in (self.first, self.second) if person is not None]

    @property
    def write_by(self) -> datetime:
        return self.at + WRITTEN_WITHIN

    def is_first(self, person_id: int) -> bool:
        """On which side somebody stands. A stranger stands on none."""
        if person_id not in (self.first_id, self.second_id):
            raise LookupError("they took no part in this")
        return person_id == self.first_id

    def other(self, person_id: int) -> Person | None:
        """The neighbour on the other side, unless their account is gone."""
        return self.second if self.is_first(person_id) else self.first

    def question(self, person_id: int) -> LazyString | None:
        """What this side is asked about the thing that changed hands, if one did."""
        sort = SORTS.get(self.sort)
        if sort is None or sort.of_the_thing is None:
            return None
        return sort.of_the_thing[0 if self.is_first(person_id) else 1]

    def review_by(self, person_id: int) -> "Review | None":
        """What somebody wrote, whoever may read it."""
        return next((review for review in self.reviews if review.writer_id == person_id), None)

    def review_about(self, person_id: int) -> "Review | None":
        """What was written about somebody, once it may be read."""
        return next((review for review in self.reviews if review.about_id == person_id and review.readable), None)

    def waits_for(self, person_id: int) -> bool:
        """Whether this side may still say how it went."""
        there = self.other(person_id) is not None
        return there and now() < self.write_by and self.review_by(person_id) is None

    def write(self, writer: Person, facts: Facts, text: str = "") -> "Review":
        """`writer` says how it went with the other one.

        Raises `TooLate`, `AlreadyReviewed`, `NobodyToReview`, `YouAreTheOther`.
        """
        not_with_oneself(self.first_id, self.second_id)
        self._hold()
        first, about = self.is_first(writer.id), self.other(writer.id)
        if about is None:
            raise NobodyToReview
        if now() >= self.write_by:
            raise TooLate
        if self.review_by(writer.id) is not None:
            raise AlreadyReviewed
        before = self.review_by(about.id)
        review = Review(exchange=self, by_first=first, writer=writer, about=about, text=text, written_at=now())
        review.readable_from = now() if before else now() + BLIND
        review.answer(facts)
        db.session.add(review)
        if before is not None:
            before.readable_from = min(before.readable_from, now())
        flush(AlreadyReviewed)
        if before is None:
            enqueue("reviews.readable", {"review": review.id}, at=review.readable_from)
        record(activity.WRITTEN if before is None else activity.BOTH_WROTE, self, actor=writer, whom=about.id)
        return review

    def _hold(self) -> None:
        """Both may write at the same moment: one after the other, so that the second sees the first."""
        flush()
        columns = [column.key for column in Exchange.__mapper__.column_attrs]
        db.session.refresh(self, columns, with_for_update={"of": Exchange})
        db.session.expire(self, ["reviews"])


class Review(PublicId, Base):
    """How it went, as one of the two says it of the other. Every neighbour may read it from `readable_from` on.

    hidden_at: moderation took it off (`hide`): nobody reads it but its writer, and no figure counts it.
    """

    __tablename__ = "review"
    __table_args__ = (
        UniqueConstraint("exchange_id", "by_first"),
        Index("ix_review_about", "about_id", "readable_from"),
        CheckConstraint(f"kept_word {_ANSWERS} AND as_agreed {_ANSWERS} AND again {_ANSWERS}", name="three_facts"),
        CheckConstraint("writer_id <> about_id", name="of_somebody_else"),
    )

    exchange_id: Mapped[int] = mapped_column(ForeignKey("review_exchange.id", ondelete="CASCADE"))
    exchange: Mapped[Exchange] = relationship(back_populates="reviews")
    by_first: Mapped[bool]
    writer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    writer: Mapped[Person | None] = relationship(foreign_keys=[writer_id])
    about_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    about: Mapped[Person] = relationship(foreign_keys=[about_id])
    kept_word: Mapped[str] = mapped_column(String(3))
    as_agreed: Mapped[str] = mapped_column(String(3))
    again: Mapped[str] = mapped_column(String(3))
    text: Mapped[str] = mapped_column(String(LONGEST), default="")
    written_at: Mapped[Moment]
    corrected_at: Mapped[Moment | None]
    readable_from: Mapped[Moment]
    reply: Mapped[str] = mapped_column(String(LONGEST), default="")
    replied_at: Mapped[Moment | None]
    hidden_at: Mapped[Moment | None]

    @classmethod
    def typed(cls) -> Select[Activity]:
        """Correlated to reviews: that the town hall wrote one of them down, at its writer's request."""
        written = Activity.kind.in_((activity.WRITTEN.name, activity.BOTH_WROTE.name))
        there = (Activity.thing == Exchange.__tablename__, Activity.thing_id == cls.exchange_id)
        return select(Activity).where(*there, written, Activity.acting_for_id == cls.writer_id)

    @property
    def entered_by_the_town_hall(self) -> bool:
        """One query."""
        return bool(db.session.scalar(select(Review.typed().exists()).where(Review.id == self.id)))

    @property
    def is_open(self) -> bool:
        """Whether the fortnight is over, or both have written."""
        return self.readable_from <= now()

    @property
    def readable(self) -> bool:
        return self.is_open and self.hidden_at is None

    @property
    def facts(self) -> Facts:
        return Facts(self.kept_word, self.as_agreed, self.again)

    @property
    def correctable(self) -> bool:
        return now() < self.written_at + CORRECTED_WITHIN

    def answer(self, facts: Facts) -> None:
        """Write the three answers down. Where nothing changed hands, nothing is said of it."""
        sort = SORTS.get(self.exchange.sort)
        for name, said in asdict(facts).items():
            setattr(self, name, said)
        if sort is not None and sort.of_the_thing is None:
            self.as_agreed = UNCONCERNED

    def correct(self, facts: Facts | None, text: str) -> None:
        """The writer corrects it, within 48 hours. Once it may be read, `facts` stand and are None here.

        Raises `StandsAsWritten`, `FactsStand`, `YouAreTheOther`.
        """
        not_with_oneself(self.writer_id, self.about_id)
        self._hold()
        if not self.correctable:
            raise StandsAsWritten
        if facts is not None:
            if self.is_open and facts != self.facts:
                raise FactsStand
            self.answer(facts)
        self.text, self.corrected_at = text, now()
        flush()

    def reply_with(self, text: str) -> None:
        """The neighbour it is about replies, once. Raises `NotReadableYet`, `AlreadyReplied`, `YouAreTheOther`."""
        not_with_oneself(self.writer_id, self.about_id)
        self._hold()
        if not self.readable:
            raise NotReadableYet
        if self.replied_at is not None:
            raise AlreadyReplied
        self.reply, self.replied_at = text, now()
        record(activity.REPLIED, self.exchange, actor=self.about, whom=self.writer_id)
        flush()

    def as_card(self) -> CardFields | None:
        """What a moderator reads of it. Its title names nobody, nor calls the thing by somebody's words."""
        with force_locale(current_town().language):
            after = SORTS[self.exchange.sort].after if self.exchange.sort in SORTS else ""
            title = _("Review %(after)s", after=after).strip()
            facts = (
                (self.kept_word, _("Kept their word"), _("Did not keep their word")),
                (self.as_agreed, _("The thing was as agreed"), _("The thing was not as agreed")),
                (self.again, _("Would do it again"), _("Would not do it again")),
            )
            said = ", ".join(yes if answer == YES else no for answer, yes, no in facts if answer != UNCONCERNED)
        return CardFields(
            kind="review",
            title=title,
            endpoint="reviews.review",
            visible_to=CERTIFIED,
            concerns=Concerns(),
            posted_at=self.written_at,
            excerpt=self.text or said,
            body="\n".join(part for part in (self.text, said, self.reply) if part),
            author=self.writer,
            hidden_at=self.hidden_at,
            language=current_town().language,
        )

    def hide(self) -> None:
        """Moderation takes it off everywhere, the figures included."""
        self.hidden_at = self.hidden_at or now()
        flush()

    def show_again(self) -> None:
        """Moderation puts it back as it was."""
        self.hidden_at = None
        flush()

    def _hold(self) -> None:
        flush()
        columns = [column.key for column in Review.__mapper__.column_attrs]
        db.session.refresh(self, columns, with_for_update={"of": Review})


def open_reviews(
    sort: Sort, thing: Any, *, between: tuple[Person | None, Person | None], at: datetime | None = None
) -> Exchange | None:
    """From now on the two may say how it went. Call it in the verb that confirms an exchange; twice is as once.

    Nothing is opened with somebody whose account is gone, nor where the town has no reviews.
    """
    first, second = between
    if first is None or second is None or first.id == second.id or not is_on(FEATURE):
        return None
    flush()
    if (open_already := exchange_about(thing)) is not None:
        return open_already
    exchange = Exchange(
        sort=sort.name,
        thing=thing.__tablename__,
        thing_id=thing.id,
        thing_public_id=thing.public_id,
        title=str(getattr(thing, "title", None) or getattr(thing, "name", ""))[:200],
        first=first,
        second=second,
        at=at or now(),
    )
    db.session.add(exchange)
    flush()
    later = exchange.at + INVITED_AFTER
    enqueue("reviews.invite", {"exchange": exchange.id}, at=later, key=f"reviews.invite:{exchange.id}")
    return exchange


def exchange_about(thing: Any) -> Exchange | None:
    """Where the two of this thing say how it went, once it is confirmed."""
    found = select(Exchange).where(Exchange.thing == thing.__tablename__, Exchange.thing_id == thing.id)
    return db.session.scalar(found)
