"""The second factor of the town hall's staff: a code of six figures from an app on their phone, each used once."""

import hashlib
from typing import Any, Final

from flask import current_app
from flask_security.totp import Totp
from passlib.exc import TokenError
from passlib.totp import TOTP, AppWallet
from sqlalchemy import or_, update

from town.commons.audit import audit
from town.commons.people import sessions
from town.commons.people.codes import CodeSpent
from town.commons.people.models import Account, Person
from town.kernel.db import db, guard_slow, now
from town.kernel.tenancy import current_town

SLACK: Final = 30
"""Seconds that a phone's clock may be wrong."""
PASSED = "second_factor"


class SecondFactors(Totp):
    """Flask-Security's factory, which reads what former keys encrypted and writes with the present one.

    keys: the present one first. Each goes by a name made of itself, which outlives a rotation.
    """

    def __init__(self, keys: list[str]) -> None:
        named = {hashlib.sha256(key.encode()).hexdigest()[:12]: key for key in keys}
        self._totp: Any = TOTP.using(wallet=AppWallet(named, default_tag=next(iter(named))))

    def address(self, secret: str, email: str) -> str:
        """What the QR code holds: the town's name stands in the app's list."""
        return str(self._totp.from_source(secret).to_uri(email, issuer=current_town().name.replace(":", " ")))

    def step(self, secret: str, typed: str) -> int | None:
        """Which half-minute this code belongs to, if it is right. Deciphering is slow."""
        guard_slow("verify a second factor")
        try:
            return int(self._totp.verify(typed, secret, window=SLACK, time=now()).counter)
        except TokenError:
            return None


def factory() -> SecondFactors:
    made: SecondFactors = current_app.extensions["second_factors"]
    return made


def new_secret() -> str:
    """A new secret, encrypted."""
    return str(factory().generate_totp_secret())


def pass_second_factor(account: Account, step: int, secret: str | None = None) -> None:
    """This account's code of that half-minute was right: its staff rights wake. Raises `CodeSpent` the second time.

    secret: the one just proved to be on the phone, when this sets the factor up.
    """
    fresh = or_(Account.tf_last_step.is_(None), Account.tf_last_step < step)
    use = update(Account).where(Account.id == account.id, fresh).values(tf_last_step=step).returning(Account.id)
    if secret is not None:
        use = use.values(tf_totp_secret=secret)
        audit("account:2fa:add", actor=account.person, on=account.person)
    if db.session.execute(use).first() is None:
        raise CodeSpent
    visit = sessions.this_session()
    visit[PASSED] = True
    visit["confirmed_at"] = int(now().timestamp())
    sessions.renew()


def forget_second_factor(account: Account, *, by: Person | str) -> None:
    """The phone is lost: somebody else of the staff, or the operator, takes the factor away. Sessions end.

    by: a person, or what the operator is called in the audit, such as « cli:1000 ».
    """
    account.tf_totp_secret = account.tf_last_step = None
    sessions.end_everywhere(account)
    actor = by if isinstance(by, Person) else None
    audit("account:2fa:remove", actor=actor, on=account.person, **({} if actor else {"by": str(by)}))
