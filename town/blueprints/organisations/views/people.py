"""Who runs it: those who do now, those who are asked, and the hand-over when a board changes."""

from typing import Any

from flask import abort, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from town.blueprints.organisations import activity
from town.blueprints.organisations.forms import InviteForm, NameForm
from town.blueprints.organisations.queries import run_with
from town.blueprints.organisations.views.door import NAMES, feature
from town.commons.activity import record
from town.commons.people.access import SIGNED_IN
from town.commons.people.acting import AGENTS
from town.commons.people.invitations import asked_by, invite, send_away
from town.commons.people.organisations import Membership, Organisation, team
from town.commons.people.visit import me, visitor
from town.kernel.db import db, get_or_404
from town.kernel.limits import Limit, by_person
from town.kernel.policy import authorize, may
from town.kernel.web import page, see

INVITES = Limit("invite", "20 per day", by_person, _l("That is many invitations for one day. Go on tomorrow."))
ONLY_MANAGERS = _l("Only those who run it say who else does.")


def _found(public_id: str) -> Organisation:
    """An organisation whose people the viewer may see; for anybody else there is nothing here."""
    return get_or_404(run_with(visitor()), public_id=public_id)


@feature.get("/<public_id>/people", access=SIGNED_IN)
def people(public_id: str) -> ResponseReturnValue:
    return _show_people(_found(public_id))


def _show_people(organisation: Organisation, status: int = 200, **forms: Any) -> ResponseReturnValue:
    duties = db.session.scalars(team(organisation.id)).all()
    mine = next((duty for duty in duties if visitor().is_person(duty.person_id)), None)
    names = may("name_people", organisation)
    forms = {"inviting": InviteForm(), "naming": NameForm(obj=mine), **forms}
    return page(
        "organisations/people.html",
        "people",
        status=status,
        organisation=organisation,
        duties=duties,
        mine=mine,
        names=names,
        invitations=db.session.scalars(asked_by(organisation.id)).all() if names else [],
        **forms,
    )


@feature.post("/<public_id>/invitations", access=NAMES, shows="organisations.people", limits=(INVITES,))
def create_invitation(public_id: str) -> ResponseReturnValue:
    organisation, form = _found(public_id), InviteForm()
    authorize("name_people", organisation, ONLY_MANAGERS)
    if not form.validate():
        return _show_people(organisation, status=422, inviting=form, form=form)
    asked = invite(organisation, form.email.data or "", form.duty.data, me())
    record(activity.INVITED, asked, actor=me(), on_behalf_of=_hat(organisation))
    flash(_("Asked. If this person has an account here with that e-mail, they find the question there."))
    return see("organisations.people", public_id=public_id)


def _hat(organisation: Organisation) -> Organisation | None:
    """A manager asks in its name; the town hall in its own."""
    return None if visitor().has_role(*AGENTS) else organisation


@feature.post("/<public_id>/withdrawals", access=NAMES, shows="organisations.people")
def withdraw_invitation(public_id: str) -> ResponseReturnValue:
    organisation = _found(public_id)
    authorize("name_people", organisation, ONLY_MANAGERS)
    get_or_404(asked_by(organisation.id), public_id=request.form.get("invitation", "")).decline()
    return see("organisations.people", public_id=public_id)


@feature.post("/<public_id>/name", access=SIGNED_IN, shows="organisations.people")
def update_name(public_id: str) -> ResponseReturnValue:
    """How I am named on its page. Nobody else says it for me."""
    organisation, form = _found(public_id), NameForm()
    if not form.validate():
        return _show_people(organisation, status=422, naming=form, form=form)
    _duty(organisation, visitor().person_id).introduce(form.title.data or "", form.shown.data)
    return see("organisations.people", public_id=public_id)


def _duty(organisation: Organisation, person_id: int | None) -> Membership:
    duty = db.session.scalar(team(organisation.id).where(Membership.person_id == person_id))
    if duty is None:
        abort(404)
    return duty


@feature.post("/<public_id>/departures", access=NAMES, shows="organisations.people")
def end_duty(public_id: str) -> ResponseReturnValue:
    """Somebody's duty ends: one's own, or another's for who says who runs it."""
    organisation = _found(public_id)
    duty = get_or_404(team(organisation.id), public_id=request.form.get("duty", ""))
    own = visitor().is_person(duty.person_id)
    if own:
        duty.end(me())
        return see("organisations.index")
    authorize("name_people", organisation, ONLY_MANAGERS)
    send_away(duty, me())
    record(activity.ENDED, organisation, actor=me(), on_behalf_of=_hat(organisation), membership=duty.public_id)
    return see("organisations.people", public_id=public_id)


@feature.post("/<public_id>/closing", access=NAMES, shows="organisations.people")
def close(public_id: str) -> ResponseReturnValue:
    """It exists no more, or never did: the town hall takes its page away. What it published stays."""
    if not visitor().has_role(*AGENTS):
        abort(404)
    _found(public_id).close(me())
    return see("desk.index")
