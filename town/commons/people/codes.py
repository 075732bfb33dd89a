"""Codes by e-mail: six figures, kept hashed, five tries, used once. Their page is named by 128 random bits."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from town.commons.people.models import Account, OneUseCode
from town.commons.people.sessions import token_hash
from town.kernel.db import db, flush, new_public_id, now
from town.kernel.refusals import Refused

FIGURES: Final = 6
TRIES: Final = 5
LASTS: Final = {
    "join": timedelta(minutes=60),
    "sign-in": timedelta(minutes=15),
    "password": timedelta(minutes=15),
    "email": timedelta(minutes=60),
}


class CodeSpent(Refused):
    """The code was used in the meantime, by another tab or a second tap."""

    sentence = _l("This code has just been used. Ask for another one.")


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a try: the code if it was right, and how many tries are left."""

    code: OneUseCode | None
    left: int


def make_code(
    purpose: str, email: str, account: Account | None = None, details: dict[str, Any] | None = None
) -> tuple[OneUseCode, str]:
    """A new code, and its figures, which are nowhere else than in the e-mail that carries them."""
    figures = "".join(secrets.choice("0123456789") for _ in range(FIGURES))
    code = OneUseCode(
        public_id=new_public_id(),
        account_id=account.id if account else None,
        purpose=purpose,
        email=email,
        details=details or {},
        expires_at=now() + LASTS[purpose],
    )
    code.code_hash = _seal(code, figures)
    db.session.add(code)
    flush()
    return code, figures


def send_again(code: OneUseCode) -> str:
    """New figures for the same page: those of before are worthless. Raises `CodeSpent`."""
    if code.used_at is not None:
        raise CodeSpent
    figures = "".join(secrets.choice("0123456789") for _ in range(FIGURES))
    code.code_hash, code.tries, code.expires_at = _seal(code, figures), 0, now() + LASTS[code.purpose]
    flush()
    return figures


def figures_of(typed: str) -> str | None:
    """What somebody typed as a code, spaces taken out; None when it cannot be one, which costs no try."""
    figures = "".join(typed.split()).replace("-", "").replace(".", "")
    return figures if len(figures) == FIGURES and figures.isascii() and figures.isdigit() else None


def try_code(purpose: str, public_id: str, figures: str) -> Tried:
    """Try a code. The try is counted for good before anything is compared: a hundred at once are still five."""
    living = (OneUseCode.tries < TRIES) & OneUseCode.used_at.is_(None) & (OneUseCode.expires_at > now())
    of_it = (OneUseCode.public_id == public_id) & (OneUseCode.purpose == purpose)
    counted = db.session.scalar(
        update(OneUseCode).where(of_it, living).values(tries=OneUseCode.tries + 1).returning(OneUseCode.tries)
    )
    db.session.commit()  # an answer of 422 would take the try back
    code = db.session.scalar(select(OneUseCode).where(of_it))
    if code is None or counted is None:
        return Tried(None, 0)
    right = hmac.compare_digest(code.code_hash, _seal(code, figures))
    return Tried(code if right else None, TRIES - counted)


def use(code: OneUseCode) -> None:
    """The right code does what it was for: once. Raises `CodeSpent`."""
    unused = (OneUseCode.id == code.id) & OneUseCode.used_at.is_(None)
    if db.session.scalar(update(OneUseCode).where(unused).values(used_at=now()).returning(OneUseCode.id)) is None:
        raise CodeSpent


def _seal(code: OneUseCode, figures: str) -> str:
    """Worthless in a copy of this file that belongs to another town."""
    return token_hash(f"{code.purpose}:{code.public_id}:{figures}")
