"""What a text tells of somebody: a telephone, a mailbox, a bank account, a number plate. A reminder, never a proof."""

import re
from typing import Final

_SIGNS: Final = {
    "phone": re.compile(r"(?<!\d)(?:\+33|0033|0)[ .-]?[1-9](?:[ .-]?\d{2}){4}(?!\d)"),
    "email": re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"),
    "iban": re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"),
    "plate": re.compile(r"\b(?:[A-Z]{2}[ -]?\d{3}[ -]?[A-Z]{2}|\d{1,4} [A-Z]{2,3} (?:\d{2}|2[AB]))\b"),
}


def personal_signs(text: str) -> list[str]:
    """Which of « phone », « email », « iban », « plate » stand in the text."""
    return [name for name, sign in _SIGNS.items() if sign.search(text)]
