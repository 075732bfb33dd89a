"""The counter: who stands there, and what the town hall decides about them."""

from typing import Any

from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from town.blueprints.certification.forms import AddressForm, NewcomerForm, PapersForm, RevokeForm
from town.blueprints.certification.mail import tell_certified, tell_revoked
from town.blueprints.certification.views.door import DESK, feature
from town.commons.audit import audit
from town.commons.people.models import Person
from town.commons.people.visit import me, visitor
from town.commons.trust.desk import enter_resident, named, put_address_right, residents, waiting
from town.commons.trust.models import certify, revoke, standing_certification
from town.commons.trust.postcards import current_card
from town.kernel.db import db, get_or_404, writing
from town.kernel.web import page, see


@feature.get("/desk", access=DESK, keep="never", writes=True)
def desk() -> ResponseReturnValue:
    """Who stands at the counter? Looking somebody up is noted, without the name that was typed."""
    words = request.args.get("q", "").strip()[:80]
    found = waiting(request.args.get("missing") == "address").limit(10)
    people = db.session.scalars(named(words) if words else found).all()
    if words and writing():
        audit("cert:desk:search", actor=me(), found=len(people))
    return page("certification/desk.html", "found", words=words, people=people)


@feature.get("/desk/new", access=DESK, keep="never")
def newcomer() -> ResponseReturnValue:
    return page("certification/newcomer.html", "newcomer", form=NewcomerForm())


@feature.post("/desk/new", access=DESK, shows="certification.newcomer", keep="never")
def register() -> ResponseReturnValue:
    form = NewcomerForm()
    if not form.validate() or form.address.address is None:
        return page("certification/newcomer.html", "newcomer", form=form, status=422)
    person = enter_resident(form.first_name.data or "", form.last_name.data or "", form.address.address, me())
    return see("certification.person", public_id=person.public_id)


@feature.get("/desk/<public_id>", access=DESK, keep="never", writes=True)
def person(public_id: str) -> ResponseReturnValue:
    """Somebody's name and address, for whoever decides. Each look is noted."""
    found = get_or_404(residents(), public_id=public_id)
    if writing():
        audit("address:view", actor=me(), on=found)
    return _person(found)


def _person(found: Person, **changed: Any) -> Response:
    forms = {"papers": PapersForm(), "revoking": RevokeForm(), "correcting": AddressForm()}
    return page(
        "certification/person.html",
        "person",
        person=found,
        proof=standing_certification(found),
        card=db.session.scalar(current_card(found.id)),
        own=found.address_id is not None and found.address_id == visitor().address_id,
        **{**forms, **changed},
    )


@feature.post("/desk/<public_id>/certification", access=DESK, shows="certification.person", keep="never")
def certify_here(public_id: str) -> ResponseReturnValue:
    found, form = get_or_404(residents(), public_id=public_id), PapersForm()
    if not form.validate():
        return _person(found, papers=form, form=form, status=422)
    certify(found, "desk", me())
    tell_certified(found)
    return see("certification.person", public_id=public_id)


@feature.post("/desk/<public_id>/revocation", access=DESK, shows="certification.person", keep="never")
def revoke_here(public_id: str) -> ResponseReturnValue:
    found, form = get_or_404(residents(), public_id=public_id), RevokeForm()
    if not form.validate():
        return _person(found, revoking=form, form=form, status=422)
    if found.id == visitor().person_id:
        abort(403)
    revoke(found, form.reason.data, me())
    tell_revoked(found)
    return see("certification.person", public_id=public_id)


@feature.post("/desk/<public_id>/address", access=DESK, shows="certification.person", keep="never")
def correct_address(public_id: str) -> ResponseReturnValue:
    found, form = get_or_404(residents(), public_id=public_id), AddressForm()
    if not form.validate() or form.address.address is None:
        return _person(found, correcting=form, form=form, status=422)
    put_address_right(found, form.address.address, me())
    return see("certification.person", public_id=public_id)
