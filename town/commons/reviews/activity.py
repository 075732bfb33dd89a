"""What the two are told of: that they may write, that the other one did, that it can be read. Never what it says."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l

from town.commons.activity import Activity, Kind
from town.commons.people.models import Person

SHOWN = "reviews.exchange"


def _who_has_not_written(happened: Activity) -> Iterable[Person]:
    return [person for person in happened.subject.parties if happened.subject.review_by(person.id) is None]


def _the_other(happened: Activity) -> Iterable[Person]:
    """Whom it concerns is said with it: at the counter, whoever does it is neither of the two."""
    return [person for person in happened.subject.parties if person.id == happened.details.get("whom")]


INVITED = Kind("reviews.invited", sentence=_l("How did it go? {subject}"), tells=_who_has_not_written, endpoint=SHOWN)
WRITTEN = Kind(
    "reviews.written",
    sentence=_l("{actor} said how it went. Say it too, and you may both read: {subject}"),
    tells=_the_other,
    endpoint=SHOWN,
)
BOTH_WROTE = Kind(
    "reviews.both_wrote",
    sentence=_l("{actor} said how it went too. You may both read: {subject}"),
    tells=_the_other,
    endpoint=SHOWN,
)
READABLE = Kind(
    "reviews.readable",
    sentence=_l("You may now read how it went for your neighbour: {subject}"),
    tells=_the_other,
    endpoint=SHOWN,
)
REPLIED = Kind(
    "reviews.replied", sentence=_l("{actor} replied to your review: {subject}"), tells=_the_other, endpoint=SHOWN
)
