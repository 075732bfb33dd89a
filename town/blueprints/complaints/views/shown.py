"""How a report is told: its timeline in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext, ngettext

from town.blueprints.complaints.models import Complaint, ComplaintStep, after_the_title
from town.blueprints.complaints.queries import steps_of
from town.commons.opening_days import next_opening_day
from town.commons.takeaway.facts import tells
from town.kernel.db import db
from town.kernel.language import day, full_date, local, today

TITLES: Final = {
    "received": lazy_pgettext("problem reported", "Received"),
    "acknowledged": lazy_pgettext("problem reported", "Acknowledged"),
    "answered": _l("The town hall answers"),
    "planned": lazy_pgettext("problem reported", "Planned"),
    "in_progress": lazy_pgettext("problem reported", "In progress"),
    "resolved": lazy_pgettext("problem reported", "Resolved"),
    "declined": lazy_pgettext("problem reported", "Declined"),
    "forwarded": lazy_pgettext("problem reported", "Forwarded"),
    "duplicate": lazy_pgettext("problem reported", "Already reported"),
    "reopened": _l("Taken up again"),
    "assigned": _l("Entrusted"),
    "noted": _l("Note for colleagues"),
}
ICONS: Final = {
    "answered": "message",
    "planned": "calendar",
    "forwarded": "send",
    "duplicate": "copy",
    "reopened": "repeat",
    "assigned": "person",
    "noted": "pencil",
}
REASONS: Final = {
    "not_ours": _l("It is not the town’s task"),
    "not_planned": _l("It is not planned"),
    "gone": _l("It has gone by itself"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A step as the timeline shows it. `quote`: the town hall's words, on white paper."""

    title: str
    icon: str
    at: datetime | None = None
    by: str = ""
    text: str = ""
    quote: str = ""
    current: bool = False
    next: bool = False


def timeline(report: Complaint, steps: list[ComplaintStep], *, waiting: str = "") -> list[Line]:
    """What happened, and what comes next without a date that nobody gave. `waiting`: what is said of the next step."""
    last = max((number for number, step in enumerate(steps) if not step.internal), default=-1)
    lines = [
        Line(
            title=str(TITLES.get(step.verb, step.verb)),
            icon=ICONS.get(step.verb, step.verb),
            at=step.at,
            by=_by(step),
            text=_detail(step),
            quote="" if step.verb == "noted" else step.words,
            current=number == last,
        )
        for number, step in enumerate(steps)
    ]
    if report.open:
        lines.append(Line(str(TITLES["resolved"]), "resolved", text=waiting, next=True))
    return lines


def _told(report: Complaint) -> list[tuple[str, str]]:
    """The steps that everybody reads, without who wrote them, for whoever reads a copy of the town."""
    return [
        (str(TITLES.get(step.verb, step.verb)), " ".join((f"{full_date(step.at)}.", _detail(step), step.words)).strip())
        for step in db.session.scalars(steps_of(report))
    ]


tells(Complaint, _told)


def _by(step: ComplaintStep) -> str:
    if step.internal:
        return step.by.name if step.by else ""
    if step.by is None:
        return "" if step.verb == "received" else _("by the town hall")
    return _("by %(name)s, for the town hall", name=step.by.name)


def _detail(step: ComplaintStep) -> str:
    if step.verb == "noted":
        return step.words
    if step.verb == "planned" and step.on is not None:
        return _("For %(day)s.", day=day(step.on))
    if step.verb == "forwarded" and step.detail:
        return _("To: %(whom)s.", whom=step.detail)
    if step.verb == "declined" and step.detail in REASONS:
        return f"{REASONS[step.detail]}."
    if step.verb == "assigned":
        return _("To: %(whom)s.", whom=step.detail) if step.detail else _("To nobody.")
    return ""


def paragraphs(words: str, title: str) -> list[str]:
    """What a report says under its title."""
    return [part for part in after_the_title(words, title).split("\n") if part.strip()]


def what_comes_next(report: Complaint) -> str:
    """The sentence under the dashed step. An opening day is named only where the town has said which they are."""
    if report.read_at is None:
        reading = next_opening_day(max(today(), local(report.received_at).date()))
        if reading is not None:
            return _("The town hall reads it on its next opening day: %(day)s.", day=day(reading))
        return _("The town hall reads it first, then answers here.")
    return _("You will be told here, and by e-mail if you wish.")


def age(since: datetime) -> str:
    """« 9 jours », « aujourd’hui »: for how many days a report has been here."""
    days = (today() - local(since).date()).days
    return ngettext("%(num)s day", "%(num)s days", days) if days else _("today")
