"""What cannot be done with a review, and why, as people read it."""

from flask_babel import lazy_gettext as _l

from town.kernel.refusals import Refused


class TooLate(Refused):
    """The time to write is over."""

    sentence = _l("Reviews are written within 60 days. This exchange is older.")


class AlreadyReviewed(Refused):
    """One review a side."""

    sentence = _l("You have said how it went already.")


class NobodyToReview(Refused):
    """The other one's account is gone."""

    sentence = _l("This neighbour’s account is closed: there is nobody to review any more.")


class StandsAsWritten(Refused):
    """The time to correct is over."""

    sentence = _l("A review is corrected within 48 hours. Now it stands as you wrote it.")


class FactsStand(Refused):
    """Both may read: facts that changed now could be a revenge."""

    sentence = _l("Your neighbour can read your review already: its words can be corrected, its answers cannot.")


class NotReadableYet(Refused):
    """Nobody replies to what nobody may read."""

    sentence = _l("This review cannot be read yet.")


class AlreadyReplied(Refused):
    """One reply."""

    sentence = _l("You have replied already. One reply is all there is.")
