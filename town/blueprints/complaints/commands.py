"""What reports forget with time: who sent them, then their photos, then their words. And what a person's copy holds."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import joinedload

from town.blueprints.complaints.categories import category_label
from town.blueprints.complaints.models import PHOTOS, PHOTOS_KEPT, Complaint, ComplaintFollower, ComplaintStep
from town.blueprints.complaints.models.leaving import (
    forget_followers,
    forget_text,
    take_photos_away,
    unname,
)
from town.commons.board import publish
from town.kernel.db import db
from town.kernel.inventory import mine, not_mine
from town.kernel.media import Media
from town.kernel.retention import Span, forgets

_CLOSED = Complaint.closed_at.is_not(None)


def _each(condition: ColumnElement[bool], limit: datetime, act: Callable[[Complaint], None]) -> None:
    """Do it to every closed report that is old enough; a report is small, and its verbs keep its card true."""
    for report in db.session.scalars(select(Complaint).where(_CLOSED, Complaint.closed_at < limit, condition)).all():
        act(report)


def _somebody() -> ColumnElement[bool]:
    return or_(Complaint.reporter_id.is_not(None), exists().where(ComplaintFollower.complaint_id == Complaint.id))


def _photographed() -> ColumnElement[bool]:
    photo = (Media.subject_type.in_((PHOTOS, PHOTOS_KEPT))) & (Media.subject_id == Complaint.id)
    return exists().where(photo, Media.deleted_at.is_(None))


@forgets(
    "complaints.names",
    what=_l("Who sent a report and who noticed the same; what only the town hall read of it"),
    why=_l("So that the town hall can answer you"),
    then=_l("The report stays without names; one that was for the town hall alone loses its words"),
    lasts=Span(months=12),
    since=_l("after the report is closed"),
    rows=lambda: select(Complaint.id).where(_CLOSED, _somebody()),
    over=lambda limit: Complaint.closed_at < limit,
)
def forget_names(limit: datetime) -> None:
    def nobody(report: Complaint) -> None:
        forget_followers(report)
        unname(report)

    _each(_somebody(), limit, nobody)


@forgets(
    "complaints.photos",
    what=_l("The photos of a report"),
    why=_l("To see what was reported, and that it was dealt with"),
    then=_l("They are erased"),
    lasts=Span(months=24),
    since=_l("after the report is closed"),
    rows=lambda: select(Complaint.id).where(_CLOSED, _photographed()),
    over=lambda limit: Complaint.closed_at < limit,
)
def forget_photos(limit: datetime) -> None:
    def bare(report: Complaint) -> None:
        take_photos_away(report, PHOTOS, PHOTOS_KEPT)
        publish(report)

    _each(_photographed(), limit, bare)


@forgets(
    "complaints.words",
    what=_l("What everybody reads of a report, and the town hall’s answers"),
    why=_l("They are the public record of what the town hall did"),
    then=_l("A number, a subject and dates are left"),
    lasts=Span(years=5),
    since=_l("after the report is closed"),
    rows=lambda: select(Complaint.id).where(_CLOSED, Complaint.words != ""),
    over=lambda limit: Complaint.closed_at < limit,
)
def forget_words(limit: datetime) -> None:
    _each(Complaint.words != "", limit, forget_text)


def _timeline(report: Complaint) -> list[dict[str, Any]]:
    steps = select(ComplaintStep).where(ComplaintStep.complaint_id == report.id, ~ComplaintStep.internal)
    found = db.session.scalars(steps.order_by(ComplaintStep.id))
    return [{"at": step.at.isoformat(), "step": step.verb, "words": step.words} for step in found]


mine(
    Complaint,
    "reporter_id",
    title=_l("My reports"),
    rows=lambda person_id: (
        select(Complaint)
        .where(Complaint.reporter_id == person_id)
        .options(joinedload(Complaint.place), joinedload(Complaint.on_behalf_of))
        .order_by(Complaint.id)
    ),
    shows={
        "number": _l("Number"),
        "category": (_l("Subject"), lambda report: category_label(report.category)),
        "on_behalf_of": _l("In the name of"),
        "words": _l("Your words"),
        "place": (_l("Place"), lambda report: report.place.words if report.place else ""),
        "received_at": _l("Sent"),
        "shown_words": (_l("What everybody reads"), lambda report: report.shown_words if report.published_at else ""),
        "steps": (_l("What became of it"), _timeline),
    },
    stays=_l("What everybody reads of your reports, and the town hall’s answers: without who sent them."),
)
mine(
    ComplaintFollower,
    "person_id",
    title=_l("Reports I noticed too"),
    rows=lambda person_id: (
        select(ComplaintFollower)
        .where(ComplaintFollower.person_id == person_id)
        .options(joinedload(ComplaintFollower.complaint))
        .order_by(ComplaintFollower.id)
    ),
    shows={"title": (_l("Report"), lambda follower: follower.complaint.title), "at": _l("When")},
)
not_mine(Complaint.assigned_to_id, "a colleague's task at the town hall")
not_mine(ComplaintStep.by_id, "the town hall's answers, written for it; the journal of acts is in their copy")
