"""Passwords: hashed with Argon2, slow on purpose, and refused only when others would guess them."""

import unicodedata
from typing import Final

from flask import current_app
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from flask_security.utils import hash_password as _hash
from flask_security.utils import verify_password as _verify

from town.kernel.db import guard_slow
from town.kernel.text import fold

SHORTEST: Final = 10
LONGEST: Final = 1024
ENOUGH_OF_ONES_OWN: Final = 6
"""Characters that must be left of a password once what everybody knows is taken out of it."""
KNOWN_TO_ALL: Final = (
    "azertyuiop",
    "qwertyuiop",
    "qsdfghjklm",
    "asdfghjkl",
    "1234567890",
    "0987654321",
    "motdepasse",
    "password",
    "passw0rd",
    "jetaime",
    "iloveyou",
    "bonjour",
    "doudou",
    "soleil",
    "admin",
    "welcome",
    "clocher",
    "mairie",
    "commune",
    "azerty",
    "qwerty",
    "12345678",
    "123456",
)


def what_is_wrong_with(password: str, *known: str) -> LazyString | None:
    """Why this password would be guessed, in a sentence, or None. `known`: their name, e-mail and town."""
    if len(password) < SHORTEST:
        return _l("Ten characters at least: three words in a row are easy to keep in mind.")
    if len(password) > LONGEST or "\x00" in password:
        return _l("This password is too long. A thousand characters are enough.")
    own = fold(password).replace(" ", "")
    words = [word for text in known for word in fold(text).split() if len(word) > 2]
    for word in sorted((*words, *KNOWN_TO_ALL), key=len, reverse=True):
        own = own.replace(word, "")
    others = sum(not character.isalnum() for character in password)
    if len(own) + others < ENOUGH_OF_ONES_OWN or len(set(own)) < 4:
        return _l("This password is one that others try first. Choose three words of your own.")
    return None


def hash_password(password: str) -> str:
    """The password as it is kept. Slow on purpose: never inside a write transaction."""
    guard_slow("hash a password")
    hashed: str = _hash(_normal(password))
    return hashed


def password_is(hashed: str | None, password: str) -> bool:
    """Whether this is the password that was kept so. As slow when none was: nobody learns who has an account."""
    guard_slow("verify a password")
    if len(password) > LONGEST or "\x00" in password:
        return False
    right: bool = _verify(_normal(password), hashed or _nobodys())
    return right and hashed is not None


def _normal(password: str) -> str:
    """Keyboards write é in two ways."""
    return unicodedata.normalize("NFKD", password)


def _nobodys() -> str:
    kept: str | None = current_app.extensions.get("nobodys_password")
    if kept is None:
        kept = current_app.extensions["nobodys_password"] = hash_password("nobody has this password")
    return kept
