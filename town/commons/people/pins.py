"""A phone that a household shares: each comes back with a few figures, where they have signed in with their password.

What it is made against: a child of the house who guesses, and a phone that is lost. Five wrong tries and the PIN is
gone; it opens this device alone, proves nothing where the password is asked for again, and staff never have one.
"""

import re
import secrets
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from flask import Response, request
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, delete, exists, func, select, update
from sqlalchemy.orm import contains_eager

from town.commons.audit import audit
from town.commons.people.models import Account, Person, Pin, RoleGrant
from town.commons.people.passwords import hash_password, password_is
from town.commons.people.sessions import device, secure, this_session, token_hash, token_hashes
from town.kernel.db import db, flush, now
from town.kernel.refusals import Refused
from town.kernel.retention import Span, forgets

TRIES: Final = 5
MOST_HERE: Final = 6
"""A household, not a queue."""
FIGURES: Final = re.compile(r"[0-9]{4,8}")
LASTS: Final = timedelta(days=365)
LONGEST_COOKIE: Final = 100


class NotForStaff(Refused):
    """Whoever works for the town hall signs in with their password and second factor."""

    sentence = _l("Whoever works for the town hall signs in with their password, on every device.")


class TooManyHere(Refused):
    """The device is not a household's any more."""

    sentence = _l("Six people have a PIN on this device already.")


def guessable(figures: str) -> bool:
    """What a child tries first: one figure again and again, figures in a row, a pair again, a year of birth."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(figures)}
    year = len(figures) == 4 and figures[:2] in ("19", "20")
    return len(steps) == 1 or figures[:2] * (len(figures) // 2) == figures or year


def _cookie() -> str:
    return "__Host-d" if secure() else "d"


def _token() -> str:
    """The device's own cookie, which says nothing about anybody."""
    token = request.cookies.get(_cookie(), "")
    return token if len(token) <= LONGEST_COOKIE else ""


def pins_here() -> Select[Pin]:
    """Who may come back on this device with a PIN: people who live here and do not work for the town hall."""
    return known_here().where(Pin.tries < TRIES)


def known_here() -> Select[Pin]:
    """The same, with those whose last try has just been counted."""
    staff = exists().where(RoleGrant.person_id == Person.id)
    known = token_hashes(_token()) if _token() else []
    found = select(Pin).join(Pin.account).join(Account.person).where(Pin.device_hash.in_(known))
    found = found.options(contains_eager(Pin.account).contains_eager(Account.person))
    return found.where(Account.active, Person.left_at.is_(None), ~staff).order_by(Pin.created_at, Pin.id)


def pins_of(account_id: int | None) -> Select[Pin]:
    """On which devices this account has a PIN."""
    return select(Pin).where(Pin.account_id == account_id).order_by(Pin.used_at.desc(), Pin.id)


def sealed(figures: str) -> str:
    """As the town keeps it. Slow on purpose: outside any transaction."""
    return hash_password(f"pin:{figures}")


def set_pin(account: Account, figures: str) -> str:
    """This person comes back here with these figures, `sealed`. Gives the device's token, to be handed to `give`."""
    if account.person.staff:
        raise NotForStaff
    token = _token() or secrets.token_urlsafe(32)
    known = token_hashes(token)
    db.session.execute(delete(Pin).where(Pin.device_hash.in_(known), Pin.account_id == account.id))
    if (db.session.scalar(select(func.count()).select_from(Pin).where(Pin.device_hash.in_(known))) or 0) >= MOST_HERE:
        raise TooManyHere
    pin = Pin(account_id=account.id, device_hash=token_hash(token), device=device(), figures=figures)
    db.session.add(pin)
    flush()
    this_session()["pin"] = pin.public_id
    audit("account:pin:set", actor=account.person)
    return token


def give(response: Response, token: str = "") -> Response:
    """The device keeps its cookie, a new one or the one it has, for as long as a PIN lasts."""
    response.set_cookie(
        _cookie(), token or _token(), max_age=LASTS, path="/", secure=secure(), httponly=True, samesite="Lax"
    )
    return response


def count_try(pin: Pin) -> int | None:
    """A try is counted for good before anything is compared: a hundred at once are still five. None: no try is left."""
    counted: int | None = db.session.scalar(
        update(Pin).where(Pin.id == pin.id, Pin.tries < TRIES).values(tries=Pin.tries + 1).returning(Pin.tries)
    )
    db.session.commit()  # an answer of 422 would take the try back
    return counted


def pin_is(kept: str, figures: str) -> bool:
    """Whether these are the figures. Slow on purpose: outside any transaction."""
    return password_is(kept, f"pin:{figures}")


def right(pin: Pin) -> None:
    """Somebody is back: their tries begin anew."""
    pin.tries, pin.used_at = 0, now()
    flush()


def spent(pin: Pin) -> None:
    """Five wrong tries: this PIN opens nothing any more, and its owner chooses another with their password."""
    owner = pin.account.person
    if db.session.scalar(delete(Pin).where(Pin.id == pin.id).returning(Pin.id)) is not None:  # only once
        audit("account:pin:exhausted", on=owner)


def note_here(account: Account) -> None:
    """This session knows the PIN of its device, so that signing the device out from elsewhere ends the PIN too."""
    if _token():
        found = db.session.scalar(pins_here().where(Pin.account_id == account.id))
        if found is not None:
            this_session()["pin"] = found.public_id


@forgets(
    "people.pins",
    what=_l("On which shared devices you come back with a PIN"),
    why=_l("So that a household may share a phone"),
    then=_l("It is erased, and the device asks for your password"),
    lasts=Span(months=12),
    since=_l("after you last used it there, or when you end it"),
    rows=lambda: select(Pin.id),
    over=lambda limit: Pin.used_at < limit,
    guarded=False,
)
def forget_unused(limit: datetime) -> None:
    db.session.execute(delete(Pin).where(Pin.used_at < limit))
