"""What the town hall does with somebody who stands at its counter: find them, enter them, put their address right."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from town.commons.audit import audit
from town.commons.people.models import Person
from town.commons.places.models import Address
from town.commons.trust.models import certify
from town.commons.trust.moves import moved
from town.kernel.db import db, flush
from town.kernel.refusals import Refused
from town.kernel.text import fold

FOUND = 20


class LivesThere(Refused):
    """Somebody of that name is entered at that address."""

    sentence = _l("Somebody of this name is entered at this address already: look them up instead.")


def named(words: str) -> Select[Person]:
    """Residents with a name that begins with each of these words, in any order."""
    found = residents()
    for word in fold(words).split():
        found = found.where((Person.folded.like(f"{word}%")) | (Person.folded.like(f"% {word}%")))
    return found.order_by(Person.folded, Person.id).limit(FOUND)


def waiting(without_a_door: bool = False) -> Select[Person]:
    """Residents whose address nobody has proved yet, those who came last first; or those whose door is to be found."""
    found = residents().where(Person.certified_until.is_(None)).order_by(Person.joined_at.desc(), Person.id.desc())
    return found.where(Person.address_id.is_(None), Person.address_words != "") if without_a_door else found


def residents() -> Select[Person]:
    """Everybody who lives here, with their address."""
    door = joinedload(Person.address)
    return (
        select(Person)
        .where(Person.left_at.is_(None))
        .options(door.joinedload(Address.street), door.joinedload(Address.quarter), joinedload(Person.account))
    )


def enter_resident(first_name: str, last_name: str, address: Address, by: Person) -> Person:
    """Somebody without e-mail whose papers have been seen: a resident, certified, with no account to sign in to."""
    person = Person(first_name=first_name, last_name=last_name, address=address)
    same = select(Person.id).where(
        Person.folded == person.folded, Person.address_id == address.id, Person.left_at.is_(None)
    )
    with db.session.no_autoflush:
        if db.session.scalar(same) is not None:
            raise LivesThere
    db.session.add(person)
    flush()
    audit("account:person:create", actor=by, on=person)
    certify(person, "desk", by)
    return person


def put_address_right(person: Person, address: Address, by: Person) -> None:
    """The door where somebody really lives. What proved another one is worth nothing here."""
    if person.address_id != address.id:
        moved(person, by)
    person.address, person.address_words = address, ""
    flush()
    audit("address:correct", actor=by, on=person)
