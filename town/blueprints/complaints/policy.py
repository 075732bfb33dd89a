"""Who may do what to a report, and who sees its photos."""

from typing import Literal

from sqlalchemy import ColumnElement, false, or_, select

from town.blueprints.complaints.models import PHOTOS, PHOTOS_KEPT, Complaint
from town.commons.holds import not_held, open_to
from town.commons.people.visit import Visitor, visitor
from town.kernel.db import db
from town.kernel.media import register_guard
from town.kernel.policy import Policy

TOWN_HALL = ("agent", "councillor", "admin")


class ComplaintPolicy(Policy, of=Complaint):
    """The town hall deals with all of them; neighbours follow what everybody may read."""

    def deal_with(self) -> bool:
        return bool(self.person.has_role(*TOWN_HALL))

    def follow(self) -> bool:
        return bool(self.person.signed_in) and self.thing.published_at is not None and not self.own()

    def own(self) -> bool:
        return bool(self.person.is_person(self.thing.reporter_id))


def readable(viewer: Visitor) -> ColumnElement[bool]:
    """The condition on `Complaint` that this viewer may read it: it is public, it is theirs, or they answer it."""
    if viewer.has_role(*TOWN_HALL):
        return Complaint.id.is_not(None)
    return or_(Complaint.published_at.is_not(None) & open_to(viewer, Complaint), mine(viewer))


def mine(viewer: Visitor) -> ColumnElement[bool]:
    """The condition that this viewer reported it."""
    return Complaint.reporter_id == viewer.person_id if viewer.signed_in else false()


def _whole(report: Complaint) -> bool:
    return visitor().has_role(*TOWN_HALL) or visitor().is_person(report.reporter_id)


def _photos(report_id: int) -> Literal["public", "private"] | None:
    shown = (Complaint.published_at.is_not(None) & not_held(Complaint)).label("shown")
    found = db.session.execute(select(shown).where(Complaint.id == report_id, readable(visitor()))).first()
    if found is None:
        return None
    return "public" if found.shown else "private"


def _photos_kept(report_id: int) -> Literal["public", "private"] | None:
    report = db.session.scalar(select(Complaint).where(Complaint.id == report_id))
    return "private" if report is not None and _whole(report) else None


register_guard(PHOTOS, _photos)
register_guard(PHOTOS_KEPT, _photos_kept)
