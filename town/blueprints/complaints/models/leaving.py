"""What stays of a report when a person is forgotten: the fact, its words and its answers, without anybody's name."""

from typing import Any

from sqlalchemy import delete, select, update

from town.blueprints.complaints.models.complaint import Complaint
from town.blueprints.complaints.models.records import ComplaintFollower, ComplaintStep
from town.commons.board import publish
from town.commons.people.models import Person
from town.kernel.db import db
from town.kernel.signals import person_erased


@person_erased.connect
def forget(person: Person, **_: Any) -> None:
    """Their reports lose their reporter, their « moi aussi » goes, and as an agent their name."""
    for report in db.session.scalars(select(Complaint).where(Complaint.reporter_id == person.id)):
        report.reporter = None
        publish(report)
    followed = select(ComplaintFollower.complaint_id).where(ComplaintFollower.person_id == person.id)
    for report in db.session.scalars(select(Complaint).where(Complaint.id.in_(followed))).all():
        report.unfollow(person)
    db.session.execute(delete(ComplaintFollower).where(ComplaintFollower.person_id == person.id))
    for report in db.session.scalars(select(Complaint).where(Complaint.assigned_to_id == person.id)):
        report.assigned_to_id = None
    db.session.execute(update(ComplaintStep).where(ComplaintStep.by_id == person.id).values(by_id=None))
