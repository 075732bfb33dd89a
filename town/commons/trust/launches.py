"""Launches: the town hall prints one card for every letterbox and delivers them before anybody has an account.

A card bears an address and no name, and serves its whole household. Like a postcard's, its code is made when it is
printed and exists on paper alone; printing again makes another and kills the first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import fmean
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    Update,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from town.commons.audit import audit
from town.commons.people.models import Person
from town.commons.places.concerns import Concerns, names
from town.commons.places.models import Address, Street
from town.commons.places.positions import Point
from town.commons.places.rounds import Box, rounds
from town.commons.trust.codes import hashed
from town.commons.trust.models import HOUSEHOLD
from town.commons.trust.postcards import LIFE
from town.kernel.db import Base, Moment, PublicId, db, flush, new_public_id, now
from town.kernel.inventory import not_mine
from town.kernel.refusals import Refused
from town.kernel.retention import Span, forgets
from town.kernel.tenancy import current_town

WAITING, PRINTED, EXPIRED, CANCELLED = "waiting", "printed", "expired", "cancelled"

_LIVING = text("state = 'printed'")


class NoLetterbox(Refused):
    sentence = _l("No letterbox is left there: choose other streets.")


class LaunchOver(Refused):
    """It was cancelled in the same moment."""

    sentence = _l("This launch was cancelled: its codes are worth nothing.")


class PrintedMeanwhile(Refused):
    """Printing blindly would kill codes that are in somebody's bag."""

    sentence = _l("These cards have just been printed. Look at the list again before printing once more.")


class Launch(PublicId, Base):
    """Cards for all letterboxes of the town, or of some quarters and streets. `places`: their names, none for all.

    without_retired, without_full: how many addresses were left out, because they are no more or certified to the cap.
    """

    __tablename__ = "letterbox_launch"

    places: Mapped[list[str]] = mapped_column(JSON, default=list)
    by_sides: Mapped[bool] = mapped_column(default=True)
    without_retired: Mapped[int] = mapped_column(default=0)
    without_full: Mapped[int] = mapped_column(default=0)
    prepared_at: Mapped[Moment] = mapped_column(default=now)
    prepared_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    cancelled_at: Mapped[Moment | None]

    def print_with(self, codes: Mapping[int, str], by: Person) -> None:
        """The cards of these ids are on paper with these codes; no earlier one for the same letterboxes is worth
        anything. Cards of addresses that are full or gone since are taken out before: see `to_print`.
        """
        if self.cancelled_at is not None:
            raise LaunchOver
        cards = db.session.scalars(cards_of(self).where(LetterboxCard.id.in_(codes))).all()
        earlier = update(LetterboxCard).where(LetterboxCard.address_id.in_([card.address_id for card in cards]))
        db.session.execute(_ended(earlier.where(LetterboxCard.launch_id != self.id), CANCELLED, PRINTED))
        moment = now()
        for card in cards:
            card.state, card.code_hash, card.tries = PRINTED, hashed(codes[card.id], card.public_id), 0
            card.printed_at, card.expires_at, card.printed_by_id = moment, moment + LIFE, by.id
            card.prints += 1
        flush(PrintedMeanwhile)
        audit("cert:letterbox:print", actor=by, launch=self.id, cards=len(cards))

    def leave_out(self, card_ids: Sequence[int]) -> None:
        """These letterboxes need no card any more."""
        left_out = update(LetterboxCard).where(LetterboxCard.launch_id == self.id, LetterboxCard.id.in_(card_ids))
        db.session.execute(_ended(left_out, CANCELLED, WAITING, PRINTED))

    def cancel(self, by: Person) -> None:
        """All its codes die, on paper or not. Whoever was certified stays so."""
        if self.cancelled_at is not None:
            raise LaunchOver
        self.cancelled_at = now()
        flush()
        every = update(LetterboxCard).where(LetterboxCard.launch_id == self.id)
        db.session.execute(_ended(every, CANCELLED, WAITING, PRINTED))
        audit("cert:letterbox:cancel", actor=by, launch=self.id)


class LetterboxCard(PublicId, Base):
    """One letterbox's card. It names nobody: not who opened it, nor who was certified, only how many.

    round, place: where it lies in the bag, from 1. opened_at: when the right code was first typed.
    """

    __tablename__ = "letterbox_card"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'printed', 'expired', 'cancelled')", name="known_state"),
        CheckConstraint("(state = 'printed') = (code_hash IS NOT NULL)", name="code_only_while_printed"),
        UniqueConstraint("launch_id", "address_id"),
        Index("ix_letterbox_card_living", "address_id", unique=True, sqlite_where=_LIVING, postgresql_where=_LIVING),
    )

    launch_id: Mapped[int] = mapped_column(ForeignKey("letterbox_launch.id", ondelete="CASCADE"))
    launch: Mapped[Launch] = relationship()
    address_id: Mapped[int] = mapped_column(ForeignKey("address.id"), index=True)
    address: Mapped[Address] = relationship()
    round: Mapped[int]
    place: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default=WAITING)
    code_hash: Mapped[str | None] = mapped_column(String(64))
    prints: Mapped[int] = mapped_column(default=0)
    printed_at: Mapped[Moment | None]
    printed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    expires_at: Mapped[Moment | None]
    tries: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[Moment | None]
    certified: Mapped[int] = mapped_column(default=0)


@dataclass(frozen=True, slots=True)
class Plan:
    """Which letterboxes get a card, in their rounds, and how many get none. Made before the lock is taken."""

    places: list[str] = field(default_factory=list)
    by_sides: bool = True
    rounds: list[list[Box]] = field(default_factory=list)
    without_retired: int = 0
    without_full: int = 0

    @property
    def cards(self) -> int:
        return sum(map(len, self.rounds))

    @property
    def sheets(self) -> int:
        """About how many: each round begins a new one, each street has a label, and the rounds have a list."""
        labels = [len({box.street_id for box in boxes}) for boxes in self.rounds]
        return bool(self.rounds) + sum(-(-(len(boxes) + n) // 4) for boxes, n in zip(self.rounds, labels, strict=True))


def plan(concerns: Concerns, *, by_sides: bool = True) -> Plan:
    """The launch that these quarters and streets would be. Reading only, but a second of work for a large town."""
    where = (Address.street_id, Street.folded, Address.number, Address.suffix, Address.lon, Address.lat)
    chosen = select(Address.id, Address.retired_at, *where).join(Street, Street.id == Address.street_id)
    full = set(db.session.scalars(full_addresses()))
    boxes, retired, crowded = [], 0, 0
    for door in db.session.execute(chosen.where(concerns.doors())):
        if door.retired_at is not None:
            retired += 1
        elif door.id in full:
            crowded += 1
        else:
            point = None if door.lon is None or door.lat is None else (door.lon, door.lat)
            boxes.append(Box(door.id, door.street_id, door.folded, door.number, door.suffix, point))
    walks = rounds(boxes, _town_hall(boxes), by_sides=by_sides)
    return Plan(list(names(concerns)), by_sides, walks, retired, crowded)


def _town_hall(boxes: Sequence[Box]) -> Point | None:
    """Where rounds begin: the centre of the municipality, else the middle of these letterboxes."""
    town = current_town()
    if town.lon is not None and town.lat is not None:
        return town.lon, town.lat
    points = [box.point for box in boxes if box.point is not None]
    if not points:
        return None
    return fmean(lon for lon, _lat in points), fmean(lat for _lon, lat in points)


def prepare(planned: Plan, by: Person) -> Launch:
    """Keep a plan: its cards wait to be printed. Cards of earlier launches stay good until theirs are."""
    if not planned.cards:
        raise NoLetterbox
    launch = Launch(
        places=planned.places,
        by_sides=planned.by_sides,
        without_retired=planned.without_retired,
        without_full=planned.without_full,
        prepared_by_id=by.id,
    )
    db.session.add(launch)
    flush()
    cards = [
        {"public_id": new_public_id(), "launch_id": launch.id, "address_id": box.address_id, "round": r, "place": p}
        for r, boxes in enumerate(planned.rounds, 1)
        for p, box in enumerate(boxes, 1)
    ]
    db.session.execute(insert(LetterboxCard), cards)
    audit("cert:letterbox:prepare", actor=by, launch=launch.id, cards=len(cards))
    return launch


def locked_launch(number: int) -> Launch:
    """The launch of that id, which nobody else prints or cancels until the transaction ends."""
    found = select(Launch).where(Launch.id == number).with_for_update()
    return db.session.scalars(found.execution_options(populate_existing=True)).one()


def full_addresses() -> Select[Any]:
    """Addresses where as many people are certified as a household holds."""
    there = select(Person.address_id).where(Person.certified, Person.address_id.is_not(None))
    return there.group_by(Person.address_id).having(func.count() >= HOUSEHOLD)


def cards_of(launch: Launch) -> Select[LetterboxCard]:
    """The cards of a launch that may be printed, now or again."""
    return select(LetterboxCard).where(
        LetterboxCard.launch_id == launch.id, LetterboxCard.state.in_((WAITING, PRINTED))
    )


def to_print(launch: Launch, round_numbers: Sequence[int]) -> Select[LetterboxCard]:
    """The cards of these rounds as they lie in the bag, with their addresses."""
    return (
        cards_of(launch)
        .where(LetterboxCard.round.in_(round_numbers))
        .options(joinedload(LetterboxCard.address).joinedload(Address.street))
        .order_by(LetterboxCard.round, LetterboxCard.place)
    )


def living_card(address_id: int | None) -> Select[LetterboxCard]:
    """The card of that letterbox whose code is good today."""
    return select(LetterboxCard).where(
        LetterboxCard.address_id == address_id,
        LetterboxCard.state == PRINTED,
        LetterboxCard.expires_at > now(),
    )


def _ended(cards: Update, state: str, *living: str) -> Update:
    """End those of these cards that are in a `living` state. Their figures stay, their codes do not."""
    over = cards.where(LetterboxCard.state.in_(living)).values(state=state, code_hash=None)
    return over.execution_options(synchronize_session="fetch")


@forgets(
    "trust.letterbox-codes",
    what=_l("The code of a letterbox card, in a form that nobody can read back"),
    why=_l("To prove your address"),
    then=_l("It is erased"),
    lasts=Span(days=LIFE.days),
    since=_l("after the card was printed"),
    rows=lambda: select(LetterboxCard.id).where(LetterboxCard.state == PRINTED),
    over=lambda limit: LetterboxCard.expires_at <= limit + LIFE,
    guarded=False,
)
def expire_letterbox_cards(limit: datetime) -> None:
    over = update(LetterboxCard).where(LetterboxCard.expires_at <= limit + LIFE)
    db.session.execute(_ended(over, EXPIRED, PRINTED))


@forgets(
    "trust.launches",
    what=_l("How many letterbox cards were delivered, opened and of use, street by street; nobody’s name"),
    why=_l("To see whether a launch reached the town"),
    then=_l("It is erased"),
    lasts=Span(days=400),
    rows=lambda: select(Launch.id),
    over=lambda limit: Launch.prepared_at < limit,
)
def forget_launches(limit: datetime) -> None:
    old = select(Launch.id).where(Launch.prepared_at < limit)
    db.session.execute(delete(LetterboxCard).where(LetterboxCard.launch_id.in_(old)))
    db.session.execute(delete(Launch).where(Launch.prepared_at < limit))


for _whose in (Launch.prepared_by_id, LetterboxCard.printed_by_id):
    not_mine(_whose, "an agent printed it for the town hall")
