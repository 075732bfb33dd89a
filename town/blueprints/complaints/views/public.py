"""Reporting something, following it, and reading what others reported."""

from typing import Any

from flask import abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from town.blueprints.complaints.categories import CATEGORIES, SENSITIVE
from town.blueprints.complaints.forms import ReportForm
from town.blueprints.complaints.models import Complaint, after_the_title, following
from town.blueprints.complaints.policy import mine, readable
from town.blueprints.complaints.queries import GROUPS, PAGE, listed, photos_of, public_reports, steps_of
from town.blueprints.complaints.views import feature
from town.blueprints.complaints.views.shown import paragraphs, timeline, what_comes_next
from town.commons.people.access import PUBLIC, SIGNED_IN
from town.commons.people.visit import me, visitor
from town.commons.places.models import Place
from town.kernel.db import db
from town.kernel.limits import Limit, by_person
from town.kernel.policy import may
from town.kernel.web import page, see

REPORTS = Limit(
    "complaints",
    "10 per day",
    by_person,
    _l("That is ten reports today. Please call the town hall, or go on tomorrow."),
    closed=False,
)


@feature.get("/complaints/", access=PUBLIC)
def index() -> ResponseReturnValue:
    """What was reported, and what became of it."""
    own = "mine" in request.args and visitor().signed_in
    group, category = request.args.get("state", ""), request.args.get("category", "")
    condition = mine(visitor()) if own else public_reports()
    if group in GROUPS:
        condition &= Complaint.state.in_(GROUPS[group])
    if category in CATEGORIES:
        condition &= Complaint.category == category
    before = request.args.get("before", "")
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 10 else None
    rows = list(db.session.execute(listed(condition, number)))
    kept: dict[str, Any] = {"state": group or None, "category": category or None, "mine": "1" if own else None}
    older = url_for(".index", **kept, before=rows[PAGE - 1].number) if len(rows) > PAGE else ""
    return page(
        "complaints/index.html",
        "reports",
        "older",
        rows=rows[:PAGE],
        older_url=older,
        group=group if group in GROUPS else "",
        category=category if category in CATEGORIES else "",
        own=own,
        groups=GROUPS,
        categories=CATEGORIES,
        after_the_title=after_the_title,
    )


@feature.for_offline
def report_offline() -> list[str]:
    """The form, which the outbox sends later, and one's own reports."""
    return [url_for("complaints.new"), url_for("complaints.index", mine="1")] if visitor().signed_in else []


@feature.get("/complaints/new", access=SIGNED_IN)
def new() -> ResponseReturnValue:
    """The form."""
    return _new(ReportForm())


@feature.post("/complaints/new", access=SIGNED_IN, shows="complaints.new", limits=(REPORTS,))
def create() -> ResponseReturnValue:
    form = ReportForm()
    if not form.validate():
        return _new(form, 422)
    report = Complaint.report(
        me(),
        form.category.data,
        form.words.data or "",
        form.place,
        to_all=form.readers.data == "all",
        pictures=form.photos.data,
        on_behalf_of=form.hat.organisation,
    )
    flash(_("Thank you. Your report has number %(number)s.", number=report.number), "ok")
    return see("complaints.complaint", public_id=str(report.number))


def _new(form: ReportForm, status: int = 200) -> ResponseReturnValue:
    return page("complaints/new.html", "report", form=form, categories=CATEGORIES, sensitive=SENSITIVE, status=status)


@feature.get("/complaints/<public_id>", access=PUBLIC)
def complaint(public_id: str) -> ResponseReturnValue:
    """One report, found by its number or its public id. Whoever may not read it learns only that nothing is here."""
    report = find(public_id)
    whole = may("deal_with", report) or may("own", report)
    other = report.duplicate_of if report.duplicate_of and _may_read(report.duplicate_of) else None
    return page(
        "complaints/complaint.html",
        "complaint",
        report=report,
        whole=whole,
        other=other,
        point=point_for(report, whole),
        words=paragraphs(report.words if whole else report.shown_words, report.title),
        where=words_for(report, whole),
        photos=db.session.scalars(photos_of(report, kept=whole)).all(),
        lines=timeline(report, list(db.session.scalars(steps_of(report))), waiting=what_comes_next(report)),
        follows=visitor().signed_in and following(report.id, visitor().person_id),
        category=CATEGORIES.get(report.category, CATEGORIES["other"]),
    )


def point_for(report: Complaint, whole: bool) -> tuple[float, float] | None:
    """Where its pin stands: exactly for the town hall and its reporter, about there for everybody else."""
    exact = report.place if whole and report.place is not None and report.place.lon is not None else None
    lon, lat = (exact.lon, exact.lat) if exact else (report.shown_lon, report.shown_lat)
    return (lon, lat) if lon is not None and lat is not None else None


def words_for(report: Complaint, whole: bool) -> str:
    """The words of its place, likewise."""
    if not whole or report.place is None:
        return report.shown_place
    return report.place.words or (report.place.street.name if report.place.street else "")


def find(public_id: str) -> Complaint:
    """The report of that number or public id, if this viewer may read it; 404 otherwise."""
    found = select(Complaint).where(readable(visitor()))
    if public_id.isascii() and public_id.isdigit() and len(public_id) < 10:
        found = found.where(Complaint.number == int(public_id))
    else:
        found = found.where(Complaint.public_id == public_id)
    options = (
        joinedload(Complaint.place).joinedload(Place.street),
        joinedload(Complaint.quarter),
        joinedload(Complaint.duplicate_of),
        joinedload(Complaint.on_behalf_of),
    )
    report = db.session.scalar(found.options(*options)) if "\x00" not in public_id else None
    return report or abort(404)


def _may_read(report: Complaint) -> bool:
    return report.published_at is not None or may("own", report) or may("deal_with", report)


@feature.post("/complaints/<public_id>/follower", access=SIGNED_IN, shows="complaints.complaint")
def follow(public_id: str) -> ResponseReturnValue:
    """« Moi aussi, je le constate. »"""
    report = find(public_id)
    report.follow(me())
    return see("complaints.complaint", public_id=public_id)


@feature.post("/complaints/<public_id>/follower/removal", access=SIGNED_IN, shows="complaints.complaint")
def unfollow(public_id: str) -> ResponseReturnValue:
    report = find(public_id)
    report.unfollow(me())
    return see("complaints.complaint", public_id=public_id)
