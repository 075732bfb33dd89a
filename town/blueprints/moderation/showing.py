"""How a case is told: what happened in words, for its author, for who reported it, and for moderators."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from town.commons.moderation import Case, Decision, Report
from town.commons.moderation.rules import rule_title


@dataclass(frozen=True, slots=True)
class Line:
    """A step as the timeline shows it. `quote`: words of somebody."""

    title: str
    icon: str
    at: datetime | None = None
    by: str = ""
    text: str = ""
    quote: str = ""
    current: bool = False
    next: bool = False


def _decided(decision: Decision, *, names: bool = False, said: bool = False) -> Line:
    """said: its facts stand above already."""
    title = _("Hidden") if decision.hides else _("Left online")
    reviewed = next((one for one in decision.case.decisions if one.id == decision.reviews_id), None)
    if reviewed is not None and reviewed.hides:
        title = _("Appeal judged: left hidden") if decision.hides else _("Appeal judged: put back online")
    elif reviewed is not None:
        title = _("Appeal judged: hidden") if decision.hides else _("Appeal judged: left online")
    by = decision.by.full_name if names and decision.by else ""
    text = _("Rule: %(rule)s.", rule=rule_title(decision.rule)) if decision.hides else ""
    return Line(title, "lock" if decision.hides else "check", decision.at, by, text, "" if said else decision.facts)


def _whole(lines: list[Line], case: Case) -> list[Line]:
    """In order of time; what comes next without a date that nobody gave."""
    ordered = sorted(lines, key=lambda line: line.at.timestamp() if line.at else 0.0)
    if case.waiting_since is not None:
        words = _("Somebody else than who decided judges it.") if case.open_appeals else _("A moderator reads it.")
        ordered.append(Line(_("A decision, with its reasons"), "document", text=words, next=True))
    elif case.closed_by_itself:
        ordered.append(Line(_("Closed by itself: its author has erased it, and has left"), "trash"))
    return ordered


def steps_for_reporter(report: Report) -> list[Line]:
    """From the report on: decisions since, and one's own appeal."""
    lines = [Line(_("Report received"), "received", report.at)]
    lines += [
        _decided(decision, said=decision is report.case.last)
        for decision in report.case.decisions
        if decision.at >= report.at
    ]
    own = [appeal for appeal in report.case.appeals if appeal.report_id == report.id]
    lines += [Line(_("Your appeal"), "repeat", appeal.at, quote=appeal.words) for appeal in own]
    return _whole(lines, report.case)


def steps_for_author(case: Case) -> list[Line]:
    """Nothing of who reported it, nor of what they said."""
    first = case.reports[0].at if case.reports else case.opened_at
    lines = [Line(_("Reported as breaking the rules"), "flag", first)]
    lines += [_decided(decision, said=decision is case.last) for decision in case.decisions]
    own = [appeal for appeal in case.appeals if appeal.report_id is None]
    lines += [Line(_("Your appeal"), "repeat", appeal.at, quote=appeal.words) for appeal in own]
    return _whole(lines, case)


def steps_for_moderators(case: Case) -> list[Line]:
    """Decisions and appeals; the reports stand beside it, whole."""
    lines = [_decided(decision, names=True) for decision in case.decisions]
    for appeal in case.appeals:
        title = _("Appeal of its author") if appeal.report_id is None else _("Appeal of who reported it")
        lines.append(Line(title, "repeat", appeal.at, quote=appeal.words))
    return _whole(lines, case) if lines or case.closed_by_itself else []
