"""A letterbox card is opened by whoever holds it: the chosen address and the code on the card, never the code alone.

Whoever typed the right code holds a ticket for an hour: time to say one's name and confirm one's e-mail. It names the
card as it was printed, so that printing again or cancelling kills it too.
"""

from datetime import timedelta
from typing import Final, TypedDict

from flask import session
from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, func, select, update

from town.commons.audit import audit
from town.commons.people.models import Person
from town.commons.places.models import Address
from town.commons.trust.codes import matches
from town.commons.trust.launches import PRINTED, LetterboxCard, living_card
from town.commons.trust.models import HOUSEHOLD, Certification, HouseholdFull, certified_there, certify
from town.commons.trust.postcards import TRIES
from town.kernel.db import db, flush, new_public_id, now
from town.kernel.refusals import Refused

HELD: Final = timedelta(hours=1)
_NO_CARD: Final = "0" * 64
_LOOKED_AT: Final = (
    LetterboxCard.id,
    LetterboxCard.public_id,
    LetterboxCard.code_hash,
    LetterboxCard.tries,
    LetterboxCard.prints,
)


class WrongPair(Refused):
    """In the same words whether the code is wrong, belongs to another address, is too old, or no card went there."""

    sentence = _l(
        "This code and this address do not go together. Check both on the card, which is good for 60 days. "
        "After five wrong codes a card is locked: the town hall’s desk then helps."
    )


class LetterboxLocked(Refused):
    sentence = _l("Five wrong codes: this card is locked. Please come to the town hall’s desk.")


class CardReplaced(Refused):
    """Printed again or cancelled while somebody joined."""

    sentence = _l("This card has been replaced or cancelled in the meantime. Please come to the town hall’s desk.")


class LivesElsewhere(Refused):
    sentence = _l("This card is for another address than yours. Have you moved? Please come to the town hall’s desk.")


class Ticket(TypedDict):
    """Who holds it has typed the right code. `prints` tells apart the times that a card was printed."""

    card: int
    prints: int
    address: int
    until: int


def try_code(address_id: int, code: str) -> Ticket:
    """The ticket for that letterbox, if this is the code of its card; read it with `read_code` first.

    Each try is counted and committed before it is looked at, so that a hundred at once are five. A right one is given
    back: six people of a household type the same code.
    """
    counted = db.session.execute(
        update(LetterboxCard)
        .where(LetterboxCard.address_id == address_id, LetterboxCard.state == PRINTED)
        .where(LetterboxCard.expires_at > now(), LetterboxCard.tries < TRIES)
        .values(tries=LetterboxCard.tries + 1)
        .returning(*_LOOKED_AT)
        .execution_options(synchronize_session=False)
    ).first()
    db.session.commit()  # a refusal rolls back, and the try must stay counted
    card, kept = (counted.public_id, counted.code_hash) if counted is not None else (new_public_id(), _NO_CARD)
    right = matches(code, card, kept)  # as long for no card as for the right one
    if counted is None:
        raise LetterboxLocked if db.session.scalar(living_card(address_id)) is not None else WrongPair
    if not right:
        if counted.tries >= TRIES:
            audit("cert:letterbox:exhausted", card=counted.id)
            db.session.commit()  # likewise
            raise LetterboxLocked
        raise WrongPair
    this_print = (LetterboxCard.id == counted.id) & (LetterboxCard.code_hash == counted.code_hash)
    opened = {"tries": LetterboxCard.tries - 1, "opened_at": func.coalesce(LetterboxCard.opened_at, now())}
    db.session.execute(update(LetterboxCard).where(this_print).values(opened))
    db.session.commit()  # likewise
    until = int((now() + HELD).timestamp())
    return Ticket(card=counted.id, prints=counted.prints, address=address_id, until=until)


def ensure_room(address_id: int) -> None:
    """Refuse a newcomer early where the household is full, before they have filled in a form."""
    if certified_there(address_id) >= HOUSEHOLD:
        raise HouseholdFull


def certify_by_card(person: Person, ticket: Ticket) -> Certification:
    """The address of `person` is proved by the card that they held. Raises what says why not."""
    card = db.session.scalar(
        select(LetterboxCard)
        .where(LetterboxCard.id == ticket["card"], LetterboxCard.prints == ticket["prints"])
        .where(LetterboxCard.state == PRINTED, LetterboxCard.expires_at > now())
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if card is None:
        raise CardReplaced
    if person.address_id != card.address_id:
        raise LivesElsewhere
    proof = certify(person, "letterbox")
    card.certified += 1
    flush()
    return proof


def hold(ticket: Ticket) -> None:
    """Keep it for whoever is joining, in their session."""
    session["letterbox"] = dict(ticket)


def held_ticket() -> Ticket | None:
    """The ticket that whoever is joining holds, if their hour is not over."""
    held: Ticket | None = session.get("letterbox")
    return held if held is not None and held["until"] > now().timestamp() else None


def ticket_for(address: Address | None) -> Ticket | None:
    """The same, if it is for that address."""
    held = held_ticket()
    return held if held is not None and address is not None and held["address"] == address.id else None


def cards_are_out() -> bool:
    """Whether some letterbox of the town holds a card that is good today."""
    good = exists().where(LetterboxCard.state == PRINTED, LetterboxCard.expires_at > now())
    return bool(db.session.scalar(select(good)))
