"""Who is asking: one row, read once a request, and everything that pages need to know of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from flask import g
from sqlalchemy import select

from town.commons.people.models import Person, initials, short_name
from town.kernel.db import db, now
from town.kernel.media import address


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever makes this request: a signed-in person, or anybody. Satisfies the kernel's `Viewer`.

    waiting_roles: those that a second factor would wake; until then they give no right at all.
    acting: the sitting in which an agent writes for this person (`people.acting`); agent_*: who that is.
    """

    session_id: int | None = None
    csrf_secret: str = ""
    account_id: int | None = None
    person_id: int | None = None
    public_id: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    email_confirmed: bool = False
    portrait: str | None = None
    language: str | None = None
    address_id: int | None = None
    street_id: int | None = None
    quarter_id: int | None = None
    quarter_name: str = ""
    certified_until: datetime | None = None
    roles: frozenset[str] = field(default_factory=frozenset)
    waiting_roles: frozenset[str] = field(default_factory=frozenset)
    second_factor_set: bool = False
    second_factor_passed: bool = False
    acting: str = ""
    agent_id: int | None = None
    agent_name: str = ""

    @property
    def signed_in(self) -> bool:
        return self.person_id is not None

    @property
    def certified(self) -> bool:
        return self.certified_until is not None and self.certified_until > now()

    @property
    def staff(self) -> bool:
        return bool(self.roles)

    def has_role(self, *roles: str) -> bool:
        """Whether one of these roles is held."""
        return not self.roles.isdisjoint(roles)

    def is_person(self, person_id: int | None) -> bool:
        return person_id is not None and person_id == self.person_id

    @property
    def name(self) -> str:
        return short_name(self.first_name, self.last_name)

    @property
    def photo(self) -> str:
        """Where their portrait is, or nothing."""
        return address(self.portrait, "small") if self.portrait else ""

    @property
    def initials(self) -> str:
        return initials(self.first_name, self.last_name)

    @property
    def actor_key(self) -> str:
        return f"person:{self.person_id}" if self.signed_in else "visitor"


ANYBODY = Visitor()


def visitor() -> Visitor:
    """Whoever makes this request. Cheap: no query."""
    return cast(Visitor, g.get("viewer") or ANYBODY)


def me() -> Person:
    """The signed-in person as a record, for verbs. A plain object: a proxy could not be put into a relationship."""
    person = db.session.scalar(select(Person).where(Person.id == visitor().person_id))
    if person is None:
        raise LookupError("nobody is signed in here")
    return person
