"""What ends with an address: the proof of the former one, and the cards on their way to it."""

from typing import Any

from sqlalchemy import delete, select

from town.commons.people.models import Person
from town.commons.trust.models import Certification, certify, revoke, standing_certification
from town.commons.trust.postcards import CANCELLED, Postcard, current_card
from town.kernel.db import db, now
from town.kernel.refusals import Refused
from town.kernel.signals import person_back, person_erased, person_left


def moved(person: Person, by: Person | None = None, why: str = "moved") -> None:
    """Call it when the address of `person` changes: what proved the former one is worth nothing for the new one."""
    if standing_certification(person) is not None:
        revoke(person, why, by)
    card = db.session.scalar(current_card(person.id))
    if card is not None:
        card.end(CANCELLED)


@person_left.connect
def _left(person: Person, **_: Any) -> None:
    moved(person, why="left")


@person_back.connect
def _back(person: Person, **_: Any) -> None:
    """What proved their address before they left proves it still, if they have not moved and the household has room."""
    last = select(Certification).where(Certification.person_id == person.id).order_by(Certification.id.desc()).limit(1)
    proof = db.session.scalar(last)
    if proof is None or proof.reason != "left" or proof.until <= now() or proof.address_id != person.address_id:
        return
    try:
        certify(person, proof.how, proof.by, at=proof.at)
    except Refused:
        return  # then they prove it again, like anybody


@person_erased.connect
def _forget(person: Person, **_: Any) -> None:
    db.session.execute(delete(Postcard).where(Postcard.person_id == person.id))
    db.session.execute(delete(Certification).where(Certification.person_id == person.id))
