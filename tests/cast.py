"""The cast: the people of the demo town, by their first names."""

from sqlalchemy import select

from town.commons.people.cast import CAST, PASSWORD
from town.commons.people.models import Account, Person
from town.kernel.db import db

__all__ = ["CAST", "PASSWORD", "person_named"]


def person_named(name: str) -> Person:
    """`person_named("karim")`, in the town that is open."""
    part = next(part for part in CAST if part.key == name)
    person = db.session.scalar(select(Person).join(Account).where(Account.email == part.email))
    assert person is not None
    return person
