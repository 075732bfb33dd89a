"""A resident's own proof, and the code of the postcard that they asked for."""

from flask import flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from town.blueprints.certification.forms import CodeForm
from town.blueprints.certification.queries import methods
from town.blueprints.certification.views.door import CODES, feature
from town.commons.people.access import PUBLIC, SIGNED_IN
from town.commons.people.visit import me, visitor
from town.commons.trust.codes import EXAMPLE
from town.commons.trust.launches import living_card
from town.commons.trust.models import RENEWED_FROM, standing_certification
from town.commons.trust.postcards import NoCard, ask_for_card, current_card, enter_code, free_again, last_card
from town.kernel.db import db, now
from town.kernel.web import page, see


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
        delivered=db.session.scalar(living_card(person.address_id)),
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
