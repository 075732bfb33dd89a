"""What shops do by themselves: openings for the days to come, offers forgotten after a year, people forgotten."""

from typing import Any

from sqlalchemy import select

from town.blueprints.shops.models import Offer, Shop
from town.blueprints.shops.models.offer import KEPT
from town.commons.people.models import Person
from town.commons.people.organisations import Organisation
from town.kernel.db import db, now
from town.kernel.jobs import nightly
from town.kernel.signals import person_erased


@nightly
def lay_the_days_to_come() -> None:
    """The directory knows a fortnight ahead who is open; every night adds a day."""
    living = select(Shop).join(Organisation).where(Organisation.closed_at.is_(None), Shop.hours != "")
    for shop in db.session.scalars(living):
        shop.lay_openings()


@nightly
def forget_old_offers() -> None:
    """An offer may be repeated for a year. Who made it is forgotten with it."""
    for offer in db.session.scalars(select(Offer).where(Offer.until < now() - KEPT).limit(500)):
        offer.forget()


@person_erased.connect
def forget(person: Person, **_: Any) -> None:
    """What a shop offered stays the shop's; that this person typed it is forgotten."""
    made = select(Offer).where(Offer.made_by_id == person.id)
    for offer in db.session.scalars(made):
        offer.made_by_id = None
    db.session.flush()
