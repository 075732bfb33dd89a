"""Doors and streets that somebody means who types a few letters. Nothing here leads to a resident."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import contains_eager

from town.commons.people.models import Account, Person
from town.commons.places.address_line import typed
from town.commons.places.models import Address, Quarter, Street

MOST = 12
MOST_OF_A_STREET = 400


def doors(text: str) -> Select[Address]:
    """Doors whose number is the one typed and whose street has every word typed, the last perhaps unfinished."""
    asked = typed(text)
    found = _doors().where(_named(asked.street))
    if asked.number is not None:
        found = found.where(Address.number == asked.number)
    if asked.suffix:
        found = found.where(func.lower(Address.suffix).startswith(asked.suffix, autoescape=True))
    return found.limit(MOST + 1)


def numbered(text: str) -> bool:
    """Whether a number was typed: then streets are no answer, unless no door has it."""
    return typed(text).number is not None


def streets(text: str) -> Select[Street]:
    """Streets that have every word typed, and a door."""
    lived_in = select(Address.street_id).where(Address.retired_at.is_(None))
    found = select(Street).where(_named(typed(text).street), Street.id.in_(lived_in))
    return found.order_by(Street.folded).limit(MOST + 1)


def doors_of(street: str) -> Select[Address]:
    """Every door of the street of that public id, by number."""
    return _doors().where(Street.public_id == street).limit(MOST_OF_A_STREET)


def door(public_id: str) -> Select[Address]:
    """The door of that public id, if it still stands in the town's address file."""
    return _doors().where(Address.public_id == public_id)


def home(person_id: int | None) -> Select[Address]:
    """The door of a person, for themselves."""
    return _doors(retired=True).join(Person, Person.address_id == Address.id).where(Person.id == person_id)


def _doors(*, retired: bool = False) -> Select[Address]:
    found = select(Address).join(Address.street).join(Quarter, Quarter.id == Address.quarter_id)
    found = found.options(contains_eager(Address.street), contains_eager(Address.quarter))
    found = found.order_by(Street.folded, Address.number, Address.suffix)
    return found if retired else found.where(Address.retired_at.is_(None))


def _named(words: str) -> ColumnElement[bool]:
    begins: list[Any] = [
        or_(Street.folded.startswith(word, autoescape=True), Street.folded.contains(f" {word}", autoescape=True))
        for word in words.split()
    ]
    return and_(True, *begins)


def account(person_id: int | None) -> Select[Account]:
    """The account of whoever is signed in."""
    return select(Account).where(Account.person_id == person_id)
