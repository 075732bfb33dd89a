"""The file of one report at the town hall: reading it, answering, and what colleagues say among themselves."""

from typing import Any

from flask import flash, g, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from town.blueprints.complaints.categories import CATEGORIES
from town.blueprints.complaints.forms import (
    INSIDE,
    NEXT_STEPS,
    AssignmentForm,
    NoteForm,
    ReadingForm,
    ReopeningForm,
    StepForm,
)
from town.blueprints.complaints.models import Complaint
from town.blueprints.complaints.models.refusals import NoSuchReport
from town.blueprints.complaints.policy import TOWN_HALL
from town.blueprints.complaints.queries import colleagues, photos_of, steps_of
from town.blueprints.complaints.views import feature
from town.blueprints.complaints.views.public import find, point_for, words_for
from town.blueprints.complaints.views.shown import age, paragraphs, timeline
from town.commons.people.access import role
from town.commons.people.visit import me
from town.commons.personal import personal_signs
from town.kernel.db import db
from town.kernel.forms import choices
from town.kernel.media import Media
from town.kernel.web import page, see

STAFF = role(*TOWN_HALL)
SIGNS = {
    "phone": _l("a telephone number"),
    "email": _l("an e-mail address"),
    "iban": _l("a bank account"),
    "plate": _l("a number plate"),
}


@feature.get("/desk/complaints/<public_id>", access=STAFF)
def file(public_id: str) -> ResponseReturnValue:
    return _file(find(public_id))


@feature.post("/desk/complaints/<public_id>/reading", access=STAFF, shows="complaints.file")
def read(public_id: str) -> ResponseReturnValue:
    """Say that it was read, and who may see it. Later, the same form changes what everybody sees."""
    report = find(public_id)
    form = _reading(report)
    if not form.validate():
        return _file(report, 422, reading=form)
    title, shown, hidden = form.title.data or "", form.shown_words.data or "", form.hidden.data or []
    to_all = form.to_all.data == "yes"
    if report.read_at is None:
        report.acknowledge(
            me(),
            to_all=to_all,
            title=title,
            shown_words=shown,
            hidden=hidden,
            words=form.answer.data or "",
            seen=_seen(),
        )
        flash(_("Read. Whoever sent it is told."), "ok")
    elif to_all:
        report.show_to_all(me(), title=title, shown_words=shown, hidden=hidden, seen=_seen())
        flash(_("Everybody sees it like this."), "ok")
    else:
        report.keep_inside(me(), seen=_seen())
        flash(_("Only the town hall and whoever sent it see it."), "ok")
    return see("complaints.file", public_id=public_id)


@feature.post("/desk/complaints/<public_id>/steps", access=STAFF, shows="complaints.file")
def step(public_id: str) -> ResponseReturnValue:
    """The next step of the timeline."""
    report = find(public_id)
    form = StepForm()
    if not form.validate():
        return _file(report, 422, step=form)
    _take(report, form)
    flash(_("Done. Those who wait for it are told."), "ok")
    return see("complaints.file", public_id=public_id)


def _take(report: Complaint, form: StepForm) -> None:
    """The verb that the form chose. An earlier answer of a colleague refuses it before anything else does."""
    agent, words, seen = me(), form.words.data or "", _seen()
    match form.verb.data:
        case "answered":
            report.answer(agent, words, seen)
        case "planned" if form.on.data:
            report.plan(agent, form.on.data, words, seen)
        case "in_progress":
            report.start(agent, words, seen)
        case "resolved":
            report.resolve(agent, words, seen)
        case "forwarded":
            report.forward(agent, form.to.data or "", words, seen)
        case "declined":
            report.decline(agent, words, form.why.data, seen)
        case "duplicate":
            other = db.session.scalar(select(Complaint).where(Complaint.number == form.number.data))
            if other is None:
                raise NoSuchReport
            report.merge_into(agent, other, words, seen)


@feature.post("/desk/complaints/<public_id>/reopening", access=STAFF, shows="complaints.file")
def reopen(public_id: str) -> ResponseReturnValue:
    report = find(public_id)
    form = ReopeningForm()
    if not form.validate():
        return _file(report, 422, reopening=form)
    report.reopen(me(), form.reason.data or "", _seen())
    flash(_("Taken up again. Those who wait for it are told."), "ok")
    return see("complaints.file", public_id=public_id)


@feature.post("/desk/complaints/<public_id>/assignment", access=STAFF, shows="complaints.file")
def assign(public_id: str) -> ResponseReturnValue:
    """Entrust it to a colleague, or to nobody."""
    report = find(public_id)
    form = _assignment(report)
    if not form.validate():
        return _file(report, 422, assignment=form)
    to = next((person for person in db.session.scalars(colleagues()) if person.public_id == form.colleague.data), None)
    report.assign(me(), to)
    return see("complaints.file", public_id=public_id)


@feature.post("/desk/complaints/<public_id>/notes", access=STAFF, shows="complaints.file")
def note(public_id: str) -> ResponseReturnValue:
    """A word for colleagues."""
    report = find(public_id)
    form = NoteForm()
    if not form.validate():
        return _file(report, 422, note=form)
    report.note(me(), form.note.data or "")
    return see("complaints.file", public_id=public_id)


def _seen() -> int | None:
    """The version of the report that the page showed; none is sent by scripts, who take what there is."""
    version = request.form.get("version", "")
    return int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None


def _reading(report: Complaint) -> ReadingForm:
    photos = db.session.scalars(photos_of(report, kept=True)).all()
    hidden = [photo.name for photo in photos if photo.subject_type != "complaint"]
    shown = report.published_at is not None or (report.read_at is None and report.may_be_shown)
    form = ReadingForm(
        data={
            "to_all": "yes" if shown else "no",
            "title": report.title,
            "shown_words": report.shown_words,
            "hidden": hidden,
        }
    )
    form.hidden.choices = choices((photo.name, photo.name) for photo in photos)
    if not report.may_be_shown:
        form.to_all.choices = choices([INSIDE])
    return form


def _assignment(report: Complaint) -> AssignmentForm:
    form = AssignmentForm(data={"colleague": report.assigned_to.public_id if report.assigned_to else ""})
    found = [(person.public_id, person.full_name) for person in db.session.scalars(colleagues())]
    form.colleague.choices = choices([("", _("Nobody yet")), *found])
    return form


def _step(report: Complaint) -> StepForm:
    form = StepForm(data={"verb": "answered", "why": "not_planned"})
    form.verb.choices = choices(
        (verb, words) for verb, words in NEXT_STEPS if verb == "answered" or report.may_become(verb)
    )
    return form


def _file(report: Complaint, status: int = 200, **forms: Any) -> ResponseReturnValue:
    steps = list(db.session.scalars(steps_of(report, internal=True)))
    photos: list[Media] = list(db.session.scalars(photos_of(report, kept=True)))
    wrong = next(iter(forms.values()), None)
    last = next((step for step in reversed(steps) if not step.internal), None)
    late = g.get("status") == 409 and _seen() is not None and _seen() != report.version
    return page(
        "complaints/file.html",
        "file",
        report=report,
        photos=photos,
        words=paragraphs(report.words, report.title),
        lines=timeline(report, steps),
        meanwhile=last if late else None,
        point=point_for(report, True),
        where=words_for(report, True),
        signs=[str(SIGNS[sign]) for sign in personal_signs(f"{report.title} {report.shown_words}")],
        category=CATEGORIES.get(report.category, CATEGORIES["other"]),
        age=age,
        form=wrong,
        reading=forms.get("reading") or _reading(report),
        step=forms.get("step") or _step(report),
        reopening=forms.get("reopening") or ReopeningForm(),
        assignment=forms.get("assignment") or _assignment(report),
        note=forms.get("note") or NoteForm(),
        status=status,
    )
