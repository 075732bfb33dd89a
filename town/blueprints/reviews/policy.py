"""Who may write a review, correct it, and reply to it: the two of an exchange and nobody else, whatever their role."""

from town.commons.reviews import Exchange, Review
from town.kernel.policy import Policy


class ExchangePolicy(Policy, of=Exchange):
    """Each of the two, for themselves."""

    def write(self) -> bool:
        return self.person.person_id in (self.thing.first_id, self.thing.second_id) and self.person.signed_in


class ReviewPolicy(Policy, of=Review):
    """Its writer corrects it; the one it is about replies to it."""

    def correct(self) -> bool:
        return bool(self.person.is_person(self.thing.writer_id))

    def reply(self) -> bool:
        return bool(self.person.is_person(self.thing.about_id))
