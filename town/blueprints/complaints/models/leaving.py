"""What stays of a report when a person is forgotten: what everybody reads, the answers and the number, unnamed."""

from typing import Any

from sqlalchemy import delete, select, update

from town.blueprints.complaints.models.complaint import Complaint
from town.blueprints.complaints.models.records import PHOTOS, PHOTOS_KEPT, ComplaintFollower, ComplaintStep
from town.commons.activity import retitle
from town.commons.board import publish
from town.commons.people.models import Person
from town.kernel.db import db, flush, now
from town.kernel.media import pictures_of
from town.kernel.signals import person_erased

GONE = "…"
"""The title of a report without words."""


def unname(report: Complaint) -> None:
    """Without its reporter, and without what only the town hall read of it.

    What was for the town hall alone is closed by that: nobody could answer it any more.
    """
    report.reporter = report.on_behalf_of = None
    if report.published_at is not None:
        report.words = report.shown_words
        _show_the_place_as_others_see_it(report)
        take_photos_away(report, PHOTOS_KEPT)
    else:
        if report.open:
            report.state, report.why, report.closed_at = "declined", "gone", now()
            report.read_at = report.read_at or now()
            report._step("declined", None, detail="gone")
        take_photos_away(report, PHOTOS, PHOTOS_KEPT)
        take_words_away(report)
    notes = update(ComplaintStep).where(ComplaintStep.complaint_id == report.id, ComplaintStep.internal)
    db.session.execute(notes.values(words="", detail="").execution_options(synchronize_session=False))
    _say_again(report)


def forget_followers(report: Complaint) -> None:
    """How many neighbours noticed the same is still said; who they were is not."""
    db.session.execute(delete(ComplaintFollower).where(ComplaintFollower.complaint_id == report.id))


def take_photos_away(report: Complaint, *sorts: str) -> None:
    for sort in sorts:
        for photo in db.session.scalars(pictures_of(sort, report.id)):
            photo.remove()
    flush()


def take_words_away(report: Complaint) -> None:
    """A number, a subject, a quarter and dates are left: what the town counts."""
    report.published_at = None
    report.title, report.words, report.shown_words, report.shown_place = GONE, "", "", ""
    report.shown_lon = report.shown_lat = report.street_id = None
    place, report.place = report.place, None
    flush()
    if place is not None:
        db.session.delete(place)


def forget_text(report: Complaint) -> None:
    """Long after its end: neither what was reported nor what was answered."""
    take_photos_away(report, PHOTOS, PHOTOS_KEPT)
    take_words_away(report)
    steps = update(ComplaintStep).where(ComplaintStep.complaint_id == report.id)
    db.session.execute(steps.values(words="", detail="").execution_options(synchronize_session=False))
    _say_again(report)


def _show_the_place_as_others_see_it(report: Complaint) -> None:
    if report.place is not None:
        report.place.words, report.place.address = report.shown_place, None
        report.place.lon, report.place.lat = report.shown_lon, report.shown_lat
        if not report.shown_place:
            report.place.street = None


def _say_again(report: Complaint) -> None:
    retitle(report)
    publish(report)


@person_erased.connect
def forget(person: Person, **_: Any) -> None:
    """Their reports lose their reporter, their « moi aussi » goes, and as an agent their name."""
    for report in db.session.scalars(select(Complaint).where(Complaint.reporter_id == person.id)).all():
        unname(report)
    followed = select(ComplaintFollower.complaint_id).where(ComplaintFollower.person_id == person.id)
    for report in db.session.scalars(select(Complaint).where(Complaint.id.in_(followed))).all():
        report.unfollow(person)
    for report in db.session.scalars(select(Complaint).where(Complaint.assigned_to_id == person.id)).all():
        report.assigned_to_id = None
    flush()
    named = update(ComplaintStep).where(ComplaintStep.verb == "assigned", ComplaintStep.detail == person.full_name)
    db.session.execute(named.values(detail=""))
    db.session.execute(update(ComplaintStep).where(ComplaintStep.by_id == person.id).values(by_id=None))
