"""The card that came without a name: whoever scans it, or chooses their address and types its code, is a neighbour."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from town.blueprints.certification.forms import CodeForm, LetterboxForm
from town.blueprints.certification.queries import doors
from town.blueprints.certification.views.door import CODES, feature
from town.commons.people.access import PUBLIC
from town.commons.people.visit import me, visitor
from town.commons.places.models import Address
from town.commons.trust.codes import EXAMPLE
from town.commons.trust.letterbox import (
    LetterboxLocked,
    LivesElsewhere,
    WrongPair,
    certify_by_card,
    ensure_room,
    hold,
    try_code,
)
from town.commons.trust.models import ensure_provable
from town.kernel.db import db, get_or_404
from town.kernel.limits import give_back
from town.kernel.web import page, see, wants_json


@feature.get("/letterbox", access=PUBLIC, keep="never")
def letterbox() -> ResponseReturnValue:
    """Where whoever does not scan says which address the card was for. The signed-in have said so already."""
    home = db.session.scalar(doors().where(Address.id == visitor().address_id))
    if home is not None and request.method == "GET":
        return redirect(url_for("certification.letterbox_of", public_id=home.public_id), 302)
    return _shown(LetterboxForm(), None)


@feature.post("/letterbox", access=PUBLIC, shows="certification.letterbox", keep="never", limits=(CODES,))
def find_letterbox() -> ResponseReturnValue:
    form = LetterboxForm()
    if not form.validate() or form.address.address is None:
        give_back(CODES)  # a slip of the finger is no guess
        return _shown(form, None, status=422)
    return _opened(form.address.address, form, None)


@feature.get("/letterbox/<public_id>", access=PUBLIC, keep="never")
def letterbox_of(public_id: str) -> ResponseReturnValue:
    """Where the square of a card leads: it names the address, and the page itself reads the code after the #."""
    return _shown(CodeForm(), get_or_404(doors(), public_id=public_id))


@feature.post(
    "/letterbox/<public_id>", access=PUBLIC, shows="certification.letterbox_of", keep="never", limits=(CODES,)
)
def open_letterbox(public_id: str) -> ResponseReturnValue:
    door, form = get_or_404(doors(), public_id=public_id), CodeForm()
    if not form.validate():
        give_back(CODES)
        return _shown(form, door, status=422)
    return _opened(door, form, door)


def _opened(door: Address, form: CodeForm, shown: Address | None) -> ResponseReturnValue:
    """With the right code: the signed-in are certified at once, everybody else says their name first."""
    number, public_id = door.id, door.public_id
    if visitor().signed_in:
        if visitor().address_id != number:
            raise LivesElsewhere
        ensure_provable(me())
    try:
        ticket = try_code(number, form.code.code)
    except (WrongPair, LetterboxLocked) as refusal:  # said on the field, as any other mistake there
        if wants_json():
            raise
        form.code.errors = [str(refusal.sentence)]
        return _shown(form, shown, status=refusal.status)
    give_back(CODES)  # phones share the address of their network, and on the day of the bulletin they all come
    if not visitor().signed_in:
        ensure_room(number)
        hold(ticket)
        return see("account.join_you", address=public_id)
    certify_by_card(me(), ticket)
    flash(_("Your address is proved: welcome among the neighbours."))
    return see("certification.index")


def _shown(form: CodeForm, door: Address | None, status: int = 200) -> ResponseReturnValue:
    """The page says nothing of whether a card went there, nor what became of it."""
    elsewhere = visitor().signed_in and (door is None or visitor().address_id != door.id)
    return page(
        "certification/letterbox.html", form=form, door=door, elsewhere=elsewhere, example=EXAMPLE, status=status
    )
