"""The second factor: set up with a QR code, then asked for at each sign-in of staff."""

import io

import segno
from flask import Response, abort, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from town.blueprints.account import queries
from town.blueprints.account.forms import StepForm
from town.blueprints.account.limits import SECOND_FACTOR
from town.blueprints.account.views.door import feature, onward
from town.commons.people.access import SIGNED_IN, do_first, recently_confirmed
from town.commons.people.second_factor import factory, new_secret, pass_second_factor
from town.commons.people.visit import visitor
from town.kernel.db import get_or_404, let_go
from town.kernel.limits import give_back
from town.kernel.web import local_path, page, see

NEW = "new_second_factor"


def _staff_only() -> None:
    if not (visitor().roles or visitor().waiting_roles):
        abort(404)


@feature.get("/account/second-factor", access=SIGNED_IN, keep="never")
def second_factor() -> ResponseReturnValue:
    """Asks for the code of the phone, or how to get one there."""
    _staff_only()
    wish = local_path(request.args.get("next"))
    return _page(StepForm(data={"next": wish}))


def _page(form: StepForm, status: int = 200) -> Response:
    setting_up = not visitor().second_factor_set or visitor().second_factor_passed
    secret = session.get(NEW) if setting_up else None
    key = factory().get_totp_pretty_key(secret) if secret else ""
    return page("account/second_factor.html", form=form, setting_up=setting_up, key=key, status=status)


@feature.post("/account/second-factor", access=SIGNED_IN, keep="never", limits=SECOND_FACTOR)
def pass_it() -> ResponseReturnValue:
    """The right code wakes the rights of staff for this session, and sets the factor up the first time."""
    _staff_only()
    form = StepForm()
    account = get_or_404(queries.account(visitor().person_id))
    new = session.get(NEW) if account.tf_totp_secret is None or visitor().second_factor_passed else None
    secret = new or account.tf_totp_secret
    let_go()
    if secret is None:
        return see("account.second_factor")
    step = factory().step(secret, form.code.figures) if form.validate() else None
    if step is None:
        if not form.errors:
            form.code.errors = [_("This is not the code. Wait for the next one and type it at once.")]
        return _page(form, 422)
    account = get_or_404(queries.account(visitor().person_id))
    pass_second_factor(account, step, new)
    session.pop(NEW, None)
    for limit in SECOND_FACTOR:
        give_back(limit)
    return onward(form.next.data)


@feature.post("/account/second-factor/new", access=SIGNED_IN, keep="never")
def set_up() -> ResponseReturnValue:
    """Begin: a secret that waits in this session until the phone proves to hold it."""
    _staff_only()
    if visitor().second_factor_set and not visitor().second_factor_passed:
        abort(403)
    if not recently_confirmed():
        return do_first("account.confirm", _("First type your password again."), _("Type my password"))
    session[NEW] = new_secret()
    return see("account.second_factor", next=local_path(request.form.get("next")) or None)


@feature.get("/account/second-factor.svg", access=SIGNED_IN, keep="never")
def second_factor_code() -> ResponseReturnValue:
    """The QR code of the secret that waits."""
    if NEW not in session:
        abort(404)
    picture = io.BytesIO()
    address = factory().address(session[NEW], visitor().email)
    segno.make(address, error="m").save(picture, kind="svg", scale=6, border=2, dark="#000", light="#fff")
    return Response(picture.getvalue(), mimetype="image/svg+xml", headers={"Cache-Control": "no-store"})
