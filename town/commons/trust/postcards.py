"""Postcards: asked by a resident, printed by the town hall with a code, typed in by whoever opens that letterbox.

The code is made when the card is printed and exists on paper alone; printing again makes another and kills the first.
"""

from datetime import datetime, timedelta
from typing import Final

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, String, delete, func, select, text, update
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from town.commons.audit import audit
from town.commons.people.models import Person
from town.commons.places.models import Address, Street
from town.commons.trust.codes import hashed, matches
from town.commons.trust.models import Certification, certify, ensure_provable
from town.kernel.db import Base, Moment, PublicId, db, flush, now
from town.kernel.inventory import mine, not_mine
from town.kernel.language import day
from town.kernel.refusals import Refused
from town.kernel.retention import Span, forgets

ASKED, PRINTED, USED, EXPIRED, CANCELLED = "asked", "printed", "used", "expired", "cancelled"
ACTIVE: Final = (ASKED, PRINTED)

TRIES: Final = 5
LIFE: Final = timedelta(days=60)
BETWEEN: Final = timedelta(days=30)
A_YEAR: Final = timedelta(days=365)
PER_YEAR: Final = 3
PER_ADDRESS: Final = 2
_LIVING = text("state IN ('asked', 'printed')")


class TooSoon(Refused):
    """One card in 30 days, cancelled ones included."""

    sentence = _l("You asked for a card less than 30 days ago.")


class TooManyCards(Refused):
    sentence = _l("Three cards in a year did not do: please come to the town hall’s desk.")


class LetterboxBusy(Refused):
    sentence = _l("Two cards are on their way to this address already. Please come to the town hall’s desk.")


class NoCard(Refused):
    sentence = _l("No card is on its way to you. Ask for one first: the code only works for whoever asked for it.")


class NotPrinted(Refused):
    sentence = _l("Your card has not been printed yet: this code comes from another card.")


class CardExpired(Refused):
    sentence = _l("This card was valid for 60 days, which are over. Please ask for another.")


class CardLocked(Refused):
    sentence = _l("Five wrong codes: this card is locked. Please come to the town hall’s desk.")


class WrongCode(Refused):
    sentence = _l("This is not the code of your card.")


class CardSpent(Refused):
    """Somebody cancelled, printed again or used the card in the same moment."""

    sentence = _l("This card has just been used or replaced.")


class AddressChanged(Refused):
    sentence = _l("This card went to your former address. Please ask for one at the new one.")


class Postcard(PublicId, Base):
    """A card with a code, for one person at one address. What only served the post is forgotten when it has ended."""

    __tablename__ = "postcard"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'printed', 'used', 'expired', 'cancelled')", name="known_state"),
        CheckConstraint("(state = 'printed') = (code_hash IS NOT NULL)", name="code_only_while_printed"),
        CheckConstraint("(state IN ('asked', 'printed')) = (address_id IS NOT NULL)", name="address_only_while_active"),
        Index("ix_postcard_active", "person_id", unique=True, sqlite_where=_LIVING, postgresql_where=_LIVING),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    address_id: Mapped[int | None] = mapped_column(ForeignKey("address.id"), index=True)
    address: Mapped[Address | None] = relationship()
    state: Mapped[str] = mapped_column(String(10), default=ASKED)
    asked_at: Mapped[Moment] = mapped_column(default=now)
    printed_at: Mapped[Moment | None]
    printed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    prints: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[Moment | None]
    code_hash: Mapped[str | None] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[Moment | None]

    @property
    def locked(self) -> bool:
        return self.tries >= TRIES

    @property
    def tries_left(self) -> int:
        return max(0, TRIES - self.tries)

    @property
    def expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= now()

    def print_with(self, code: str, by: Person) -> None:
        """The card is on paper with this code, and no earlier one is worth anything."""
        if self.state not in ACTIVE:
            raise CardSpent
        self.state, self.code_hash, self.tries = PRINTED, hashed(code, self.public_id), 0
        self.printed_at, self.expires_at, self.printed_by_id = now(), now() + LIFE, by.id
        self.prints += 1
        flush()
        audit("cert:postcard:print", actor=by, on=self.person, prints=self.prints)

    def end(self, state: str) -> None:
        """Nothing is left of the code and of where it went."""
        self.state, self.code_hash, self.address, self.ended_at = state, None, None, now()
        flush()

    def cancel(self, by: Person) -> None:
        if self.state not in ACTIVE:
            raise CardSpent
        self.end(CANCELLED)
        audit("cert:postcard:cancel", actor=by, on=self.person)


def ask_for_card(person: Person) -> Postcard:
    """A card for the letterbox of `person`. An earlier one that is still on its way is worth nothing from now on."""
    ensure_provable(person)
    last = db.session.scalar(_asked_by(person).order_by(Postcard.asked_at.desc()).limit(1))
    if last is not None and last.asked_at > now() - BETWEEN:
        raise TooSoon(
            _l("You asked for a card less than 30 days ago. You may ask again from %(day)s.", day=day(free_again(last)))
        )
    year = _asked_by(person).where(Postcard.asked_at > now() - A_YEAR)
    if (db.session.scalar(select(func.count()).select_from(year.subquery())) or 0) >= PER_YEAR:
        raise TooManyCards
    if last is not None and last.state in ACTIVE:
        last.end(CANCELLED)
    there = select(func.count()).where(Postcard.address_id == person.address_id, Postcard.state.in_(ACTIVE))
    if (db.session.scalar(there) or 0) >= PER_ADDRESS:
        raise LetterboxBusy
    card = Postcard(person=person, address=person.address)
    db.session.add(card)
    flush(TooSoon)
    audit("cert:postcard:ask", actor=person, on=person)
    return card


def free_again(card: Postcard) -> datetime:
    """From when on whoever asked for this card may ask for another."""
    return card.asked_at + BETWEEN


def enter_code(person_id: int | None, code: str) -> Certification:
    """Certify the person whose card carries this code; read it with `read_code` first. Raises a refusal otherwise.

    The card is found by the person, never by the code. Each try is counted and committed before it is looked at, so
    that a hundred at once are five.
    """
    counted = db.session.execute(
        update(Postcard)
        .where(Postcard.person_id == person_id, Postcard.state == PRINTED, Postcard.expires_at > now())
        .where(Postcard.tries < TRIES)
        .values(tries=Postcard.tries + 1)
        .returning(Postcard.id, Postcard.public_id, Postcard.code_hash, Postcard.tries)
        .execution_options(synchronize_session=False)
    ).first()
    db.session.commit()  # a refusal rolls back, and the try must stay counted
    if counted is None:
        raise _why_not(person_id)
    if not matches(code, counted.public_id, counted.code_hash or ""):
        if counted.tries >= TRIES:
            audit("cert:postcard:exhausted", on=db.session.get(Person, person_id))
            db.session.commit()  # likewise
            raise CardLocked
        raise WrongCode
    card = db.session.scalar(
        select(Postcard).where(Postcard.id == counted.id, Postcard.code_hash == counted.code_hash).with_for_update()
    )
    if card is None:
        raise CardSpent
    if card.person.address_id != card.address_id:
        raise AddressChanged
    proof = certify(card.person, "postcard")
    card.end(USED)
    return proof


def _why_not(person_id: int | None) -> Refused:
    card = db.session.scalar(current_card(person_id))
    if card is None:
        return NoCard()
    if card.state == ASKED:
        return NotPrinted()
    return CardExpired() if card.expired else CardLocked()


def _asked_by(person: Person) -> Select[Postcard]:
    return select(Postcard).where(Postcard.person_id == person.id)


def current_card(person_id: int | None) -> Select[Postcard]:
    """The card that somebody waits for, if any."""
    return select(Postcard).where(Postcard.person_id == person_id, Postcard.state.in_(ACTIVE))


def last_card(person_id: int | None) -> Select[Postcard]:
    """The card that somebody asked for last, whatever became of it."""
    return select(Postcard).where(Postcard.person_id == person_id).order_by(Postcard.asked_at.desc()).limit(1)


def cards_in(*states: str) -> Select[Postcard]:
    """The active cards in these states, in the order of a postman's round, with all that an envelope needs."""
    return (
        select(Postcard)
        .join(Address, Address.id == Postcard.address_id)
        .join(Street, Street.id == Address.street_id)
        .where(Postcard.state.in_(states))
        .options(
            joinedload(Postcard.person).joinedload(Person.account),
            joinedload(Postcard.address).joinedload(Address.street),
        )
        .order_by(Street.folded, Address.number, Address.suffix, Postcard.id)
    )


@forgets(
    "trust.codes",
    what=_l("The address and the code of a postcard; the code in a form that nobody can read back"),
    why=_l("To prove your address"),
    then=_l("Both are erased; so they are as soon as the code has been typed"),
    lasts=Span(days=LIFE.days),
    since=_l("after the card was printed"),
    rows=lambda: select(Postcard.id).where(Postcard.state == PRINTED),
    over=lambda limit: Postcard.expires_at <= limit + LIFE,
    guarded=False,
)
def expire_cards(limit: datetime) -> None:
    over = update(Postcard).where(Postcard.state == PRINTED, Postcard.expires_at <= limit + LIFE)
    db.session.execute(over.values(state=EXPIRED, code_hash=None, address_id=None, ended_at=now()))


@forgets(
    "trust.cards",
    what=_l("That you asked for a postcard, and when"),
    why=_l("To send no more than three a year"),
    then=_l("It is erased"),
    lasts=Span(days=400),
    rows=lambda: select(Postcard.id).where(Postcard.state.not_in(ACTIVE)),
    over=lambda limit: Postcard.asked_at < limit,
)
def forget_cards(limit: datetime) -> None:
    """Cards of the past count for the limits of a year, then are forgotten."""
    db.session.execute(delete(Postcard).where(Postcard.state.not_in(ACTIVE), Postcard.asked_at < limit))


mine(
    Postcard,
    "person_id",
    title=_l("Postcards I asked for"),
    shows={"asked_at": _l("Asked"), "printed_at": _l("Printed"), "state": _l("State"), "ended_at": _l("Ended")},
)
not_mine(Postcard.printed_by_id, "an agent printed it for the town hall")
