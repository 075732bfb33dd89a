"""What I run, what I ask for, what I am asked."""

from flask import flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from town.blueprints.organisations import activity
from town.blueprints.organisations.forms import ClaimForm, NameForm
from town.blueprints.organisations.queries import claimable, claims_of, duties_of
from town.blueprints.organisations.views.door import feature
from town.commons.activity import record
from town.commons.people.access import CERTIFIED, SIGNED_IN
from town.commons.people.invitations import Invitation, invitations_of
from town.commons.people.organisations import Claim, Organisation, duty_in
from town.commons.people.visit import me, visitor
from town.kernel.db import db, get_or_404
from town.kernel.limits import Limit, by_person
from town.kernel.web import page, see

CLAIMS = Limit("claim", "5 per day", by_person, _l("That is many pages for one day. Go on tomorrow."))
SHOWN = 50


@feature.get("/", access=SIGNED_IN)
def index() -> ResponseReturnValue:
    """My organisations."""
    person = visitor()
    asked = db.session.scalars(invitations_of(person.email)).all() if person.email and person.email_confirmed else []
    return page(
        "organisations/index.html",
        duties=db.session.scalars(duties_of(person.person_id)).all(),
        claims=db.session.scalars(claims_of(person.person_id).limit(SHOWN)).all(),
        invitations=asked,
    )


@feature.get("/<public_id>/claim", access=CERTIFIED)
def claim(public_id: str) -> ResponseReturnValue:
    """Is it yours? Say how the town hall can make sure."""
    return _show_claim(get_or_404(claimable(), public_id=public_id), ClaimForm())


def _show_claim(organisation: Organisation, form: ClaimForm, status: int = 200) -> ResponseReturnValue:
    mine = claims_of(visitor().person_id).where(Claim.organisation_id == organisation.id, Claim.decided_at.is_(None))
    return page(
        "organisations/claim.html",
        status=status,
        organisation=organisation,
        form=form,
        waiting=db.session.scalar(mine.limit(1)),
        duty=duty_in(organisation.id, visitor().person_id),
    )


@feature.post("/<public_id>/claims", access=CERTIFIED, shows="organisations.claim", limits=(CLAIMS,))
def create_claim(public_id: str) -> ResponseReturnValue:
    organisation, form = get_or_404(claimable(), public_id=public_id), ClaimForm()
    if not form.validate():
        return _show_claim(organisation, form, status=422)
    made = organisation.claim(me(), form.words.data or "")
    return see("organisations.asked", public_id=made.public_id)


@feature.get("/requests/<public_id>", access=SIGNED_IN)
def asked(public_id: str) -> ResponseReturnValue:
    """What I asked for, and what the town hall answered."""
    return page("organisations/asked.html", claim=get_or_404(claims_of(visitor().person_id), public_id=public_id))


def _asked_of_me(public_id: str) -> Invitation:
    """An invitation to the confirmed e-mail of whoever looks; anybody else finds nothing."""
    person = visitor()
    return get_or_404(invitations_of(person.email if person.email_confirmed else ""), public_id=public_id)


@feature.get("/invitations/<public_id>", access=SIGNED_IN)
def invitation(public_id: str) -> ResponseReturnValue:
    return page("organisations/invitation.html", invitation=_asked_of_me(public_id), form=NameForm())


@feature.post("/invitations/<public_id>/acceptance", access=SIGNED_IN, shows="organisations.invitation")
def accept_invitation(public_id: str) -> ResponseReturnValue:
    found, form = _asked_of_me(public_id), NameForm()
    if not form.validate():
        return page("organisations/invitation.html", invitation=found, form=form, status=422)
    found.accept(me(), title=form.title.data or "", shown=form.shown.data)
    record(activity.JOINED, found.organisation, actor=me())
    flash(_("You now act for: %(name)s", name=found.organisation.name))
    return see("organisations.index")


@feature.post("/invitations/<public_id>/refusal", access=SIGNED_IN, shows="organisations.invitation")
def decline_invitation(public_id: str) -> ResponseReturnValue:
    _asked_of_me(public_id).decline()
    return see("organisations.index")
