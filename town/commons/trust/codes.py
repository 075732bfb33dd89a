"""Codes on postcards: eight characters that nobody mistakes for others, kept only as an HMAC with the town's pepper."""

import hashlib
import hmac
import secrets
from typing import Final

from town.kernel import codes
from town.kernel.codes import ALPHABET, NotACode
from town.kernel.tenancy import current_town, towns

__all__ = ["ALPHABET", "EXAMPLE", "NotACode", "grouped", "hashed", "make_code", "matches", "read_code"]

LENGTH: Final = 8
EXAMPLE: Final = "CERF\u20114827"
"""Its dash does not break at the end of a line."""


def make_code() -> str:
    """A new code: about 39 random bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def grouped(code: str) -> str:
    """« CERF-4827 », as the card shows it."""
    return f"{code[:4]}-{code[4:]}"


def read_code(typed: str) -> str:
    """The code that was typed, whatever its case, spaces and dashes. Raises `NotACode`."""
    return codes.read_code(typed, LENGTH, EXAMPLE)


def hashed(code: str, card: str) -> str:
    """What the file keeps of the code of the card with that public id."""
    return _hashed(towns().settings.key(), code, card)


def matches(code: str, card: str, kept: str) -> bool:
    """Whether this is the card's code. A wrong one takes as long as the right one."""
    settings = towns().settings
    keys = [settings.key(), *(key.get_secret_value() for key in settings.secret_key_fallbacks)]
    found = [hmac.compare_digest(_hashed(key, code, card), kept) for key in keys]
    return any(found)


def _hashed(key: str, code: str, card: str) -> str:
    pepper = f"{key}:{current_town().uid}:postcard".encode()  # the uid is in the registry, never in the town's file
    return hmac.new(pepper, f"{card}:{code}".encode(), hashlib.sha256).hexdigest()
