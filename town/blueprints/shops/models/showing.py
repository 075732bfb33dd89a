"""The page of an organisation that is a shop: made when the town hall opens it, gone when the organisation closes."""

from sqlalchemy import select

from town.blueprints.shops.models.shop import SORTS, Shop
from town.commons.board import publish
from town.commons.people.organisations import Organisation, shown_by
from town.kernel.db import db


@shown_by(*SORTS)
def show(organisation: Organisation) -> None:
    """Its card, and nothing any more of a shop that is closed for good."""
    shop = db.session.scalar(select(Shop).where(Shop.organisation_id == organisation.id))
    if shop is None:
        shop = Shop(organisation=organisation, closures=[], payments=[])
        db.session.add(shop)
    if organisation.closed_at is not None:
        shop.leave_the_board()
    else:
        publish(shop)
