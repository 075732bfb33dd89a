"""What moderation reminds of and forgets: copies after a year, a case a year after its decision, people at once."""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import delete, exists, func, select, update

from town.commons.activity import Activity, record
from town.commons.holds import hold_on
from town.commons.moderation import activity
from town.commons.moderation.case import Case
from town.commons.moderation.records import Appeal, Decision, Report
from town.commons.moderation.reporting import OVERDUE
from town.commons.moderation.things import COPIES, thing_named
from town.commons.notices.models import take_back
from town.commons.people.models import Person
from town.kernel.db import db, flush, now
from town.kernel.jobs import job, nightly
from town.kernel.media import pictures_of
from town.kernel.signals import person_erased

KEPT: Final = timedelta(days=365)
"""SECURITY R22 and its page of retention: copies at most a year, decisions twelve months."""


@job(OVERDUE)
def nobody_has_read_it(payload: dict[str, Any]) -> None:
    """What was hidden at once waits for more than a day: an administrator is told."""
    case = db.session.get(Case, payload["case"])
    if case is None or case.waiting_since is None or case.due_at is None or case.due_at > now():
        return
    thing = thing_named(case.thing, case.thing_public_id)
    if thing is not None and hold_on(thing) is not None:
        record(activity.OVERDUE, case, None)


@nightly
def forget_copies() -> None:
    """A year after a report, what the content said is forgotten, with the copies of its pictures."""
    for report in db.session.scalars(select(Report).where(Report.at < now() - KEPT, Report.fingerprint != "")).all():
        _forget_copy(report)
    flush()


def _forget_copy(report: Report) -> None:
    for picture in db.session.scalars(pictures_of(COPIES, report.id)).all():
        picture.remove()
    report.said, report.fingerprint, report.quote = {}, "", ""


@nightly
def forget_decisions() -> None:
    """Twelve months after its last decision a case is forgotten. What it hid stays hidden."""
    last = select(func.max(Decision.at)).where(Decision.case_id == Case.id).correlate(Case).scalar_subquery()
    for case in db.session.scalars(select(Case).where(Case.waiting_since.is_(None), last < now() - KEPT)).all():
        for report in case.reports:
            _forget_copy(report)
            _forget_happenings(report)
        _forget_happenings(case)
        db.session.execute(update(Report).where(Report.case_id == case.id).values(decision_id=None))
        for table in (Appeal, Report, Decision):
            db.session.execute(delete(table).where(table.case_id == case.id))
        db.session.execute(delete(Case).where(Case.id == case.id))
    db.session.expire_all()


def _forget_happenings(subject: Case | Report) -> None:
    """They carry its title."""
    take_back(subject)
    gone = delete(Activity).where(Activity.thing == subject.__tablename__, Activity.thing_id == subject.id)
    db.session.execute(gone.execution_options(synchronize_session=False))


@person_erased.connect
def forget(person: Person, **_: Any) -> None:
    """Decisions stay, for whoever else they concern, without this name; so do reports, without who sent them."""
    for report in db.session.scalars(select(Report).where(Report.reporter_id == person.id)).all():
        report.reporter, report.name, report.email = None, "", ""
    own = exists().where(Case.id == Report.case_id, Case.author_id == person.id)
    for report in db.session.scalars(select(Report).where(own)).all():
        _forget_copy(report)
    db.session.execute(update(Case).where(Case.author_id == person.id).values(title="…"))
    flush()
    for table, columns in ((Case, ("author_id",)), (Decision, ("by_id", "author_id"))):
        for column in columns:
            held = getattr(table, column)
            db.session.execute(update(table).where(held == person.id).values({column: None}))
    db.session.expire_all()
