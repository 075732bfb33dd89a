"""What the town hall does with a notice, and whom that is told."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select

from town.commons.activity import Activity, Kind
from town.commons.people.models import Person
from town.commons.places.concerns import Concerns


def _those_concerned(activity: Activity) -> Iterable[Person] | Select[Any]:
    told: Iterable[Person] | Select[Any] = activity.subject.told()
    return told


def _places(activity: Activity) -> Concerns | None:
    concerns: Concerns = activity.subject.concerns
    return concerns if isinstance(_those_concerned(activity), Select) else None


def _places_if_important(activity: Activity) -> Concerns | None:
    return _places(activity) if activity.details.get("important") else None


def _if_important(activity: Activity) -> Iterable[Person] | Select[Any]:
    return _those_concerned(activity) if activity.details.get("important") else ()


PUBLISHED = Kind(
    "townhall.published",
    sentence=_l("Town hall: {subject}"),
    tells=_those_concerned,
    endpoint="townhall.notice",
    official=True,
    concerns=_places,
)
ALERTED = Kind(
    "townhall.alerted",
    sentence=_l("Town hall, urgent: {subject}"),
    tells=_those_concerned,
    endpoint="townhall.notice",
    official=True,
    urgent=True,
    concerns=_places,
)
CORRECTED = Kind(
    "townhall.corrected",
    sentence=_l("Town hall, corrected: {subject}"),
    tells=_if_important,
    endpoint="townhall.notice",
    official=True,
    concerns=_places_if_important,
)
WITHDRAWN = Kind("townhall.withdrawn", sentence=_l("Town hall, withdrawn: {subject}"), official=True)
