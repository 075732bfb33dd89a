"""What a resident hears of what the town hall wrote for them."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l

from town.commons.activity import Activity, Kind
from town.commons.people.models import Person


def _resident(happened: Activity) -> Iterable[Person]:
    return [happened.subject.person] if happened.subject else []


WROTE = Kind(
    "counter.wrote",
    sentence=_l("At your request, the town hall wrote for you: see the receipt"),
    tells=_resident,
    endpoint="counter.receipt",
)
