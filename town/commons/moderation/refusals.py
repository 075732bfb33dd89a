"""What cannot be done in moderation, and why, as people read it."""

from flask_babel import lazy_gettext as _l

from town.kernel.refusals import Refused


class YourOwnContent(Refused):
    """Its author reports it, or would decide on it."""

    sentence = _l("This content is yours: somebody else has to look at it.")


class AboutYou(Refused):
    """It speaks of whoever would decide."""

    sentence = _l("This content is about you: a colleague decides.")


class YourOwnReport(Refused):
    """Who reported it would decide."""

    sentence = _l("You reported this yourself: a colleague decides.")


class YourOwnDecision(Refused):
    """Who took the decision would judge the appeal against it."""

    sentence = _l("You took the decision that is appealed against: a colleague judges the appeal.")


class AdminDecides(Refused):
    """A moderator would act on the town hall's own word."""

    sentence = _l("This is the town hall’s own word: only an administrator may hide it.")


class DecidedMeanwhile(Refused):
    """A colleague has just decided, or nothing waits here."""

    sentence = _l("A colleague has just decided. Read the decision before you take another one.")


class ReasonsNeeded(Refused):
    """Nothing is hidden without a rule, facts and a sentence to its author."""

    sentence = _l("To hide something, name the rule, the facts, and what its author will read.")


class NothingToAppeal(Refused):
    """No decision stands against them, or they have appealed, or it is too late."""

    sentence = _l("There is no decision that you can appeal against: it was judged already, or it is too old.")


class NoLongerThere(Refused):
    """Its author took it off the board while somebody wrote the report."""

    sentence = _l("This content has just been taken off by its author: there is nothing left to report.")
