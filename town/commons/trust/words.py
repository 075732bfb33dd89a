"""How an address was proved, in words that neighbours read: never the number of the house."""

from datetime import datetime
from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from town.kernel.language import month

HOWS: Final[dict[str, LazyString]] = {
    "letterbox": _l("by a card left in the letterbox"),
    "postcard": _l("by postcard"),
    "desk": _l("at the town hall"),
}

EXPLAINED: Final[dict[str, LazyString]] = {
    "letterbox": _l(
        "The town hall left a card with a code in every letterbox. Somebody of this address typed it here: so they "
        "open that letterbox. Nobody saw an identity document."
    ),
    "postcard": _l(
        "The town hall sent a card with a code to this person’s letterbox, and they typed the code here. "
        "So they receive their post there."
    ),
    "desk": _l("The town hall saw an identity document and a proof of address. No copy was kept."),
}
"""What each way shows and does not show, for whoever asks how an address was proved."""

REASONS: Final[dict[str, LazyString]] = {
    "moved": _l("The address has changed"),
    "left": _l("Left the town"),
    "returned": _l("A letter came back"),
    "mistake": _l("Certified by mistake"),
    "fraud": _l("False declaration"),
}
"""Why a certification falls before its time."""


def explained(how: str | None) -> str:
    """How that way of proving works, or nothing for an address that is not proved."""
    return str(EXPLAINED[how]) if how else ""


def proved(how: str | None, at: datetime | None) -> str:
    """« par carte postale, novembre 2026 », or nothing for an address that is not proved."""
    if how is None or at is None:
        return ""
    return _("%(how)s, %(month)s", how=HOWS[how], month=month(at))
