"""Who may do what with items and loans."""

from town.blueprints.lending.models import REQUESTED, Item, Loan
from town.kernel.policy import Policy


class ItemPolicy(Policy, of=Item):
    """Certified neighbours lend and borrow; an item is its owner's."""

    def browse(self) -> bool:
        return bool(self.person.certified or self.person.has_role("moderator"))

    def offer(self) -> bool:
        return bool(self.person.certified)

    def edit(self) -> bool:
        return bool(self.person.is_person(self.thing.owner_id))

    def put_back(self) -> bool:
        return self.edit() and self.offer()

    def borrow(self) -> bool:
        return bool(self.person.certified) and not self.edit()


class LoanPolicy(Policy, of=Loan):
    """The owner answers; both say what changed hands; who asked may withdraw, and both may cancel what was agreed."""

    def _owner(self) -> bool:
        return bool(self.person.is_person(self.thing.item.owner_id))

    def _party(self) -> bool:
        return self._owner() or bool(self.person.is_person(self.thing.borrower_id))

    def answer(self) -> bool:
        return self._owner()

    def cancel(self) -> bool:
        return self._party() and not (self._owner() and self.thing.state == REQUESTED)

    def hand_over(self) -> bool:
        return self._party()

    def give_back(self) -> bool:
        return self._party()
