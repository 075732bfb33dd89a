"""Who may read a case and decide, who follows a report, and who sees the copies that reports keep."""

from typing import Literal

from sqlalchemy import ColumnElement, or_, select

from town.commons.moderation import Case, Report
from town.commons.moderation.activity import DECIDERS
from town.commons.moderation.things import COPIES
from town.commons.people.visit import Visitor, visitor
from town.kernel.db import db
from town.kernel.media import register_guard
from town.kernel.policy import Policy


class CasePolicy(Policy, of=Case):
    """Moderators and administrators read and decide, never about themselves; its author answers for it."""

    person: Visitor
    thing: Case

    def read(self) -> bool:
        return self.person.has_role(*DECIDERS) and not self.thing.is_theirs(self.person.person_id)

    def decide(self) -> bool:
        return self.read() and self.thing.obstacle(self.person.person_id, self.person.roles) is None

    def answer_for(self) -> bool:
        return self.person.is_person(self.thing.author_id)


def followed_by(viewer: Visitor) -> ColumnElement[bool]:
    """The condition on `Report` that this viewer may follow it: it is theirs, or its link is all it takes."""
    if viewer.signed_in:
        return or_(Report.by_link, Report.reporter_id == viewer.person_id)
    return Report.by_link.is_(True)


def _copies(report_id: int) -> Literal["private"] | None:
    case = db.session.scalar(select(Case).join(Report).where(Report.id == report_id))
    return "private" if case is not None and CasePolicy(visitor(), case).read() else None


register_guard(COPIES, _copies)
