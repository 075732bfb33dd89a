"""A shared phone: choosing a PIN for this device, who may come back here, and changing person in two taps."""

from flask import Response, flash, make_response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from town.blueprints.account import queries
from town.blueprints.account.forms import PinForm, SetPinForm
from town.blueprints.account.limits import CONFIRM, SIGN_IN
from town.blueprints.account.views.door import feature, onward
from town.blueprints.account.views.security import is_mine
from town.commons.people import pins
from town.commons.people.access import PUBLIC, SIGNED_IN
from town.commons.people.accounts import sign_in
from town.commons.people.models import Pin
from town.commons.people.visit import visitor
from town.kernel.db import db, flush, get_or_404, let_go
from town.kernel.limits import give_back
from town.kernel.web import local_path, page, see

BY_NETWORK = SIGN_IN[:1]


@feature.get("/account/pin", access=SIGNED_IN, keep="never")
def pin() -> ResponseReturnValue:
    """Come back on this device with a few figures."""
    return page("account/pin.html", form=SetPinForm(), staff=visitor().staff or bool(visitor().waiting_roles))


@feature.post("/account/pin", access=SIGNED_IN, keep="never", shows="account.pin", limits=CONFIRM)
def set_pin() -> ResponseReturnValue:
    """The password is typed on this very device: that is what allows the figures here."""
    form = SetPinForm()
    if not form.validate() or not is_mine(form.password.data or ""):
        if not form.errors:
            form.password.errors = [_("This is not your password.")]
        return page("account/pin.html", form=form, staff=False, status=422)
    figures = pins.sealed(form.pin.data or "")
    token = pins.set_pin(get_or_404(queries.account(visitor().person_id)), figures)
    flash(_("Done. On this device, your PIN is enough from now on."), "ok")
    return pins.give(make_response(see("account.my_sessions")), token)


@feature.post("/account/pins/<public_id>/end", access=SIGNED_IN, shows="account.my_sessions")
def end_pin(public_id: str) -> ResponseReturnValue:
    """That device asks for the password again."""
    db.session.delete(get_or_404(pins.pins_of(visitor().account_id), public_id=public_id))
    flush()
    return see("account.my_sessions")


@feature.get("/login/who", access=PUBLIC, keep="never")
def who() -> ResponseReturnValue:
    """Who is it? Whoever comes back on this device with a PIN, signed in at present or not."""
    return _asking(PinForm(data={"next": local_path(request.args.get("next"))}))


def _asking(form: PinForm, chosen: Pin | None = None, status: int = 200) -> Response:
    here = list(db.session.scalars(pins.pins_here()))
    return page("account/who.html", form=form, here=here, chosen=chosen.public_id if chosen else "", status=status)


@feature.post("/login/pin/<public_id>", access=PUBLIC, keep="never", limits=BY_NETWORK)
def enter_with_pin(public_id: str) -> ResponseReturnValue:
    """The right figures open this device for one of those it knows; whoever was signed in leaves."""
    form = PinForm()
    asked = get_or_404(pins.pins_here(), public_id=public_id)
    if not form.validate():
        return _asking(form, asked, status=422)
    counted, kept = pins.count_try(asked), asked.figures
    if counted is None:
        return _wrong(form, public_id, 0)
    let_go()
    if not pins.pin_is(kept, form.pin.data or ""):
        return _wrong(form, public_id, pins.TRIES - counted)
    asked = get_or_404(pins.known_here(), public_id=public_id)
    pins.right(asked)
    sign_in(asked.account, proved=False)
    pins.note_here(asked.account)
    for limit in BY_NETWORK:
        give_back(limit)
    return pins.give(make_response(onward(form.next.data)))


def _wrong(form: PinForm, public_id: str, left: int) -> ResponseReturnValue:
    """Say how many tries are left. After the last one the PIN is gone, and what was noted stays."""
    asked = db.session.scalar(pins.known_here().where(Pin.public_id == public_id))
    if left:
        words = ngettext(
            "This is not the PIN. %(num)s try is left.", "This is not the PIN. %(num)s tries are left.", left
        )
        form.pin.errors = [words]
        return _asking(form, asked, status=422)
    if asked is not None:
        pins.spent(asked)
        db.session.commit()
    form.form_errors.append(_("Five wrong PINs: this one opens nothing any more. Sign in with your password."))
    return _asking(form, status=422)
