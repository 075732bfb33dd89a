"""What shops do by themselves: openings for the days to come, offers forgotten after a year, people forgotten."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from town.blueprints.shops.models import Offer, Shop
from town.blueprints.shops.models.offer import KEPT
from town.commons.people.models import Person
from town.commons.people.organisations import Organisation
from town.kernel.db import db
from town.kernel.inventory import not_mine
from town.kernel.jobs import nightly
from town.kernel.retention import forgets
from town.kernel.signals import person_erased


@nightly
def lay_the_days_to_come() -> None:
    """The directory knows a fortnight ahead who is open; every night adds a day."""
    living = select(Shop).join(Organisation).where(Organisation.closed_at.is_(None), Shop.hours != "")
    for shop in db.session.scalars(living):
        shop.lay_openings()


@forgets(
    "shops.offers",
    what=_l("The offers of a shop, and who typed them"),
    why=_l("So that the shop can repeat one"),
    then=_l("They are erased"),
    lasts=KEPT,
    since=_l("after their last day"),
    rows=lambda: select(Offer.id),
    over=lambda limit: Offer.until < limit,
)
def forget_old_offers(limit: datetime) -> None:
    """An offer may be repeated for a year. Who made it is forgotten with it."""
    for offer in db.session.scalars(select(Offer).where(Offer.until < limit).limit(500)):
        offer.forget()


not_mine(Offer.made_by_id, "an offer is the shop's; that they run it is in their copy")


@person_erased.connect
def forget(person: Person, **_: Any) -> None:
    """What a shop offered stays the shop's; that this person typed it is forgotten."""
    made = select(Offer).where(Offer.made_by_id == person.id)
    for offer in db.session.scalars(made):
        offer.made_by_id = None
    db.session.flush()
