"""A resident's own proof, the letters to print, and the desk."""

from typing import Any

from flask import Response, abort, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from town.blueprints.certification.forms import AddressForm, CodeForm, NewcomerForm, PapersForm, RevokeForm
from town.blueprints.certification.mail import tell_certified, tell_revoked
from town.blueprints.certification.printing import MOST, print_cards, slip_of
from town.blueprints.certification.queries import CERTIFIERS, methods
from town.commons.audit import audit
from town.commons.people.access import PUBLIC, SIGNED_IN, role
from town.commons.people.models import Person
from town.commons.people.visit import me, visitor
from town.commons.trust.codes import EXAMPLE
from town.commons.trust.desk import enter_resident, named, put_address_right, residents, waiting
from town.commons.trust.models import RENEWED_FROM, certify, revoke, standing_certification
from town.commons.trust.postcards import (
    ASKED,
    PRINTED,
    NoCard,
    ask_for_card,
    cards_in,
    current_card,
    enter_code,
    free_again,
    last_card,
)
from town.kernel.db import db, get_or_404, now, writing
from town.kernel.features import DeskPage, Feature
from town.kernel.language import today
from town.kernel.limits import Limit, by_network
from town.kernel.web import page, see

feature = Feature(
    "certification",
    __name__,
    title=_l("Proof of address"),
    icon="certified",
    essential=True,  # without it nobody could ever become a neighbour
    short={"/c": "code", "/carte": "code", "/adresse": "index"},
    desk=[DeskPage("desk", _l("Proof of address"), "postcard"), DeskPage("letters", _l("Postcards to print"), "print")],
)

DESK = role(*CERTIFIERS, step_up=True)
CODES = Limit("postcard", "15 per day", by_network, _l("Too many codes were tried from here. Please try tomorrow."))


@feature.get("/", access=SIGNED_IN, keep="never")
def index() -> ResponseReturnValue:
    """Where I stand, and the ways that work here today, the simplest first."""
    person, card = me(), db.session.scalar(last_card(visitor().person_id))
    return page(
        "certification/index.html",
        "proof",
        person=person,
        proof=standing_certification(person),
        card=card if card is not None and not card.ended_at else None,
        free_again=free_again(card) if card is not None and free_again(card) > now() else None,
        methods=methods(),
        renewable=person.certified_until is not None and person.certified_until < now() + RENEWED_FROM,
    )


@feature.post("/postcard", access=SIGNED_IN, shows="certification.index")
def ask() -> ResponseReturnValue:
    ask_for_card(me())
    return see("certification.index")


@feature.post("/postcard/cancellation", access=SIGNED_IN, shows="certification.index")
def cancel() -> ResponseReturnValue:
    card = db.session.scalar(current_card(visitor().person_id))
    if card is None:
        raise NoCard
    card.cancel(me())
    return see("certification.index")


@feature.get("/code", access=PUBLIC, keep="never")
def code() -> ResponseReturnValue:
    """Where the code is typed. Whoever scans a card signed out finds the way in; the page keeps the code for them."""
    card = db.session.scalar(current_card(visitor().person_id))
    return page("certification/code.html", "code_form", form=CodeForm(), card=card, example=EXAMPLE)


@feature.post("/code", access=SIGNED_IN, shows="certification.code", keep="never", limits=(CODES,))
def enter() -> ResponseReturnValue:
    form = CodeForm()
    if not form.validate():
        card = db.session.scalar(current_card(visitor().person_id))
        return page("certification/code.html", "code_form", form=form, card=card, example=EXAMPLE, status=422)
    enter_code(visitor().person_id, form.code.code)
    flash(_("Your address is proved: welcome among the neighbours."))
    return see("certification.index")


@feature.get("/letters", access=DESK, keep="never")
def letters() -> ResponseReturnValue:
    """The cards to print, and those in the post."""
    cards = db.session.scalars(cards_in(ASKED, PRINTED)).all()
    asked = [card for card in cards if card.state == ASKED][:MOST]
    printed = [card for card in cards if card.state == PRINTED][:MOST]
    return page("certification/letters.html", asked=asked, printed=printed, slip_of=slip_of)


@feature.post("/letters", access=DESK, shows="certification.letters", keep="never")
def print_letters() -> ResponseReturnValue:
    """The PDF itself: its codes exist on this paper alone, so no browser, proxy or worker may keep it."""
    paper = print_cards(request.form.getlist("card"))
    answer = Response(paper, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="cartes-{today()}.pdf"'
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Offline"] = "never"
    return answer


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
