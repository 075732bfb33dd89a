"""A certification says that somebody lives where they say: how it was proved, when, by whom, until when.

`certify` and `revoke` are the only writers of `Person.certified_*`; a test reads the whole code to make sure.
"""

from datetime import datetime, timedelta
from typing import Final

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, Select, String, exists, func, select, text
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from town.commons.audit import audit
from town.commons.people.models import Person
from town.commons.places.models import Address
from town.commons.trust.words import HOWS, REASONS
from town.kernel.db import Base, Moment, db, flush, now
from town.kernel.inventory import mine, not_mine
from town.kernel.refusals import Refused
from town.kernel.retention import keeps
from town.kernel.signals import address_certified, certification_revoked

HOUSEHOLD: Final = 6
"""How many people may be certified at one address without coming to the desk (SECURITY T1)."""

RENEWED_FROM: Final = timedelta(days=60)
"""How long before its end a certification may be proved again."""

STANDING = text("ended_at IS NULL")


class AlreadyCertified(Refused):
    sentence = _l("This address is proved already.")


class NoAddress(Refused):
    sentence = _l("There is no address to prove yet: please choose it first.")


class HouseholdFull(Refused):
    """As many people as a household holds are certified there: somebody has to look."""

    sentence = _l("Several people are certified at this address already. Please come to the town hall’s desk.")


class OwnHousehold(Refused):
    """Whoever decides lives there."""

    sentence = _l("You live at this address: a colleague has to do this.")


class HasLeft(Refused):
    sentence = _l("This person has left the town.")


class NotCertified(Refused):
    sentence = _l("This person is not certified.")


class Certification(Base):
    """One proof of one person's address. It stands until `until`, unless it ended before: renewed, or revoked."""

    __tablename__ = "certification"
    __table_args__ = (
        Index("ix_certification_standing", "person_id", unique=True, sqlite_where=STANDING, postgresql_where=STANDING),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    address_id: Mapped[int] = mapped_column(ForeignKey("address.id"), index=True)
    address: Mapped[Address] = relationship()
    how: Mapped[str] = mapped_column(String(20))
    at: Mapped[Moment]
    until: Mapped[Moment]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    by: Mapped[Person | None] = relationship(foreign_keys=[by_id])
    ended_at: Mapped[Moment | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    reason: Mapped[str] = mapped_column(String(20), default="")


def certify(person: Person, how: str, by: Person | None = None, *, at: datetime | None = None) -> Certification:
    """The address of `person` is proved, for 24 months from `at`, which is now unless the proof is older.

    by: who decides, at the desk; nobody does for a code that came by post.
    """
    if how not in HOWS:
        raise LookupError(f"nobody proves an address by {how}")
    ensure_provable(person, by)
    assert person.address is not None
    standing = standing_certification(person)
    if standing is not None:
        standing.ended_at, standing.reason = now(), "renewed"
        flush()
    since = at or now()
    proof = Certification(person=person, address=person.address, how=how, at=since, until=two_years_after(since), by=by)
    person.certified_at, person.certified_until, person.certified_how = proof.at, proof.until, how
    db.session.add(proof)
    flush(AlreadyCertified)
    address_certified.send(person, method=how)
    audit(f"cert:{how}:ok", actor=by or person, on=person)
    return proof


def revoke(person: Person, why: str, by: Person | None = None) -> None:
    """The proof falls, at once and everywhere. `why` is one of `REASONS`."""
    if why not in REASONS:
        raise LookupError(f"nobody revokes for {why}")
    standing = standing_certification(person)
    if standing is None:
        raise NotCertified
    if by is not None and by.id != person.id and by.address_id is not None and by.address_id == person.address_id:
        raise OwnHousehold
    standing.ended_at, standing.ended_by_id, standing.reason = now(), by.id if by else None, why
    person.certified_at = person.certified_until = person.certified_how = None
    flush()
    certification_revoked.send(person)
    audit("cert:revoke", actor=by or person, on=person, reason=why)


def ensure_provable(person: Person, by: Person | None = None) -> None:
    """Refuse whoever has left, has no address, is certified for long, or whose household needs a look."""
    if person.left_at is not None:
        raise HasLeft
    if person.certified_until is not None and person.certified_until > now() + RENEWED_FROM:
        raise AlreadyCertified
    if person.address is None:
        raise NoAddress
    if by is None:
        if housemates(person) >= HOUSEHOLD:
            raise HouseholdFull
    elif by.id == person.id or by.address_id == person.address_id:
        raise OwnHousehold


def housemates(person: Person) -> int:
    """How many others are certified at the same address. Their number cannot change until the transaction ends."""
    db.session.execute(select(Address.id).where(Address.id == person.address_id).with_for_update())
    return certified_there(person.address_id, but=person.id)


def certified_there(address_id: int | None, but: int | None = None) -> int:
    """How many people are certified at that address today, one of them aside."""
    there = select(func.count()).where(Person.address_id == address_id, Person.certified_until > now())
    return db.session.scalar(there if but is None else there.where(Person.id != but)) or 0


def standing_certification(person: Person) -> Certification | None:
    """The proof that nobody has ended; its 24 months may be over."""
    return db.session.scalar(
        select(Certification).where(Certification.person_id == person.id, Certification.ended_at.is_(None))
    )


def once_certified() -> Select[Person]:
    """Residents who are or were certified: whoever met them in a post may read their page, in the list or not."""
    return select(Person).where(Person.left_at.is_(None), exists().where(Certification.person_id == Person.id))


def two_years_after(since: datetime) -> datetime:
    try:
        return since.replace(year=since.year + 2)
    except ValueError:  # the 29th of February
        return since.replace(year=since.year + 2, day=28)


mine(
    Certification,
    "person_id",
    title=_l("Proofs of my address"),
    rows=lambda person_id: (
        select(Certification)
        .where(Certification.person_id == person_id)
        .options(joinedload(Certification.address).joinedload(Address.street))
        .order_by(Certification.id)
    ),
    shows={
        "address": (_l("Address"), lambda proof: proof.address.line),
        "how": (_l("How"), lambda proof: str(HOWS.get(proof.how, proof.how))),
        "at": _l("When"),
        "until": _l("Certified until"),
        "ended_at": _l("Ended"),
        "reason": (_l("Why it ended"), lambda proof: str(REASONS.get(proof.reason, proof.reason))),
    },
)
for _whose in (Certification.by_id, Certification.ended_by_id):
    not_mine(_whose, "whoever decided did so for the town hall; the journal of acts is in their copy")
keeps(
    "trust.certifications",
    what=_l("That your address was proved: how, when, by which agent"),
    why=_l("To know who lives here"),
    how_long=_l("24 months, then to be proved again; the fact stays as long as your account"),
    then=_l("It is erased with the account"),
)
