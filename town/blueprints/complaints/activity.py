"""What happens to a report, and whom it is told: the town hall of a new one, its reporter and followers of the rest."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select

from town.commons.activity import Activity, Kind
from town.commons.people.models import Person, RoleGrant

PAGE = "complaints.complaint"


def _town_hall(activity: Activity) -> Select[Any]:
    return select(Person).join(RoleGrant).where(RoleGrant.role == "agent", Person.left_at.is_(None))


def _those_who_wait(activity: Activity) -> Iterable[Person]:
    report = activity.subject
    return report.audience(activity.at) if report is not None else []


def _told(name: str, sentence: Any) -> Kind:
    return Kind(f"complaints.{name}", sentence=sentence, tells=_those_who_wait, endpoint=PAGE)


reported = Kind(
    "complaints.reported",
    sentence=_l("New report: {subject}"),
    tells=_town_hall,
    endpoint="complaints.file",
    by_mail=False,
)
acknowledged = _told("acknowledged", _l("The town hall has read “{subject}”"))
answered = _told("answered", _l("The town hall answers about “{subject}”"))
planned = _told("planned", _l("Planned: “{subject}”"))
started = _told("started", _l("Work has begun: “{subject}”"))
resolved = _told("resolved", _l("Resolved: “{subject}”"))
declined = _told("declined", _l("Declined, with the reason: “{subject}”"))
forwarded = _told("forwarded", _l("Passed on to {to}: “{subject}”"))
merged = _told("merged", _l("“{subject}” had already been reported"))
reopened = _told("reopened", _l("Taken up again: “{subject}”"))
followed = Kind("complaints.followed", sentence=_l("{actor} notices it too: “{subject}”"))
