"""Loans: from the request to the return, by verbs that skip nothing and never go back."""

from datetime import UTC, datetime, time, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, func, or_, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from town.blueprints.lending import activity
from town.blueprints.lending.models.item import Item
from town.blueprints.lending.models.moves import (
    ACCEPTED,
    CANCELLED,
    EXPIRED,
    HANDED_OVER,
    MOVES,
    NOT_FROM,
    OPEN,
    REFUSED,
    REQUESTED,
    RETURNED,
)
from town.blueprints.lending.refusals import (
    AlreadyOver,
    AlreadySaid,
    EnoughLoans,
    NotOnTheShelf,
    StillWithSomebody,
    YourOwnThing,
)
from town.commons.activity import Kind, record
from town.commons.bookings import Booking, Period, book, words
from town.commons.people.entering import not_with_oneself
from town.commons.people.hats import OnBehalf
from town.commons.people.models import Person
from town.commons.people.organisations import Organisation
from town.commons.reviews import open_reviews
from town.kernel.db import Base, Moment, PublicId, db, flush, now
from town.kernel.jobs import cancel as take_back
from town.kernel.jobs import enqueue
from town.kernel.language import local
from town.kernel.retention import Span

OPEN_LOANS = 5
ANSWER_WITHIN = timedelta(hours=48)
SILENCE_CONFIRMS = timedelta(days=3)
"""When one of the two has said that it changed hands and the other says nothing, it did."""
REMINDED_AT = time(9)
REMEMBERED = Span(months=12)
"""How long two neighbours may want to look a loan up, or argue about it."""

_OUT = text("state = 'handed_over' AND taken_back_at IS NULL")


class Loan(OnBehalf, PublicId, Base):
    """One neighbour's time with another's item, from the request to the return. Only the two of them see it.

    Asked for in the name of an organisation, it says so to the owner; who borrows, and is known by facts, is a person.
    """

    __tablename__ = "lending_loan"
    __table_args__ = (
        Index("ix_lending_loan_borrower", "borrower_id", "id"),
        Index("ix_lending_loan_item", "item_id", "id"),
        Index("uq_lending_loan_out", "item_id", unique=True, sqlite_where=_OUT, postgresql_where=_OUT),
        CheckConstraint(f"state IN {(*OPEN, RETURNED, REFUSED, CANCELLED, EXPIRED)}", name="known_state"),
        CheckConstraint(
            "state NOT IN ('handed_over', 'returned') OR (given_at IS NOT NULL AND received_at IS NOT NULL)",
            name="both_said_it_left",
        ),
        CheckConstraint(
            "state <> 'returned' OR (brought_back_at IS NOT NULL AND taken_back_at IS NOT NULL)",
            name="both_said_it_came_back",
        ),
        CheckConstraint("cancelled_by IN ('owner', 'borrower')", name="cancelled_by_one_of_them"),
    )

    item_id: Mapped[int] = mapped_column(ForeignKey("lending_item.id"))
    item: Mapped[Item] = relationship(back_populates="loans", lazy="joined", innerjoin=True)
    borrower_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    borrower: Mapped[Person | None] = relationship()
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), unique=True)
    booking: Mapped[Booking] = relationship(lazy="joined", innerjoin=True)
    state: Mapped[str] = mapped_column(String(12))
    message: Mapped[str] = mapped_column(Text, default="")
    answer: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[Moment] = mapped_column(default=now)
    answer_by: Mapped[Moment]
    answered_at: Mapped[Moment | None]
    given_at: Mapped[Moment | None]
    received_at: Mapped[Moment | None]
    brought_back_at: Mapped[Moment | None]
    taken_back_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]
    cancelled_by: Mapped[str | None] = mapped_column(String(8))  # "owner" or "borrower"
    reminded_for: Mapped[int | None]  # the last of activity.REMINDERS that was sent

    @classmethod
    def ask(
        cls,
        item: Item,
        borrower: Person,
        period: Period,
        message: str = "",
        *,
        on_behalf_of: Organisation | None = None,
    ) -> "Loan":
        """`borrower` would like to have it for that time, which is kept for them until the answer.

        Raises `AlreadyBooked`, `NotOnTheShelf`, `YourOwnThing`, `EnoughLoans`, `YouAreTheOther`.
        """
        not_with_oneself(item.owner_id, borrower.id)
        if borrower.id == item.owner_id:
            raise YourOwnThing
        if item.withdrawn_at is not None:
            raise NotOnTheShelf
        db.session.scalar(select(Person.id).where(Person.id == borrower.id).with_for_update())  # counted one by one
        if open_loans(borrower.id) >= OPEN_LOANS:
            raise EnoughLoans
        booking = book(item, period, buffer=timedelta(minutes=item.buffer_minutes), held=True)
        loan = cls(item=item, borrower=borrower, booking=booking, message=message, state=REQUESTED)
        loan.on_behalf_of = on_behalf_of
        loan.answer_by = min(now() + ANSWER_WITHIN, period.ends)
        db.session.add(loan)
        flush()
        enqueue("lending.expire", {"loan": loan.id}, at=loan.answer_by, key=f"lending.expire:{loan.id}")
        loan._record(activity.REQUESTED, borrower)
        return loan

    @property
    def title(self) -> str:
        return self.item.title

    @property
    def owner(self) -> Person | None:
        return self.item.owner

    @property
    def waits(self) -> bool:
        """Whether the owner has not answered yet."""
        return self.state == REQUESTED

    @property
    def when(self) -> str:
        """« du 20 au 21 juin »."""
        return words(self.booking.starts, self.booking.ends)

    @property
    def due(self) -> datetime:
        """The last moment of the loan."""
        return self.booking.ends - timedelta(seconds=1)

    @property
    def is_late(self) -> bool:
        return self.state == HANDED_OVER and self.booking.ends <= now()

    def accept(self, answer: str = "") -> None:
        """The owner says yes, and when and where to come."""
        self._move(ACCEPTED)
        self.answer, self.answered_at = answer, now()
        self.booking.confirm()
        take_back(f"lending.expire:{self.id}")
        enqueue("lending.lapse", {"loan": self.id}, at=self.booking.ends + timedelta(days=2))
        self._record(activity.ACCEPTED, self.owner)

    def refuse(self, answer: str = "") -> None:
        """The owner cannot lend it this time."""
        self._move(REFUSED)
        self.answer, self.answered_at = answer, now()
        self._let_go(activity.REFUSED, self.owner)

    def cancel(self, actor: Person | None) -> None:
        """One of the two does not want to any more, before it changes hands."""
        self._move(CANCELLED)
        if actor is not None:
            self.cancelled_by = "owner" if actor.id == self.item.owner_id else "borrower"
        self._let_go(activity.CANCELLED, actor)

    def expire(self) -> None:
        """No answer came in time, or it never changed hands."""
        kind = activity.EXPIRED if self.state == REQUESTED else activity.LAPSED
        self._move(EXPIRED)
        self._let_go(kind, None)

    def hand_over(self, actor: Person) -> None:
        """The actor says that it changed hands. When both have said so, the loan has begun."""
        self._may_move(HANDED_OVER)
        said = "given_at" if actor.id == self.item.owner_id else "received_at"
        self._say(said)
        out = select(Loan.id).where(Loan.item_id == self.item_id, Loan.state == HANDED_OVER)
        if db.session.scalar(out.where(Loan.taken_back_at.is_(None)).limit(1)) is not None:
            raise StillWithSomebody
        if self.given_at and self.received_at:
            self._begin(actor)
        else:
            self._wait_for_the_other(activity.HANDOVER_SAID, "handover", actor)

    def give_back(self, actor: Person) -> None:
        """The actor says that it came back. When both have said so, the loan is over."""
        self._may_move(RETURNED)
        said = "taken_back_at" if actor.id == self.item.owner_id else "brought_back_at"
        self._say(said)
        self._no_more_reminders()
        if self.taken_back_at:
            self.booking.finish()
        if self.taken_back_at and self.brought_back_at:
            self._end(actor)
        else:
            self._wait_for_the_other(activity.RETURN_SAID, "return", actor)

    def settle(self) -> None:
        """The other one has kept silent long enough: what the one said holds."""
        self._hold()
        if self.state == ACCEPTED and (self.given_at or self.received_at):
            self.given_at = self.received_at = self.given_at or self.received_at
            self._begin(None)
        elif self.state == HANDED_OVER and (self.taken_back_at or self.brought_back_at):
            self.taken_back_at = self.brought_back_at = self.taken_back_at or self.brought_back_at
            self._end(None)

    def remind(self, days: int) -> None:
        """Say once, `days` after the last day, that it is not back. Nothing is said once it is."""
        self._hold()
        before = self.reminded_for
        back = self.taken_back_at or self.brought_back_at
        if self.state == HANDED_OVER and not back and (before is None or before < days):
            self.reminded_for = days
            record(activity.REMINDERS[days], self, actor=None)

    def _hold(self) -> None:
        """Read it again, and let nobody else change it until this is done."""
        flush()
        columns = [column.key for column in Loan.__mapper__.column_attrs]
        db.session.refresh(self, columns, with_for_update={"of": Loan})

    def _may_move(self, to: str) -> None:
        not_with_oneself(self.item.owner_id, self.borrower_id)
        self._hold()
        if to in MOVES.get(self.state, ()):
            return
        if self.state not in OPEN:
            raise AlreadyOver
        raise NOT_FROM[self.state, to]

    def _move(self, to: str) -> None:
        self._may_move(to)
        self.state = to

    def _let_go(self, kind: Kind, actor: Person | None) -> None:
        self.ended_at = now()
        self.booking.release()
        take_back(f"lending.expire:{self.id}")
        self._record(kind, actor)

    def _record(self, kind: Kind, actor: Person | None) -> None:
        """It happened, in the name under which the one lends or the other borrows."""
        hat = None
        if actor is not None:
            hat = self.item.on_behalf_of if actor.id == self.item.owner_id else self.on_behalf_of
        record(kind, self, actor=actor, on_behalf_of=hat)

    def _say(self, what: str) -> None:
        if getattr(self, what):
            raise AlreadySaid
        setattr(self, what, now())

    def _begin(self, actor: Person | None) -> None:
        self.state = HANDED_OVER
        flush(StillWithSomebody)
        last_day = local(self.due).date()
        for days in activity.REMINDERS:
            at = datetime.combine(last_day + timedelta(days=days), REMINDED_AT, local(now()).tzinfo).astimezone(UTC)
            if at > now():
                key = f"lending.remind:{self.id}:{days}"
                enqueue("lending.remind", {"loan": self.id, "days": days}, at=at, key=key)
        self._record(activity.HANDED_OVER, actor)

    def _end(self, actor: Person | None) -> None:
        self.state, self.ended_at = RETURNED, now()
        self.booking.finish()
        self._record(activity.RETURNED, actor)
        open_reviews(activity.LOAN, self, between=(self.owner, self.borrower), at=self.ended_at)

    def _wait_for_the_other(self, kind: Kind, what: str, actor: Person) -> None:
        flush()
        at = now() + SILENCE_CONFIRMS
        enqueue("lending.settle", {"loan": self.id}, at=at, key=f"lending.settle:{self.id}:{what}")
        self._record(kind, actor)

    def _no_more_reminders(self) -> None:
        for days in activity.REMINDERS:
            take_back(f"lending.remind:{self.id}:{days}")


def open_loans(person_id: int | None) -> int:
    """How many loans a person has under way as a borrower. What they say is back no longer counts."""
    found = select(func.count()).where(Loan.borrower_id == person_id, Loan.state.in_(OPEN))
    return db.session.scalar(found.where(or_(Loan.state != HANDED_OVER, Loan.brought_back_at.is_(None)))) or 0
