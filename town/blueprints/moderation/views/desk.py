"""The moderators' queue, what is hidden and waits first, and one case: what was said, who reported it, the decision."""

from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from town.blueprints.moderation import queries
from town.blueprints.moderation.forms import DecisionForm
from town.blueprints.moderation.showing import steps_for_moderators
from town.blueprints.moderation.views import feature
from town.commons.holds import hold_on
from town.commons.moderation import Case, Report
from town.commons.moderation.activity import DECIDERS
from town.commons.moderation.refusals import YourOwnContent
from town.commons.moderation.rules import REASONS, RULES, reason_label
from town.commons.moderation.things import COPIES, fields_of, fingerprint, snapshot, thing_named
from town.commons.people.access import role
from town.commons.people.visit import me, visitor
from town.kernel.db import db, get_or_404, now
from town.kernel.features import link_to
from town.kernel.media import Media, pictures_of
from town.kernel.policy import authorize
from town.kernel.web import page, see

MODERATORS = role(*DECIDERS)


@feature.get("/", access=MODERATORS)
def queue() -> ResponseReturnValue:
    """What waits; with `?state=decided`, what was decided last."""
    closed = request.args.get("state") == "decided"
    after = request.args.get("after", "").replace("\x00", "")
    rows = db.session.execute(queries.decided(visitor()) if closed else queries.queue(visitor(), after)).all()
    older = url_for(".queue", after=rows[queries.PAGE - 1].public_id) if len(rows) > queries.PAGE else ""
    others = [person for person in db.session.scalars(queries.deciders()) if not visitor().is_person(person.id)]
    return page(
        "moderation/queue.html",
        "queue",
        rows=rows[: queries.PAGE],
        older=older,
        closed=closed,
        others=others,
        reasons=lambda row: [reason_label(name) for name in dict.fromkeys((row.reasons or "").split())],
        now=now(),
    )


@feature.get("/cases/<public_id>", access=MODERATORS)
def case(public_id: str) -> ResponseReturnValue:
    return _show(_find(public_id), None)


@feature.post("/cases/<public_id>/decisions", access=MODERATORS, shows="moderation.case")
def decide(public_id: str) -> ResponseReturnValue:
    """Keep it or hide it."""
    found = _find(public_id)
    form = DecisionForm()
    if not form.validate():
        return _show(found, form, 422)
    hides = form.verdict.data == "hide"
    found.decide(
        me(),
        form.verdict.data,
        rule=form.rule.data or "" if hides else "",
        facts=form.facts.data or "",
        words=form.words.data or "" if hides else "",
        seen=_seen(),
    )
    flash(
        _("Hidden everywhere. Its author and who reported it are told why.")
        if hides
        else _("Everybody sees it. Those concerned are told why."),
        "ok",
    )
    return see("moderation.case", public_id=public_id)


def _find(public_id: str) -> Case:
    found = get_or_404(queries.case_of().where(queries.named(public_id.replace("\x00", ""))))
    authorize("read", found, YourOwnContent.sentence)
    return found


def _seen() -> int | None:
    """How many decisions the page showed."""
    count = request.form.get("seen", "")
    return int(count) if count.isascii() and count.isdigit() and len(count) < 6 else None


def _show(found: Case, form: DecisionForm | None, status: int = 200) -> ResponseReturnValue:
    thing = thing_named(found.thing, found.thing_public_id)
    fields = fields_of(thing) if thing is not None else None
    print_ = fingerprint(thing, snapshot(thing, fields)) if fields is not None else ""
    waiting = found.open_reports
    suggested = REASONS[waiting[0].reason].rule if waiting and waiting[0].reason in REASONS else None
    hold = hold_on(thing) if thing is not None else None
    form = form or DecisionForm(data={"rule": suggested})
    form.say_what_changes(hidden=hold is not None)
    obstacle = found.obstacle(visitor().person_id, visitor().roles) if found.waiting_since is not None else None
    return page(
        "moderation/case.html",
        "case",
        case=found,
        versions=_versions(found),
        changed=bool(print_) and all(report.fingerprint != print_ for report in found.reports[-1:]),
        gone=fields is None,
        hold=hold,
        url=link_to(found.endpoint, public_id=found.thing_public_id) if thing is not None else "",
        steps=steps_for_moderators(found),
        obstacle=obstacle.sentence if obstacle else "",
        others=_who_else(found) if obstacle else [],
        form=form,
        rules=RULES,
        reason=reason_label,
        rejected=_rejected(found),
        now=now(),
        status=status,
    )


def _versions(found: Case) -> list[tuple[Report, list[Media]]]:
    """What the content said, each time it was reported with other words; with copies of its pictures."""
    seen: dict[str, Report] = {}
    for report in found.reports:
        if report.said:
            seen.setdefault(report.fingerprint, report)
    copies: dict[int, list[Media]] = {}
    for picture in db.session.scalars(pictures_of(COPIES, *(report.id for report in seen.values()))):
        copies.setdefault(picture.subject_id or 0, []).append(picture)
    return [(report, copies.get(report.id, [])) for report in seen.values()]


def _who_else(found: Case) -> list[Any]:
    """Those who may decide it instead."""
    people = db.session.scalars(queries.deciders()).all()
    return [person for person in people if found.obstacle(person.id, person.roles) is None]


def _rejected(found: Case) -> set[int]:
    """Of those who report now, whose reports were so often rejected lately that they hide nothing at once."""
    return {
        report.id for report in found.reports if report.reporter and report.reporter.certified and not report.counts
    }
