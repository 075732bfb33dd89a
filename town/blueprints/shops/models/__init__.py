"""Shops and their offers."""

from town.blueprints.shops.models import showing as showing
from town.blueprints.shops.models.offer import Offer, offers_now
from town.blueprints.shops.models.shop import PAYMENTS, SORTS, Shop

__all__ = ["PAYMENTS", "SORTS", "Offer", "Shop", "offers_now"]
