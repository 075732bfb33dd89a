"""The town hall's part: who asks for a page, and pages of organisations that nobody has entered yet."""

from typing import Any

from flask import abort, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from town.blueprints.organisations import activity
from town.blueprints.organisations.forms import OpenForm, RefuseForm
from town.blueprints.organisations.queries import all_claims, claims_to_answer
from town.blueprints.organisations.views.door import TOWN_HALL, feature
from town.commons.activity import record
from town.commons.audit import audit
from town.commons.people.entering import EnteredByYou
from town.commons.people.invitations import invite
from town.commons.people.organisations import (
    ASSOCIATION,
    MANAGER,
    PAGES,
    PRODUCER,
    SHOP,
    Claim,
    Organisation,
    RegisteredAlready,
    shown_sorts,
    team,
)
from town.commons.people.visit import me, visitor
from town.kernel.db import db, flush, get_or_404
from town.kernel.features import is_on
from town.kernel.web import page, see

SHOWN = 100
EDITS = {SHOP: "shops.edit", PRODUCER: "shops.edit", ASSOCIATION: "associations.edit"}
"""Where a page that has just been opened is filled in: the feature that shows it asks what it needs."""


@feature.get("/claims", access=TOWN_HALL, keep="never")
def claims() -> ResponseReturnValue:
    return page("organisations/claims.html", claims=db.session.scalars(claims_to_answer().limit(SHOWN)).all())


@feature.get("/claims/<public_id>", access=TOWN_HALL, keep="never")
def claim_file(public_id: str) -> ResponseReturnValue:
    return _show_file(get_or_404(all_claims(), public_id=public_id), RefuseForm())


def _show_file(claim: Claim, form: RefuseForm, status: int = 200) -> ResponseReturnValue:
    return page(
        "organisations/claim_file.html",
        "claim",
        status=status,
        claim=claim,
        form=form,
        team=db.session.scalars(team(claim.organisation_id)).all(),
        obstacle=_obstacle(claim),
    )


def _obstacle(claim: Claim) -> str:
    """Why a colleague has to answer it, or nothing."""
    if visitor().is_person(claim.person_id):
        return _("This is your own request: a colleague has to answer it.")
    return str(EnteredByYou.sentence) if claim.entered_by(visitor().person_id) else ""


def _to_answer(public_id: str) -> Claim:
    claim = get_or_404(all_claims(), public_id=public_id)
    if visitor().is_person(claim.person_id):
        abort(403, description=_obstacle(claim))
    return claim


@feature.post("/claims/<public_id>/acceptance", access=TOWN_HALL, shows="organisations.claim_file", keep="never")
def accept_claim(public_id: str) -> ResponseReturnValue:
    claim = _to_answer(public_id)
    claim.accept(me())
    record(activity.ACCEPTED, claim, actor=me())
    return see("organisations.claim_file", public_id=public_id)


@feature.post("/claims/<public_id>/refusal", access=TOWN_HALL, shows="organisations.claim_file", keep="never")
def refuse_claim(public_id: str) -> ResponseReturnValue:
    claim, form = _to_answer(public_id), RefuseForm()
    if not form.validate():
        return _show_file(claim, form, status=422)
    claim.refuse(me(), form.said)
    record(activity.REFUSED, claim, actor=me())
    return see("organisations.claim_file", public_id=public_id)


def _open_form(**kwargs: Any) -> OpenForm:
    form = OpenForm(**kwargs)
    form.offer([sort for sort in shown_sorts() if is_on(PAGES[sort].partition(".")[0])])
    return form


@feature.get("/new", access=TOWN_HALL, keep="never")
def new() -> ResponseReturnValue:
    """One door for all of them. `?sort=shop` comes from the directory of shops."""
    return page("organisations/new.html", form=_open_form(data={"sort": request.args.get("sort", "")}))


@feature.post("/new", access=TOWN_HALL, shows="organisations.new", keep="never")
def create() -> ResponseReturnValue:
    """A page, and, if their e-mail is known, the question to whoever shall run it."""
    form = _open_form()
    if not form.validate():
        return page("organisations/new.html", form=form, status=422)
    opened = Organisation(sort=form.sort.data, name=form.name.data, registration=form.registration.data or None)
    db.session.add(opened)
    flush(RegisteredAlready)
    opened.show()
    audit("organisation:page:open", actor=me(), organisation=opened.public_id)
    if form.email.data:
        record(activity.INVITED, invite(opened, form.email.data, MANAGER, me()), actor=me())
        flash(_("Asked. If this person has an account here with that e-mail, they find the question there."))
    flash(_("Its page is open. Add what you know of it; whoever runs it fills the rest."), "ok")
    return see(EDITS[opened.sort], public_id=opened.public_id)
