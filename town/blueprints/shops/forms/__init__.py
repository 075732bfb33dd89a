"""What people type about shops, their hours and their offers."""

from town.blueprints.shops.forms.hours import ClosureForm, HoursForm
from town.blueprints.shops.forms.offer import OfferForm
from town.blueprints.shops.forms.shop import ShopForm

__all__ = ["ClosureForm", "HoursForm", "OfferForm", "ShopForm"]
