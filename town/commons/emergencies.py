"""Whom to call in France when something is wrong. Source: service-public.fr, « Numéros d’urgence »."""

from typing import Final, NamedTuple

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString


class Number(NamedTuple):
    """number: as it is dialled. name: who answers. about: when to call. on_paper: on the weekly sheet too."""

    number: str
    name: LazyString
    about: LazyString
    icon: str
    on_paper: bool = True

    @property
    def address(self) -> str:
        """What a tap on it does: 114 is written to, by those who cannot hear or speak."""
        return f"{'sms' if self.number == '114' else 'tel'}:{self.number}"


NUMBERS: Final = (
    Number("112", _l("Emergencies"), _l("any danger, from any telephone, everywhere in Europe"), "alert"),
    Number("15", _l("ambulance"), _l("somebody is badly hurt or ill"), "heart"),
    Number("18", _l("fire brigade"), _l("a fire, an accident, a flood, a gas leak"), "drop"),
    Number("17", _l("police"), _l("a theft under way, violence, somebody in danger"), "lock"),
    Number("114", _l("deaf and hard of hearing"), _l("by text message, also if you cannot speak aloud"), "message"),
    Number("119", _l("a child in danger"), _l("for a child, or whoever worries about one"), "person", on_paper=False),
    Number("3919", _l("violence against women"), _l("to be listened to and helped"), "sound", on_paper=False),
    Number("3237", _l("duty pharmacy"), _l("which one is open near you; this call is charged"), "pharmacy"),
)
