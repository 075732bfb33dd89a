"""What those concerned read: who reported follows the answer, the author reads the reasons; both may appeal."""

from flask import abort, flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from town.blueprints.moderation.forms import AppealForm
from town.blueprints.moderation.queries import case_of, named, reports_of
from town.blueprints.moderation.showing import steps_for_author, steps_for_reporter
from town.blueprints.moderation.views import feature
from town.commons.holds import hold_on
from town.commons.moderation import Case, Report
from town.commons.moderation.rules import RULES, reason_label
from town.commons.moderation.things import thing_named
from town.commons.people.access import PUBLIC, SIGNED_IN
from town.commons.people.visit import visitor
from town.kernel.db import get_or_404
from town.kernel.features import address_of, link_to
from town.kernel.limits import Limit
from town.kernel.limits import by_network as network
from town.kernel.policy import may
from town.kernel.web import page, see

APPEALS = Limit(
    "moderation.appeal", "10 per day", network, _l("That is ten appeals today. Go on tomorrow."), closed=False
)


@feature.get("/reports/<public_id>", access=PUBLIC, keep="never")
def receipt(public_id: str) -> ResponseReturnValue:
    """What became of a report, for who sent it. Anybody else, link or not, finds nothing."""
    return _receipt(get_or_404(reports_of(visitor()), public_id=public_id), AppealForm())


@feature.post("/reports/<public_id>/appeal", access=PUBLIC, keep="never", shows="moderation.receipt", limits=(APPEALS,))
def appeal_report(public_id: str) -> ResponseReturnValue:
    """Who reported it does not agree that it stays."""
    report = get_or_404(reports_of(visitor()), public_id=public_id)
    form = AppealForm()
    if not form.validate():
        return _receipt(report, form, 422)
    report.case.appeal(form.words.data or "", report)
    flash(_("Sent. Somebody else than who decided judges it."), "ok")
    return see("moderation.receipt", public_id=public_id)


def _receipt(report: Report, form: AppealForm, status: int = 200) -> ResponseReturnValue:
    return page(
        "moderation/receipt.html",
        "receipt",
        report=report,
        reason=reason_label(report.reason),
        steps=steps_for_reporter(report),
        last=report.case.last if report.decision_id else None,
        appealable=report.case.may_be_appealed(report),
        address=address_of("moderation.receipt", public_id=report.public_id) if report.by_link else "",
        form=form,
        status=status,
    )


def _mine(public_id: str) -> Case:
    """The case of one's own content. Who is not its author learns only that nothing is here."""
    case = get_or_404(case_of().where(named(public_id)))
    return case if may("answer_for", case) else abort(404)


@feature.get("/contents/<public_id>", access=SIGNED_IN)
def statement(public_id: str) -> ResponseReturnValue:
    """Why one's own content was hidden, by which rule, and what can be done about it."""
    return _statement(_mine(public_id), AppealForm())


@feature.post("/contents/<public_id>/appeal", access=SIGNED_IN, shows="moderation.statement", limits=(APPEALS,))
def appeal(public_id: str) -> ResponseReturnValue:
    """Its author does not agree that it is hidden."""
    case = _mine(public_id)
    form = AppealForm()
    if not form.validate():
        return _statement(case, form, 422)
    case.appeal(form.words.data or "")
    flash(_("Sent. Somebody else than who decided judges it."), "ok")
    return see("moderation.statement", public_id=public_id)


def _statement(case: Case, form: AppealForm, status: int = 200) -> ResponseReturnValue:
    thing = thing_named(case.thing, case.thing_public_id)
    hold = hold_on(thing) if thing is not None else None
    last = case.last
    return page(
        "moderation/statement.html",
        "statement",
        case=case,
        hold=hold,
        last=last,
        rule=RULES.get(last.rule) if last is not None else None,
        steps=steps_for_author(case),
        appealable=case.may_be_appealed(),
        url=link_to(case.endpoint, public_id=case.thing_public_id) if thing is not None else "",
        form=form,
        status=status,
    )
