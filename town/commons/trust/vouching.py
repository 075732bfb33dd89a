"""Who may vouch for a neighbour, and from when on: whose own address was proved a while ago, by a card or papers."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from town.commons.people.models import Person
from town.commons.trust.models import Certification
from town.kernel.db import db, now

WAIT: Final = {
    "letterbox": timedelta(days=30),
    "postcard": timedelta(days=30),
    "desk": timedelta(days=30),
}
"""How long each way of proving is watched first (SECURITY T1, DECISIONS 33). A way that is not here never allows it."""


def may_vouch_from(person: Person) -> datetime | None:
    """From when on `person` may vouch for others, which may be past; None while no proof of theirs allows it.

    A proof that was renewed in time counts from the first one: nobody waits again for having shown it twice.
    """
    proofs = select(Certification).where(Certification.person_id == person.id).order_by(Certification.id.desc())
    earliest: datetime | None = None
    later: Certification | None = None
    for proof in db.session.scalars(proofs):
        lasts = proof.ended_at is None and proof.until > now()
        in_time = later is not None and proof.reason == "renewed" and proof.until >= later.at
        if not (lasts if later is None else in_time):
            break
        if proof.how in WAIT:
            free = proof.at + WAIT[proof.how]
            earliest = free if earliest is None else min(earliest, free)
        later = proof
    return earliest
