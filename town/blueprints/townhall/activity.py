"""What the town hall does with a notice, and whom that is told."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select

from town.commons.activity import Activity, Kind
from town.commons.people.models import Person


def _those_concerned(activity: Activity) -> Iterable[Person] | Select[Any]:
    told: Iterable[Person] | Select[Any] = activity.subject.told()
    return told


def _if_important(activity: Activity) -> Iterable[Person] | Select[Any]:
    return _those_concerned(activity) if activity.details.get("important") else ()


PUBLISHED = Kind(
    "townhall.published",
    sentence=_l("Town hall: {subject}"),
    tells=_those_concerned,
    endpoint="townhall.notice",
    official=True,
)
ALERTED = Kind(
    "townhall.alerted",
    sentence=_l("Town hall, urgent: {subject}"),
    tells=_those_concerned,
    endpoint="townhall.notice",
    official=True,
)
CORRECTED = Kind(
    "townhall.corrected",
    sentence=_l("Town hall, corrected: {subject}"),
    tells=_if_important,
    endpoint="townhall.notice",
    official=True,
)
WITHDRAWN = Kind("townhall.withdrawn", sentence=_l("Town hall, withdrawn: {subject}"), official=True)
