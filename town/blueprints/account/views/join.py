"""Joining, in four screens: the address, the person, the e-mail, then the proof of address."""

from typing import Any

from flask import Response, abort, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from town.blueprints.account import mail, queries
from town.blueprints.account.forms import LONGEST_WORDS, CardForm, CodeForm, JoinForm, LinkForm
from town.blueprints.account.limits import ENTER_A_CODE, JOIN, SEND_AGAIN
from town.blueprints.account.views.door import feature, next_step
from town.commons.people.access import PUBLIC
from town.commons.people.accounts import by_email, sign_in
from town.commons.people.codes import figures_of, make_code, send_again, try_code
from town.commons.people.joining import join as become_a_resident
from town.commons.people.joining import said
from town.commons.people.models import OneUseCode
from town.commons.people.passwords import hash_password, password_is
from town.commons.places.models import Address
from town.commons.trust.letterbox import cards_are_out, certify_by_card, held_ticket, ticket_for
from town.kernel.db import db, get_or_404, let_go, now
from town.kernel.language import language
from town.kernel.limits import give_back
from town.kernel.refusals import Refused
from town.kernel.text import one_line
from town.kernel.web import page, see

LONGEST_QUERY = 120


def matches() -> dict[str, Any]:
    """The doors and streets that the address field means now."""
    text = one_line(request.args.get("q", ""), LONGEST_QUERY)
    street = request.args.get("street", "")[:22]
    found: dict[str, Any] = {"q": text, "doors": [], "streets": [], "more": False, "street": None}
    if street:
        found["doors"] = list(db.session.scalars(queries.doors_of(street)))
        found["street"] = found["doors"][0].street if found["doors"] else None
        return found
    if not text:
        return found
    found["doors"] = list(db.session.scalars(queries.doors(text)))
    found["more"] = len(found["doors"]) > queries.MOST
    too_many = found["more"] and not queries.numbered(text)
    no_such_number = not found["doors"] and queries.numbered(text)
    if too_many or no_such_number:
        found["streets"] = list(db.session.scalars(queries.streets(text)))
        found["more"] = len(found["streets"]) > queries.MOST
    found["doors"] = [] if found["streets"] else found["doors"][: queries.MOST]
    found["streets"] = found["streets"][: queries.MOST]
    return found


@feature.get("/join", access=PUBLIC)
def join() -> ResponseReturnValue:
    """First screen: the address."""
    return page("account/join_address.html", "matches", cards=cards_are_out(), **matches())


@feature.get("/join/addresses", access=PUBLIC)
def join_addresses() -> ResponseReturnValue:
    """The same screen with what was found, or what was found alone while somebody types."""
    return join()


@feature.get("/join/you", access=PUBLIC, keep="never")
def join_you() -> ResponseReturnValue:
    """Second screen: the person. Keeps an address of the list, or the words of somebody whose address is not in it."""
    address = _door(request.args.get("address", ""))
    words = "" if address else one_line(request.args.get("words", ""), LONGEST_WORDS)
    if address is None and not words:
        return page("account/join_address.html", status=422, missing=True, **matches())
    ticket = ticket_for(address)
    said_already = {"address": address.public_id if address else "", "words": words}
    form = CardForm(data=said_already) if ticket else JoinForm(data=said_already)
    return page("account/join_you.html", form=form, address=address, card=ticket is not None)


def _door(public_id: str) -> Address | None:
    return db.session.scalar(queries.door(public_id)) if public_id.isprintable() and public_id else None


@feature.post("/join/you", access=PUBLIC, keep="never", limits=JOIN)
def ask_to_join() -> ResponseReturnValue:
    """Send the code. The answer is the same whether the e-mail has an account or not."""
    form = CardForm() if held_ticket() else JoinForm()
    valid = form.validate()
    hashed = hash_password(form.password.data) if valid and form.password.data else ""
    address = _door(form.address.data or "")
    ticket = ticket_for(address)
    if valid and not ticket and not hashed:  # the card opens another address than the one chosen since
        form, valid = JoinForm(), False
        form.validate()
    if not valid or (address is None and not form.words.data):
        for limit in JOIN:
            give_back(limit)
        if address is None and not form.words.data:
            return page("account/join_address.html", status=422, missing=True, **matches())
        return page("account/join_you.html", form=form, address=address, card=ticket is not None, status=422)
    known = by_email(form.email.data or "")
    told = said(
        first_name=form.first_name.data or "",
        last_name=form.last_name.data or "",
        address=address,
        address_words=form.words.data or "",
        password=hashed,
        language=language(),
    )
    code, figures = make_code("join", form.email.data or "", details={**told, "card": ticket})
    mail.send_join_code(code, figures, known)
    return see("account.join_check", ref=code.public_id)


def _waiting(ref: str) -> OneUseCode:
    """What somebody said who has not confirmed yet."""
    unused = select(OneUseCode).where(OneUseCode.purpose == "join", OneUseCode.used_at.is_(None))
    return get_or_404(unused, public_id=ref)


@feature.get("/join/check/<ref>", access=PUBLIC, keep="never")
def join_check(ref: str) -> ResponseReturnValue:
    """Third screen: the code from the e-mail."""
    return _checking(CodeForm(), ref)


def _checking(form: CodeForm, ref: str, **more: Any) -> Response:
    waiting = _waiting(ref)
    return page("account/join_check.html", form=form, waiting=waiting, card=bool(waiting.details.get("card")), **more)


@feature.post("/join/check/<ref>", access=PUBLIC, keep="never", limits=ENTER_A_CODE)
def confirm_joining(ref: str) -> ResponseReturnValue:
    """The right code makes a resident, and signs them in."""
    form = CodeForm()
    if not form.validate():
        return _checking(form, ref, status=422)
    tried = try_code("join", ref, form.code.figures)
    if tried.code is None:
        form.code.errors = [wrong_code(tried.left)]
        return _checking(form, ref, status=422)
    return _arrive(tried.code)


def _arrive(code: OneUseCode) -> ResponseReturnValue:
    """Somebody lives here now, and whoever held the card of their letterbox is a certified neighbour at once."""
    ticket = code.details.get("card")
    account = become_a_resident(code)
    sign_in(account)
    if ticket:
        try:
            certify_by_card(account.person, ticket)
            flash(_("Your address is proved: welcome among the neighbours."))
        except Refused as refusal:  # they have joined all the same
            flash(str(refusal), "refused")
    return see(next_step())


def wrong_code(left: int) -> str:
    """What to tell whoever typed a wrong code, or a right one too late."""
    if left == 0:
        return _("This code no longer works. Ask for another one.")
    return _("This is not the code of the e-mail. Look at the most recent one.")


@feature.post("/join/again/<ref>", access=PUBLIC, keep="never", limits=SEND_AGAIN, shows="account.join_check")
def join_again(ref: str) -> ResponseReturnValue:
    """Another code; the one before is worthless from now on."""
    code = _waiting(ref)
    mail.send_join_code(code, send_again(code), by_email(code.email))
    return see("account.join_check", ref=ref)


@feature.get("/join/link/<ref>", access=PUBLIC, keep="never")
def join_link(ref: str) -> ResponseReturnValue:
    """The link of the e-mail, perhaps opened elsewhere than where one began. Looking at it changes nothing."""
    waiting = _waiting(ref)
    if waiting.expires_at < now():
        return _checking(CodeForm(), ref, late=True)
    form = LinkForm(data={"code": request.args.get("code", "")})
    return page("account/join_link.html", form=form, waiting=waiting)


@feature.post("/join/link/<ref>", access=PUBLIC, keep="never", limits=ENTER_A_CODE)
def follow_link(ref: str) -> ResponseReturnValue:
    """The link with the password chosen: whoever only holds the mailbox confirms nobody else's account."""
    form = LinkForm()
    figures = figures_of(form.code.data or "")
    if figures is None:
        abort(404)
    if not form.validate():
        return page("account/join_link.html", form=form, waiting=_waiting(ref), status=422)
    chosen = _waiting(ref).details["password"]
    if not chosen:
        abort(404)  # no link was sent to whoever chose none
    let_go()
    theirs = password_is(chosen, form.password.data or "")
    tried = try_code("join", ref, figures)
    if tried.code is None or not theirs:
        form.password.errors = [wrong_code(0) if tried.left == 0 else _("This is not the password you chose.")]
        return page("account/join_link.html", form=form, waiting=_waiting(ref), status=422)
    return _arrive(tried.code)
