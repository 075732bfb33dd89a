"""What cannot be done with shops and their offers, each with its sentence."""

from flask_babel import lazy_gettext as _l

from town.kernel.refusals import Refused


class ClosedForGood(Refused):
    """The shop is no more."""

    sentence = _l("This shop has closed: its page does not change any more.")


class OverAlready(Refused):
    """The offer ended before."""

    sentence = _l("This offer is over already.")


class EnoughOffers(Refused):
    """A window holds only so much."""

    sentence = _l("Ten offers are in your window already. End one of them first.")


class AlreadyListed(Refused):
    """Its number, or its name in the same street, is in the directory."""

    sentence = _l("This shop is in the directory already.")
