"""Reach: who would be told of something that concerns a street, and how many households have no way to hear of it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select

from town.commons.notices.models import OFFICIAL
from town.commons.notices.telling import with_mail
from town.commons.people.models import Account, Person
from town.commons.places.concerns import Concerns
from town.commons.places.models import Address
from town.kernel.db import db


def residents_of(concerns: Concerns) -> Select[Any]:
    """The people to tell: those who live there, certified or still waiting for their letter."""
    here = select(Person).where(Person.left_at.is_(None))
    if concerns.whole_town:
        return here
    return here.join(Address, Address.id == Person.address_id).where(concerns.doors())


@dataclass(frozen=True, slots=True)
class Reach:
    """Households, that is distinct addresses: how many are concerned, and the best way to each."""

    households: int
    by_mail: int
    in_app: int

    @property
    def told(self) -> int:
        """Households with at least one member whom the town can tell."""
        return self.by_mail + self.in_app

    @property
    def untold(self) -> int:
        """Households that must hear of it in another way: a poster, a letterbox, a knock at the door."""
        return self.households - self.told


def reach_of(concerns: Concerns) -> Reach:
    """How far an official notice would go, in one query."""
    mailbox = case((Person.id.in_(with_mail(OFFICIAL)), 1), else_=0)
    app = case((and_(Account.id.is_not(None), Account.active), 1), else_=0)
    doors = (
        select(func.max(mailbox).label("mailbox"), func.max(app).label("app"))
        .select_from(Address)
        .outerjoin(Person, and_(Person.address_id == Address.id, Person.left_at.is_(None)))
        .outerjoin(Account, Account.person_id == Person.id)
        .where(concerns.doors(), or_(Address.retired_at.is_(None), Person.id.is_not(None)))
        .group_by(Address.id)
        .subquery()
    )
    app_only = case((and_(doors.c.app == 1, doors.c.mailbox == 0), 1), else_=0)
    total = select(func.count(), func.coalesce(func.sum(doors.c.mailbox), 0), func.coalesce(func.sum(app_only), 0))
    households, by_mail, in_app = db.session.execute(total.select_from(doors)).one()
    return Reach(households, int(by_mail), int(in_app))
