"""« Moi aussi » : neighbours who notice the same, and are told of each step."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Mapped

from town.blueprints.complaints import activity
from town.blueprints.complaints.models.records import ComplaintFollower
from town.blueprints.complaints.models.refusals import NotPublic, OwnReport
from town.commons.activity import record
from town.commons.people.models import Person
from town.kernel.db import db, flush


class Followed:
    """The neighbours' verbs, a trait of `Complaint`."""

    if TYPE_CHECKING:  # columns that stand in `Complaint`
        me_too: Mapped[int]

        def __getattr__(self, name: str) -> Any: ...  # the others

    def audience(self, at: datetime | None = None) -> Sequence[Person]:
        """Whom to tell of a step: its reporter, and those who noticed the same by then."""
        found = select(Person).join(ComplaintFollower).where(ComplaintFollower.complaint_id == self.id)
        if at is not None:
            found = found.where(ComplaintFollower.at <= at)
        return [*([self.reporter] if self.reporter else []), *db.session.scalars(found)]

    def follow(self, person: Person) -> None:
        """« Moi aussi, je le constate. » Twice is once."""
        if self.published_at is None:
            raise NotPublic
        if person.id == self.reporter_id:
            raise OwnReport
        if self._let_follow(person):
            record(activity.followed, self, actor=person)
        self._count_followers()

    def unfollow(self, person: Person) -> None:
        """No longer be told of it."""
        followed = select(ComplaintFollower).where(
            ComplaintFollower.complaint_id == self.id, ComplaintFollower.person_id == person.id
        )
        for row in db.session.scalars(followed):
            db.session.delete(row)
        self._count_followers()

    def _let_follow(self, person: Person) -> bool:
        if person.id == self.reporter_id:
            return False
        found = select(ComplaintFollower.id).where(
            ComplaintFollower.complaint_id == self.id, ComplaintFollower.person_id == person.id
        )
        if db.session.scalar(found) is not None:
            return False
        db.session.add(ComplaintFollower(complaint_id=self.id, person_id=person.id))
        flush()
        return True

    def _count_followers(self) -> None:
        flush()
        followers = select(func.count()).where(ComplaintFollower.complaint_id == self.id)
        self.me_too = db.session.scalar(followers) or 0
        flush()
