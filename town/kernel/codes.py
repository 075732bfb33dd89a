"""Codes that people read on paper and type: no character that is mistaken for another, any case, spaces or dashes."""

import hashlib
import re
import unicodedata
from typing import Final

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_BETWEEN: Final = re.compile(r"[\s\-_.‐-―−]+")


class NotACode(ValueError):
    """What was typed cannot be a code, whatever the paper says; `sentence` helps to find the slip."""

    def __init__(self, sentence: LazyString) -> None:
        super().__init__()
        self.sentence = sentence


def read_code(typed: str, length: int, example: str) -> str:
    """The code of so many characters that was typed. Raises `NotACode`."""
    code = _BETWEEN.sub("", unicodedata.normalize("NFKC", typed)).upper()
    for character in code:
        if character in "0O1IL":
            raise NotACode(
                _l(
                    "There is no “%(character)s” in a code: it never holds 0, O, 1, I or L. It looks like %(example)s.",
                    character=character,
                    example=example,
                )
            )
        if character not in ALPHABET:
            raise NotACode(_l("The code holds only letters and digits. It looks like %(example)s.", example=example))
    if len(code) < length:
        raise NotACode(_l("Some characters are missing. The code looks like %(example)s.", example=example))
    if len(code) > length:
        raise NotACode(_l("There are too many characters. The code looks like %(example)s.", example=example))
    return code


def code_of(name: str, length: int) -> str:
    """The code that a name always has. Two names may share one: whoever looks a code up expects several."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest())
    letters = []
    for _ in range(length):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "".join(letters)
