"""Accounts: Flask-Security's primitives (Argon2, second factors) behind our own screens."""

from typing import Any

from flask import Flask
from flask_login import LoginManager
from flask_security.core import Security
from flask_security.datastore import SQLAlchemyUserDatastore
from flask_security.utils import hash_password as _hash
from flask_security.utils import verify_and_update_password

from town.commons.people.models import Account, RoleGrant
from town.kernel.db import db, guard_slow


def init_app(app: Flask) -> None:
    """Prepare password hashing and second factors. Its own screens and routes stay off: ours are in `account`."""
    app.config.update(
        SECURITY_PASSWORD_SALT=app.config["SECRET_KEY"],
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_TOTP_SECRETS={"1": app.config["SECRET_KEY"]},
        SECURITY_TOTP_ISSUER="Clocher",
    )
    Security(app, SQLAlchemyUserDatastore(db, Account, RoleGrant), register_blueprint=False)
    manager: LoginManager = app.login_manager  # type: ignore[attr-defined]  # Flask-Login puts it there
    app.template_context_processors[None] = [
        processor
        for processor in app.template_context_processors[None]
        if getattr(processor, "__module__", "") != "flask_login.utils"  # it would load the account on every page
    ]
    manager.session_protection = None  # the session is our row: it can be seen and revoked


def hash_password(password: str) -> str:
    """The password as it is kept. Slow on purpose: never inside a write transaction."""
    guard_slow("hash a password")
    hashed: str = _hash(password)
    return hashed


def password_is(account: Account, password: str) -> bool:
    """Whether this is the account's password. Slow on purpose."""
    guard_slow("verify a password")
    if not account.password:
        return False
    right: Any = verify_and_update_password(password, account)
    return bool(right)
