"""The moderators' queue, and one case or report as somebody may find it."""

from datetime import UTC, datetime
from typing import Any, Final

from flask_babel import ngettext
from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, tuple_
from sqlalchemy.orm import aliased, joinedload, selectinload

from town.blueprints.moderation.policy import followed_by
from town.commons.holds import Hold
from town.commons.moderation import Appeal, Case, Decision, Report
from town.commons.moderation.activity import DECIDERS
from town.commons.people.models import Person, RoleGrant
from town.commons.people.organisations import Membership
from town.commons.people.visit import Visitor
from town.commons.waiting import waits

PAGE: Final = 30
Rows = Select[*tuple[Any, ...]]

_open_report = and_(Report.case_id == Case.id, Report.decision_id.is_(None))
_open_appeal = and_(Appeal.case_id == Case.id, Appeal.answer_id.is_(None))


def _columns(viewer: Visitor) -> tuple[Any, ...]:
    held = exists().where(Hold.thing == Case.thing, Hold.public_id == Case.thing_public_id)
    last = select(Decision.verdict).where(Decision.case_id == Case.id).order_by(Decision.id.desc()).limit(1)
    return (
        Case.id,
        Case.public_id,
        Case.kind,
        Case.title,
        Case.official,
        Case.waiting_since,
        Case.due_at,
        select(func.count()).where(_open_report).correlate(Case).scalar_subquery().label("reports"),
        select(func.aggregate_strings(Report.reason, " "))
        .where(_open_report)
        .correlate(Case)
        .scalar_subquery()
        .label("reasons"),
        exists().where(_open_appeal).correlate(Case).label("appeal"),
        held.correlate(Case).label("held"),
        last.correlate(Case).scalar_subquery().label("verdict"),
        _apart(viewer).label("apart"),
    )


def _apart(viewer: Visitor) -> ColumnElement[bool]:
    """That this viewer may not decide it: theirs, reported or decided by them, or the town hall's own word."""
    judged = aliased(Decision)
    return or_(
        func.coalesce(Case.author_id == viewer.person_id, false()),
        exists()
        .where(Membership.organisation_id == Case.organisation_id, Membership.ended_at.is_(None))
        .where(Membership.person_id == viewer.person_id)
        .correlate(Case),
        func.coalesce(Case.about_id == viewer.person_id, false()),
        exists().where(_open_report, Report.reporter_id == viewer.person_id).correlate(Case),
        exists().where(_open_report, Report.entered_by_id == viewer.person_id).correlate(Case),
        exists().where(_open_appeal, Appeal.entered_by_id == viewer.person_id).correlate(Case),
        exists().where(_open_appeal, judged.id == Appeal.decision_id, judged.by_id == viewer.person_id).correlate(Case),
        exists()
        .where(_open_appeal, Report.id == Appeal.report_id, Report.reporter_id == viewer.person_id)
        .correlate(Case),
        false() if viewer.has_role("admin") else Case.official,
    )


def queue(viewer: Visitor, after: str = "") -> Rows:
    """What waits: what was hidden at once by its deadline, then the oldest first; one more than a page.

    after: the public id of the last case of the page before.
    """
    found = select(*_columns(viewer)).where(Case.waiting_since.is_not(None))
    if after:
        last = aliased(Case)
        place = select(_deadline(last), last.waiting_since, last.id).where(last.public_id == after).subquery()
        found = found.where(tuple_(_deadline(Case), Case.waiting_since, Case.id) > select(place).scalar_subquery())
    return found.order_by(_deadline(Case), Case.waiting_since, Case.id).limit(PAGE + 1)


def _deadline(case: Any) -> ColumnElement[Any]:
    """What has none comes after what has one."""
    return func.coalesce(case.due_at, datetime(9999, 1, 1, tzinfo=UTC))


def decided(viewer: Visitor) -> Rows:
    """The cases decided last."""
    last = select(func.max(Decision.id)).where(Decision.case_id == Case.id).correlate(Case).scalar_subquery()
    return select(*_columns(viewer)).where(Case.waiting_since.is_(None)).order_by(last.desc().nulls_last()).limit(PAGE)


def case_of() -> Select[Case]:
    """A case with all that it is made of."""
    return select(Case).options(
        joinedload(Case.author),
        selectinload(Case.reports).joinedload(Report.reporter),
        selectinload(Case.decisions).joinedload(Decision.by),
        selectinload(Case.appeals).joinedload(Appeal.report),
    )


def named(public_id: str) -> ColumnElement[bool]:
    """The condition on `Case`: by its own public id, or by that of its content, which pages know."""
    return or_(Case.public_id == public_id, Case.thing_public_id == public_id)


def reports_of(viewer: Visitor) -> Select[Report]:
    """The reports that this viewer may follow, each with its case."""
    whole = joinedload(Report.case)
    return (
        select(Report)
        .where(followed_by(viewer))
        .options(whole.selectinload(Case.decisions), whole.selectinload(Case.appeals), whole.selectinload(Case.reports))
    )


def deciders() -> Select[Person]:
    """Who may decide in this town."""
    held = select(RoleGrant.person_id).where(RoleGrant.role.in_(DECIDERS))
    return select(Person).where(Person.id.in_(held), Person.left_at.is_(None)).order_by(Person.last_name, Person.id)


waits(
    "moderation",
    lambda: select(func.count(), func.min(Case.waiting_since), func.min(Case.due_at)).where(
        Case.waiting_since.is_not(None)
    ),
    lambda count: ngettext("%(num)s content reported as an abuse", "%(num)s contents reported as an abuse", count),
    endpoint="moderation.queue",
    icon="flag",
    roles=DECIDERS,
    minutes=3,
)
