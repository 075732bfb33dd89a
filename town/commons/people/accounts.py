"""Accounts: Flask-Security's primitives (Argon2, second factors, Flask-Login) behind our own screens."""

from typing import Any

import flask_login
from email_validator import EmailNotValidError, validate_email
from flask import Flask
from flask_login import LoginManager
from flask_security.core import Security
from flask_security.datastore import SQLAlchemyUserDatastore
from sqlalchemy import select

from town.commons.audit import audit
from town.commons.people import sessions
from town.commons.people.models import Account, Person, RoleGrant
from town.commons.people.passwords import hash_password, password_is
from town.commons.people.second_factor import SecondFactors
from town.kernel.db import db, now
from town.kernel.tenancy import current_town
from town.kernel.text import one_line

__all__ = ["NotAnEmail", "by_email", "email_of", "hash_password", "init_app", "password_is", "sign_in"]

LONGEST_EMAIL = 254


class NotAnEmail(ValueError):
    """Nobody can be written to there."""


def email_of(text: str) -> str:
    """An e-mail as accounts keep it, in lower case. Raises `NotAnEmail`, for line breaks and look-alike letters too."""
    if not text.isprintable() or len(text) > LONGEST_EMAIL:
        raise NotAnEmail
    try:
        found = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as refused:
        raise NotAnEmail from refused
    return found.normalized.lower()


def mailbox_of(text: str) -> str:
    """The mailbox behind an e-mail, aliases taken off: limits count by it. Never raises."""
    local, _, domain = one_line(text, LONGEST_EMAIL).lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def by_email(text: str) -> Account | None:
    """The account of that e-mail, however it was typed, if its person lives here, or has left and may come back."""
    try:
        email = email_of(text)
    except NotAnEmail:
        return None
    here = Person.left_at.is_(None) | (Person.erase_on > now())
    return db.session.scalar(select(Account).join(Person).where(Account.email == email, Account.active, here))


def sign_in(account: Account, *, proved: bool = True) -> None:
    """Begin a session of this account on this device, for Flask-Login too. Not `proved`: by a PIN of the device."""
    sessions.begin(account, proved=proved)
    account.seen_at = now()
    if account.warned is not None:  # their long absence was about to end it all
        account.warned = account.warned_at = account.person.erase_on = None
    flask_login.login_user(account)
    audit("account:login:success", actor=account.person)


def _load(kept: str) -> Account | None:
    """Flask-Login's `current_user`, asked for only where something needs it: our pages have `visitor()`."""
    uid, _, uniquifier = kept.partition(":")
    if uid != current_town().uid:
        return None
    return db.session.scalar(select(Account).where(Account.fs_uniquifier == uniquifier, Account.active))


def init_app(app: Flask) -> None:
    """Prepare password hashing and second factors. Its own screens and routes stay off: ours are in `account`."""
    keys = [app.config["SECRET_KEY"], *app.config.get("SECRET_KEY_FALLBACKS", [])]
    app.config.update(
        SESSION_PROTECTION=None,  # the session is our row: it can be seen and revoked
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_PASSWORD_SINGLE_HASH={"argon2"},  # else passwords would die with the secret key
    )
    roles: Any = RoleGrant  # its own idea of a role is never used
    security = Security(app, SQLAlchemyUserDatastore(db, Account, roles), register_blueprint=False)
    app.extensions["second_factors"] = SecondFactors(keys)
    manager: LoginManager = app.login_manager  # type: ignore[attr-defined]  # Flask-Login puts it there
    manager.user_loader(_load)
    manager.request_loader(lambda request: None)  # no token but the session's opens anything
    # Both would load the account on every page.
    app.before_request_funcs[None].remove(security.principal._on_before_request)
    app.template_context_processors[None] = [
        processor
        for processor in app.template_context_processors[None]
        if getattr(processor, "__module__", "") != "flask_login.utils"
    ]
