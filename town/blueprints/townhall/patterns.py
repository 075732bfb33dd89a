"""Twelve notices half written, for a councillor with a minute: only the words in brackets are left to fill in."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from town.blueprints.townhall.models import ALERT, INFO, LIFE, WORKS


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a choice fills in. `places`: it concerns some streets rather than the whole town."""

    label: LazyString
    kind: str
    title: LazyString
    words: LazyString
    places: bool = False


PATTERNS: dict[str, Pattern] = {
    "water-cut": Pattern(
        _l("Water cut"),
        ALERT,
        _l("Water off [day], [street]"),
        _l("[Day], from [hour] to [hour], numbers [from] to [to]. A leak is being repaired. Fill a jug beforehand."),
        places=True,
    ),
    "water-unfit": Pattern(
        _l("Unfit water"),
        ALERT,
        _l("Do not drink tap water, [place]"),
        _l("Until further notice, tap water must not be drunk. Bottles are handed out at [place], [hours]."),
        places=True,
    ),
    "power-cut": Pattern(
        _l("Power cut"),
        ALERT,
        _l("Power off [day], [street]"),
        _l("[Day], from [hour] to [hour]. The network is repaired. If a device keeps you alive, call the town hall."),
        places=True,
    ),
    "storm": Pattern(
        _l("Storm"),
        ALERT,
        _l("Strong wind expected [day]"),
        _l("From [hour] to [hour]. Bring in what could fly away, keep away from trees. Parks are closed."),
    ),
    "road-closed": Pattern(
        _l("Road closed"),
        WORKS,
        _l("[Street] closed [day]"),
        _l("From [hour] to [hour], because of [reason]. Way round by [street]. Residents on foot may pass."),
        places=True,
    ),
    "no-parking": Pattern(
        _l("No parking"),
        WORKS,
        _l("No parking [day], [street]"),
        _l("From [hour] to [hour], for works. Please move your vehicle the evening before."),
        places=True,
    ),
    "street-light": Pattern(
        _l("Street lighting"),
        WORKS,
        _l("Street lamps off, [street]"),
        _l("The lamps are being repaired. They will be lit again on [day]."),
        places=True,
    ),
    "bins": Pattern(
        _l("Bins moved"),
        INFO,
        _l("Bins: collected [day] this week"),
        _l("Because of the holiday, bins are collected on [day]. Put them out the evening before."),
    ),
    "closed": Pattern(
        _l("Town hall closed"),
        INFO,
        _l("The town hall is closed [day]"),
        _l("It opens again on [day] at [hour]. In an emergency, call the councillor on duty: [number]."),
    ),
    "council": Pattern(
        _l("Council meeting"),
        LIFE,
        _l("Council meeting on [day] at [hour]"),
        _l("In the council room, open to all. On the agenda: [subjects]. The minutes will be put up within a week."),
    ),
    "meeting": Pattern(
        _l("Public meeting"),
        LIFE,
        _l("Public meeting: [subject], [day] at [hour]"),
        _l("At [place]. First the project, then everybody’s questions. A drink to end the evening."),
    ),
    "feast": Pattern(
        _l("Feast or market"),
        LIFE,
        _l("[Feast] on [day], [place]"),
        _l("From [hour] to [hour]. On the programme: [programme]. Parking at [place]."),
    ),
}
