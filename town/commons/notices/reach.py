"""Reach: who would be told of something that concerns a street, and how many households have no way to hear of it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Subquery, and_, case, func, or_, select

from town.commons.notices.models import OFFICIAL
from town.commons.notices.telling import with_mail
from town.commons.people.models import Account, Person
from town.commons.places.concerns import Concerns
from town.commons.places.models import Address, Quarter, Street
from town.kernel.db import db

Rows = Select[*tuple[Any, ...]]


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


def _doors(concerns: Concerns) -> Subquery:
    """Each distinct address concerned, and whether the town can tell somebody behind it: by e-mail, in the app."""
    mailbox = case((Person.id.in_(with_mail(OFFICIAL)), 1), else_=0)
    app = case((and_(Account.id.is_not(None), Account.active), 1), else_=0)
    return (
        select(Address.id, func.max(mailbox).label("mailbox"), func.max(app).label("app"))
        .select_from(Address)
        .outerjoin(Person, and_(Person.address_id == Address.id, Person.left_at.is_(None)))
        .outerjoin(Account, Account.person_id == Person.id)
        .where(concerns.doors(), or_(Address.retired_at.is_(None), Person.id.is_not(None)))
        .group_by(Address.id)
        .subquery()
    )


def reach_of(concerns: Concerns) -> Reach:
    """How far an official notice would go, in one query."""
    doors = _doors(concerns)
    app_only = case((and_(doors.c.app == 1, doors.c.mailbox == 0), 1), else_=0)
    total = select(func.count(), func.coalesce(func.sum(doors.c.mailbox), 0), func.coalesce(func.sum(app_only), 0))
    households, by_mail, in_app = db.session.execute(total.select_from(doors)).one()
    return Reach(households, int(by_mail), int(in_app))


def silent_streets(concerns: Concerns) -> Rows:
    """Where paper has to go: each street with `boxes` that nobody reads for us, out of so many `households`.

    Rows: quarter, street_id, street, boxes, households; by quarter, then by street. No name of anybody.
    """
    doors = _doors(concerns)
    boxes = func.sum(case((and_(doors.c.app == 0, doors.c.mailbox == 0), 1), else_=0))
    return (
        select(
            Quarter.name.label("quarter"),
            Street.id.label("street_id"),
            Street.name.label("street"),
            boxes.label("boxes"),
            func.count().label("households"),
        )
        .select_from(doors)
        .join(Address, Address.id == doors.c.id)
        .join(Street, Street.id == Address.street_id)
        .join(Quarter, Quarter.id == Address.quarter_id)
        .group_by(Quarter.id, Quarter.name, Street.id, Street.name, Street.folded)
        .having(boxes > 0)
        .order_by(Quarter.name, Street.folded, Street.id)
    )


def silent_doors(concerns: Concerns) -> Rows:
    """The same, door by door, for whoever carries the paper: quarter, street_id, number, suffix. No name of anybody."""
    doors = _doors(concerns)
    return (
        select(Quarter.name.label("quarter"), Address.street_id, Address.number, Address.suffix)
        .select_from(doors)
        .join(Address, Address.id == doors.c.id)
        .join(Quarter, Quarter.id == Address.quarter_id)
        .where(doors.c.app == 0, doors.c.mailbox == 0)
        .order_by(Quarter.name, Address.street_id, Address.number, Address.suffix, Address.id)
    )
