"""Signing in with a password or a code by e-mail, choosing a new password, signing out."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from town.blueprints.account import mail
from town.blueprints.account.forms import AskForm, CodeForm, LoginForm, NewPasswordForm
from town.blueprints.account.limits import ASK_FOR_A_CODE, ENTER_A_CODE, SIGN_IN
from town.blueprints.account.views.data import offer_the_way_back
from town.blueprints.account.views.door import feature, onward
from town.blueprints.account.views.join import wrong_code
from town.commons.audit import audit
from town.commons.people import pins, sessions
from town.commons.people.access import PUBLIC
from town.commons.people.accounts import by_email, sign_in
from town.commons.people.codes import Tried, make_code, try_code, use
from town.commons.people.models import Account, OneUseCode, SessionRow
from town.commons.people.passwords import hash_password, password_is, what_is_wrong_with
from town.commons.people.visit import visitor
from town.kernel.db import db, flush, get_or_404, let_go, now
from town.kernel.limits import give_back
from town.kernel.tenancy import current_town, towns
from town.kernel.web import local_path, page, see


@feature.get("/login", access=PUBLIC, keep="never")
def login() -> ResponseReturnValue:
    """Sign in, then go on to `next`."""
    wish = local_path(request.args.get("next"))
    if visitor().signed_in:
        return onward(wish)
    if "password" not in request.args and db.session.scalar(pins.pins_here().limit(1)) is not None:
        return redirect(url_for("account.who", next=wish or None), 303)
    return page("account/login.html", form=LoginForm(data={"next": wish}))


@feature.post("/login", access=PUBLIC, keep="never", limits=SIGN_IN)
def enter() -> ResponseReturnValue:
    """E-mail and password. An unknown e-mail and a wrong password are told in the same words, after the same time."""
    form = LoginForm()
    if not form.validate():
        return page("account/login.html", form=form, status=422)
    account = by_email(form.email.data or "")
    number, kept = (account.id, account.password) if account else (None, None)
    let_go()
    right = password_is(kept, form.password.data or "")
    account = db.session.get(Account, number) if right else None
    if account is None or account.password != kept:  # changed while we compared
        form.form_errors.append(_("This e-mail and this password do not go together. Check both."))
        return page("account/login.html", form=form, status=422)
    for limit in SIGN_IN:
        give_back(limit)
    return _come_in(account, form.next.data)


def _come_in(account: Account, wish: str | None) -> ResponseReturnValue:
    """Begin the session; staff go on to their second factor, and whoever is leaving is asked whether they come back."""
    if account.person.left_at is not None:
        return offer_the_way_back(account)
    if account.person.staff and _first_time_here(account):
        mail.tell_new_device(account)
        audit("account:login:new_device", actor=account.person)
    sign_in(account)
    pins.note_here(account)
    if account.person.staff and towns().settings.staff_2fa == "on":
        return onward(url_for("account.second_factor", next=local_path(wish) or None))
    return onward(wish)


def _first_time_here(account: Account) -> bool:
    devices = set(db.session.scalars(select(SessionRow.device).where(SessionRow.account_id == account.id)))
    return bool(devices) and sessions.device() not in devices


@feature.get("/login/code", access=PUBLIC, keep="never")
def ask_code() -> ResponseReturnValue:
    """Where to send a code to sign in."""
    form = AskForm(data={"next": local_path(request.args.get("next")), "email": ""})
    return page("account/ask.html", form=form, purpose="sign-in")


@feature.post("/login/code", access=PUBLIC, keep="never", limits=ASK_FOR_A_CODE)
def send_sign_in_code() -> ResponseReturnValue:
    return _send("sign-in", "account.enter_code")


@feature.get("/login/forgotten", access=PUBLIC, keep="never")
def forgotten() -> ResponseReturnValue:
    """Where to send the code that allows a new password."""
    form = AskForm(data={"next": local_path(request.args.get("next")), "email": visitor().email})
    return page("account/ask.html", form=form, purpose="password")


@feature.post("/login/forgotten", access=PUBLIC, keep="never", limits=ASK_FOR_A_CODE)
def send_password_code() -> ResponseReturnValue:
    return _send("password", "account.new_password")


def _send(purpose: str, then: str) -> ResponseReturnValue:
    """Send a code if there is such an account; the page that follows is the same if there is none."""
    form = AskForm()
    if not form.validate():
        for limit in ASK_FOR_A_CODE:
            give_back(limit)
        return page("account/ask.html", form=form, purpose=purpose, status=422)
    account = by_email(form.email.data or "")
    code, figures = make_code(purpose, form.email.data or "", account, {"next": local_path(form.next.data)})
    if account is not None:
        mail.send_code(code, figures, account)
    return see(then, ref=code.public_id)


def _asked(purpose: str, ref: str) -> OneUseCode:
    return get_or_404(select(OneUseCode).where(OneUseCode.purpose == purpose), public_id=ref)


@feature.get("/login/code/<ref>", access=PUBLIC, keep="never")
def enter_code(ref: str) -> ResponseReturnValue:
    """Where the code is typed."""
    return page("account/enter_code.html", form=CodeForm(), asked=_asked("sign-in", ref))


@feature.post("/login/code/<ref>", access=PUBLIC, keep="never", limits=ENTER_A_CODE, shows="account.enter_code")
def enter_with_code(ref: str) -> ResponseReturnValue:
    """The right code signs in, once."""
    form = CodeForm()
    tried = try_code("sign-in", ref, form.code.figures) if form.validate() else None
    account = _of(tried)
    if tried is None or tried.code is None or account is None:
        if tried is not None:
            form.code.errors = [wrong_code(tried.left)]
        return page("account/enter_code.html", form=form, asked=_asked("sign-in", ref), status=422)
    use(tried.code)
    account.email_confirmed_at = account.email_confirmed_at or now()
    return _come_in(account, tried.code.details.get("next"))


def _of(tried: Tried | None) -> Account | None:
    """The account that a right code belongs to, if its person still lives here and reads the same mailbox."""
    if tried is None or tried.code is None:
        return None
    account = by_email(tried.code.email)
    return account if account is not None and account.id == tried.code.account_id else None


@feature.get("/login/new-password/<ref>", access=PUBLIC, keep="never")
def new_password(ref: str) -> ResponseReturnValue:
    """Where the code and the new password are typed."""
    return page("account/new_password.html", form=NewPasswordForm(), asked=_asked("password", ref))


@feature.post(
    "/login/new-password/<ref>", access=PUBLIC, keep="never", limits=ENTER_A_CODE, shows="account.new_password"
)
def choose_password(ref: str) -> ResponseReturnValue:
    """The right code gives a new password: whoever was signed in elsewhere no longer is."""
    form = NewPasswordForm()
    if not form.validate():
        return page("account/new_password.html", form=form, asked=_asked("password", ref), status=422)
    tried = try_code("password", ref, form.code.figures)
    account = _of(tried)
    if tried.code is None or account is None:
        form.code.errors = [wrong_code(tried.left)]
        return page("account/new_password.html", form=form, asked=_asked("password", ref), status=422)
    names = (account.person.first_name, account.person.last_name, account.email or "")
    wrong = what_is_wrong_with(form.password.data or "", current_town().name, *names)
    if wrong is not None:
        form.password.errors = [str(wrong)]
        return page("account/new_password.html", form=form, asked=_asked("password", ref), status=422)
    code_id, number = tried.code.id, account.id
    let_go()
    hashed = hash_password(form.password.data or "")
    code = get_or_404(select(OneUseCode), id=code_id)
    account = get_or_404(select(Account), id=number)
    use(code)
    account.password = hashed
    account.email_confirmed_at = account.email_confirmed_at or now()
    flush()
    sessions.end_everywhere(account)
    audit("account:password:change", actor=account.person)
    mail.tell_new_password(account)
    return _come_in(account, code.details.get("next"))


@feature.get("/logout", access=PUBLIC, keep="never")
def logout() -> ResponseReturnValue:
    """Ask: a link or a picture on another site must not sign anybody out."""
    return page("account/logout.html") if visitor().signed_in else onward(None)


@feature.post("/logout", access=PUBLIC, keep="never")
def leave() -> ResponseReturnValue:
    """Sign out on this device; the browser forgets the pages it kept."""
    sessions.end()
    response = onward(None)
    response.headers["Clear-Site-Data"] = '"cache"'  # type: ignore[union-attr]  # onward() gives a response
    return response
