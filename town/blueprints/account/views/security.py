"""What opens my account: password, e-mail, and proving now and then that it is still me."""

from flask import request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from town.blueprints.account import mail, queries
from town.blueprints.account.forms import ChangeEmailForm, ChangePasswordForm, CodeForm, ConfirmForm
from town.blueprints.account.limits import CHANGE_EMAIL, CONFIRM, ENTER_A_CODE
from town.blueprints.account.views.door import feature, onward
from town.blueprints.account.views.join import wrong_code
from town.commons.audit import audit
from town.commons.people import sessions
from town.commons.people.access import SIGNED_IN
from town.commons.people.accounts import by_email
from town.commons.people.codes import make_code, try_code, use
from town.commons.people.joining import AlreadyHere
from town.commons.people.models import Account, OneUseCode
from town.commons.people.passwords import hash_password, password_is
from town.commons.people.visit import visitor
from town.kernel.db import db, flush, get_or_404, let_go, now
from town.kernel.limits import give_back
from town.kernel.web import local_path, page, see


def is_mine(password: str) -> bool:
    """Whether this is the password of whoever is signed in. Compared outside any transaction."""
    kept = db.session.scalar(select(Account.password).where(Account.id == visitor().account_id))
    let_go()
    right = password_is(kept, password)
    if right:
        for limit in CONFIRM:
            give_back(limit)
    return right


def _mine() -> Account:
    return get_or_404(queries.account(visitor().person_id))


@feature.get("/account/confirm", access=SIGNED_IN, keep="never")
def confirm() -> ResponseReturnValue:
    """Before what a stolen cookie must not do."""
    return page("account/confirm.html", form=ConfirmForm(data={"next": local_path(request.args.get("next"))}))


@feature.post("/account/confirm", access=SIGNED_IN, keep="never", limits=CONFIRM)
def confirm_it_is_me() -> ResponseReturnValue:
    form = ConfirmForm()
    if not form.validate() or not is_mine(form.password.data or ""):
        if not form.errors:
            form.password.errors = [_("This is not your password.")]
        return page("account/confirm.html", form=form, status=422)
    session["confirmed_at"] = int(now().timestamp())
    return onward(form.next.data)


@feature.get("/account/password", access=SIGNED_IN, keep="never")
def password() -> ResponseReturnValue:
    """Another password."""
    return page("account/password.html", form=ChangePasswordForm())


@feature.post("/account/password", access=SIGNED_IN, keep="never", limits=CONFIRM)
def change_password() -> ResponseReturnValue:
    """Whoever else was signed in no longer is; this device gets a new token."""
    form = ChangePasswordForm()
    if not form.validate() or not is_mine(form.password.data or ""):
        if not form.errors:
            form.password.errors = [_("This is not your password.")]
        return page("account/password.html", form=form, status=422)
    hashed = hash_password(form.new_password.data or "")
    account = _mine()
    account.password = hashed
    flush()
    sessions.end_everywhere(account, but=visitor().session_id)
    sessions.renew()
    audit("account:password:change", actor=account.person)
    mail.tell_new_password(account)
    return see("account.index")


@feature.get("/account/email", access=SIGNED_IN, keep="never")
def email() -> ResponseReturnValue:
    """Another e-mail."""
    return page("account/email.html", form=ChangeEmailForm())


@feature.post("/account/email", access=SIGNED_IN, keep="never", limits=(*CHANGE_EMAIL, *CONFIRM))
def change_email() -> ResponseReturnValue:
    """Send a code to the new mailbox; nothing changes before it comes back. One that is taken looks the same."""
    form = ChangeEmailForm()
    if not form.validate() or not is_mine(form.password.data or ""):
        if not form.errors:
            form.password.errors = [_("This is not your password.")]
        return page("account/email.html", form=form, status=422)
    account = _mine()
    code, figures = make_code("email", form.email.data or "", account)
    mail.send_new_email_code(code, figures, account, by_email(form.email.data or ""))
    return see("account.email_check", ref=code.public_id)


def _asked(ref: str) -> OneUseCode:
    mine = select(OneUseCode).where(OneUseCode.purpose == "email", OneUseCode.account_id == visitor().account_id)
    return get_or_404(mine, public_id=ref)


@feature.get("/account/email/<ref>", access=SIGNED_IN, keep="never")
def email_check(ref: str) -> ResponseReturnValue:
    """Where the code from the new mailbox is typed."""
    return page("account/email_check.html", form=CodeForm(), asked=_asked(ref))


@feature.post("/account/email/<ref>", access=SIGNED_IN, keep="never", limits=ENTER_A_CODE, shows="account.email_check")
def confirm_email(ref: str) -> ResponseReturnValue:
    form = CodeForm()
    _asked(ref)
    tried = try_code("email", ref, form.code.figures) if form.validate() else None
    if tried is None or tried.code is None:
        if tried is not None:
            form.code.errors = [wrong_code(tried.left)]
        return page("account/email_check.html", form=form, asked=_asked(ref), status=422)
    use(tried.code)
    account = _mine()
    former, account.email, account.email_confirmed_at = account.email, tried.code.email, now()
    flush(AlreadyHere)
    audit("account:email:change", actor=account.person)
    sessions.renew()
    if former:
        mail.tell_former_mailbox(account, former)
    return see("account.index")
