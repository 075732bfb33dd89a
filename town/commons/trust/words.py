"""How an address was proved, in words that neighbours read: never the number of the house."""

from datetime import datetime
from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from town.kernel.language import month

HOWS: Final[dict[str, LazyString]] = {
    "postcard": _l("by postcard"),
    "desk": _l("at the town hall"),
}

REASONS: Final[dict[str, LazyString]] = {
    "moved": _l("The address has changed"),
    "left": _l("Left the town"),
    "returned": _l("A letter came back"),
    "mistake": _l("Certified by mistake"),
    "fraud": _l("False declaration"),
}
"""Why a certification falls before its time."""


def proved(how: str | None, at: datetime | None) -> str:
    """« par carte postale, novembre 2026 », or nothing for an address that is not proved."""
    if how is None or at is None:
        return ""
    return _("%(how)s, %(month)s", how=HOWS[how], month=month(at))
