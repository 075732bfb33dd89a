"""Codes on postcards: eight characters that nobody mistakes for others, kept only as an HMAC with the town's pepper."""

import hashlib
import hmac
import re
import secrets
import unicodedata
from typing import Final

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from town.kernel.tenancy import current_town, towns

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH: Final = 8
EXAMPLE: Final = "CERF\u20114827"
"""Its dash does not break at the end of a line."""
_BETWEEN: Final = re.compile(r"[\s\-_.‐-―−]+")


class NotACode(ValueError):
    """What was typed cannot be a code, whatever the card says; `sentence` helps to find the slip."""

    def __init__(self, sentence: LazyString) -> None:
        super().__init__()
        self.sentence = sentence


def make_code() -> str:
    """A new code: about 39 random bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def grouped(code: str) -> str:
    """« CERF-4827 », as the card shows it."""
    return f"{code[:4]}-{code[4:]}"


def read_code(typed: str) -> str:
    """The code that was typed, whatever its case, spaces and dashes. Raises `NotACode`."""
    code = _BETWEEN.sub("", unicodedata.normalize("NFKC", typed)).upper()
    for character in code:
        if character in "0O1IL":
            raise NotACode(
                _l(
                    "There is no “%(character)s” in a code: it never holds 0, O, 1, I or L. It looks like %(example)s.",
                    character=character,
                    example=EXAMPLE,
                )
            )
        if character not in ALPHABET:
            raise NotACode(_l("The code holds only letters and digits. It looks like %(example)s.", example=EXAMPLE))
    if len(code) < LENGTH:
        raise NotACode(_l("Some characters are missing. The code looks like %(example)s.", example=EXAMPLE))
    if len(code) > LENGTH:
        raise NotACode(_l("There are too many characters. The code looks like %(example)s.", example=EXAMPLE))
    return code


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
