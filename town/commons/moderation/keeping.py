"""What moderation reminds of and forgets: copies after a year, a case a year after its decision, people at once."""

from datetime import datetime
from typing import Any, Final

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.orm import joinedload

from town.commons.activity import Activity, record
from town.commons.holds import hold_on
from town.commons.moderation import activity
from town.commons.moderation.case import Case
from town.commons.moderation.records import Appeal, Decision, Report
from town.commons.moderation.reporting import OVERDUE
from town.commons.moderation.things import COPIES, fields_of, thing_named
from town.commons.notices.models import take_back
from town.commons.people.entering import WHY_NOT_MINE
from town.commons.people.models import Person
from town.kernel.db import db, flush, now
from town.kernel.inventory import mine, not_mine
from town.kernel.jobs import enqueue, job
from town.kernel.media import pictures_of
from town.kernel.retention import Span, forgets
from town.kernel.signals import person_erased
from town.kernel.text import fold

GONE: Final = "…"
LEFT: Final = "moderation.left"
KEPT: Final = Span(months=12)
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


@job(LEFT)
def nothing_is_left(payload: dict[str, Any]) -> None:
    """Whoever answered for it was erased: where the content went too, the case is closed by itself."""
    case = db.session.get(Case, payload["case"])
    if case is None or case.waiting_since is None:
        return
    thing = thing_named(case.thing, case.thing_public_id)
    if thing is None or fields_of(thing) is None:
        case.close_by_itself()


@forgets(
    "moderation.copies",
    what=_l("What a content said when it was reported as an abuse, and its photos"),
    why=_l("To judge it as it was"),
    then=_l("The copy is erased"),
    lasts=KEPT,
    rows=lambda: select(Report.id).where(Report.fingerprint != ""),
    over=lambda limit: Report.at < limit,
)
def forget_copies(limit: datetime) -> None:
    """With the copies of its pictures."""
    for report in db.session.scalars(select(Report).where(Report.at < limit, Report.fingerprint != "")).all():
        _forget_copy(report)
    flush()


def _forget_copy(report: Report) -> None:
    for picture in db.session.scalars(pictures_of(COPIES, report.id)).all():
        picture.remove()
    report.said, report.fingerprint, report.quote = {}, "", ""


def _decided_before(limit: datetime) -> ColumnElement[bool]:
    last = select(func.max(Decision.at)).where(Decision.case_id == Case.id).correlate(Case).scalar_subquery()
    return Case.waiting_since.is_(None) & (func.coalesce(last, Case.opened_at) < limit)


@forgets(
    "moderation.cases",
    what=_l("A report of an abuse, what was decided and the appeal"),
    why=_l("So that everybody concerned can read the reasons and contest them"),
    then=_l("All of it is erased; what was hidden stays hidden"),
    lasts=KEPT,
    since=_l("after the last decision"),
    rows=lambda: select(Case.id).where(or_(exists().where(Decision.case_id == Case.id), Case.waiting_since.is_(None))),
    over=_decided_before,
)
def forget_decisions(limit: datetime) -> None:
    """What it hid stays hidden."""
    for case in db.session.scalars(select(Case).where(_decided_before(limit))).all():
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
    """Decisions stay, for whoever else they concern, without this name; so do reports, without who sent them.

    What they wrote themselves goes, and what names them in the cases of what was theirs, or spoke of them.
    """
    flush()
    reported = select(Report.id).where(Report.reporter_id == person.id)
    theirs = select(Case.id).where(Case.author_id == person.id)
    for appeal in db.session.scalars(
        select(Appeal).where(
            or_(Appeal.report_id.in_(reported), Appeal.report_id.is_(None) & Appeal.case_id.in_(theirs))
        )
    ).all():
        appeal.words = GONE
    for report in db.session.scalars(select(Report).where(Report.reporter_id == person.id)).all():
        report.reporter, report.name, report.email, report.words, report.quote = None, "", "", GONE, ""
    concerned = select(Case.id).where(or_(Case.author_id == person.id, Case.about_id == person.id))
    for report in db.session.scalars(select(Report).where(Report.case_id.in_(concerned))).all():
        _forget_copy(report)
        _unname(report, person, "words")
    for decision in db.session.scalars(select(Decision).where(Decision.case_id.in_(concerned))).all():
        _unname(decision, person, "facts", "words")
    for appeal in db.session.scalars(select(Appeal).where(Appeal.case_id.in_(concerned))).all():
        _unname(appeal, person, "words")
    for case_id in db.session.scalars(theirs.where(Case.waiting_since.is_not(None))).all():
        enqueue(LEFT, {"case": case_id})  # later: others take the content away on this same signal
    db.session.execute(update(Case).where(Case.author_id == person.id).values(title="…"))
    flush()
    for table, columns in ((Case, ("author_id",)), (Decision, ("by_id", "author_id"))):
        for column in columns:
            held = getattr(table, column)
            db.session.execute(update(table).where(held == person.id).values({column: None}))
    db.session.expire_all()


def _unname(row: Report | Decision | Appeal, person: Person, *columns: str) -> None:
    """Words of others stay, unless they say who this was."""
    names = {word for word in fold(person.full_name).split() if len(word) > 2}
    for column in columns:
        if names.intersection(fold(getattr(row, column)).split()):
            setattr(row, column, GONE)


mine(
    Case,
    "author_id",
    title=_l("What of mine was reported, and what was decided"),
    rows=lambda person_id: select(Case).where(Case.author_id == person_id).order_by(Case.id),
    shows={
        "title": _l("What it is"),
        "opened_at": _l("When"),
        "decisions": (
            _l("Decisions"),
            lambda case: [
                {"at": decision.at.isoformat(), "verdict": decision.verdict, "words": decision.words}
                for decision in case.decisions
            ],
        ),
        "appeals": (_l("Your appeals"), lambda case: [appeal.words for appeal in case.appeals if not appeal.report_id]),
    },
    stays=_l("A decision about a content, for whoever else it concerns, for a year: without whose it was."),
)
mine(
    Report,
    "reporter_id",
    title=_l("Abuses I reported"),
    rows=lambda person_id: (
        select(Report).where(Report.reporter_id == person_id).options(joinedload(Report.case)).order_by(Report.id)
    ),
    shows={
        "shown_number": _l("Number"),
        "title": _l("About"),
        "words": _l("Your words"),
        "quote": _l("The exact place"),
        "at": _l("When"),
    },
    stays=_l("That something was reported as an abuse, for a year: without who said so, nor in which words."),
)
not_mine(Decision.by_id, "whoever decided did so for the town hall; the journal of acts is in their copy")
not_mine(Decision.author_id, "the decision is in the copy of the case, by its author")
not_mine(Case.about_id, "what was said of them is in their copy; that somebody reported it is not about them")
for _typed in (Report.entered_by_id, Appeal.entered_by_id):
    not_mine(_typed, WHY_NOT_MINE)
