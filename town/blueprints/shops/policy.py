"""Who may do what with shops and their offers."""

from town.blueprints.shops.models import SORTS, Offer, Shop
from town.commons.people.hats import my_hats
from town.kernel.policy import Policy

OF_THE_TOWN_HALL = ("agent", "admin")


class ShopPolicy(Policy, of=Shop):
    """Whoever runs a shop keeps its page and its window; so may the town hall, which alone lists and closes shops."""

    def keep(self) -> bool:
        runs = any(hat.id == self.thing.organisation_id for hat in my_hats(*SORTS))
        return runs or self.list()

    def list(self) -> bool:
        return bool(self.person.has_role(*OF_THE_TOWN_HALL))

    def close(self) -> bool:
        return self.list()


class OfferPolicy(Policy, of=Offer):
    """An offer is its shop's."""

    def end(self) -> bool:
        return ShopPolicy(self.person, self.thing.shop).keep()
