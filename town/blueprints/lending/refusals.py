"""What cannot be done with an item or a loan, and why, as people read it."""

from flask_babel import lazy_gettext as _l

from town.kernel.refusals import Refused


class YourOwnThing(Refused):
    """The owner asks for what is theirs."""

    sentence = _l("This is yours: you need not borrow it.")


class NotOnTheShelf(Refused):
    """The owner does not lend it any more."""

    sentence = _l("This is not on the shelf any more.")


class EnoughLoans(Refused):
    """One neighbour asks for more than a fair share at once."""

    sentence = _l("You have 5 loans under way. Give one back or cancel one, then ask again.")


class NotAgreedYet(Refused):
    """Nothing changes hands before the owner has said yes."""

    sentence = _l("The owner has not said yes yet.")


class AlreadyAnswered(Refused):
    """The request has its answer."""

    sentence = _l("This request has been answered already.")


class NotHandedOverYet(Refused):
    """What was not handed over cannot come back."""

    sentence = _l("It has not changed hands yet.")


class AlreadyHandedOver(Refused):
    """It is with the borrower: it can only come back."""

    sentence = _l("It has changed hands already. All that is left is to give it back.")


class AlreadyOver(Refused):
    """Returned, refused, cancelled or closed: nothing more happens to this loan."""

    sentence = _l("This loan is over.")


class AlreadySaid(Refused):
    """The same neighbour says the same thing twice."""

    sentence = _l("You have said so already. The other one’s word is still missing.")


class StillWithSomebody(Refused):
    """The item has not come home from an earlier loan."""

    sentence = _l("It is still with another neighbour. First say that it is back.")
