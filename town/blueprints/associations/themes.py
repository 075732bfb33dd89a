"""The themes under which associations are found, from the nomenclature of the national register, in a town's words."""

from typing import Final

from flask_babel import lazy_gettext as _l

THEMES: Final = {
    "nature": (_l("Nature and gardens"), "leaf"),
    "sport": (_l("Sport"), "flag"),
    "culture": (_l("Culture and heritage"), "book"),
    "music": (_l("Music and dance"), "sound"),
    "solidarity": (_l("Solidarity"), "heart"),
    "families": (_l("Families and schools"), "school"),
    "elders": (_l("Elders"), "neighbours"),
    "festive": (_l("Festivities"), "event"),
    "veterans": (_l("Remembrance"), "flag"),
    "other": (_l("Something else"), "association"),
}
LABELS: Final = {key: label for key, (label, _icon) in THEMES.items()}
OTHER: Final = "other"

REGISTER: Final = {
    "006030": "music", "006040": "music",
    "006": "culture", "007": "festive", "009": "families", "010": "culture", "011": "sport", "013": "nature",
    "014": "festive", "015": "families", "017": "solidarity", "018": "solidarity", "019": "solidarity",
    "020": "solidarity", "021": "families", "024": "nature", "032": "solidarity", "036": "solidarity",
    "038": "veterans",
}  # fmt: skip
"""By `objet_social1` or its first three digits, as the Journal officiel names them: 006030 singing and music, 006040
dance, 006 artistic practice, 007 leisure, 009 socio-cultural, 010 heritage, 011 sport, 013 hunting and fishing, 014
friendly societies, 015 education, 017 health, 018 care homes, 019 social work, 020 charity, 021 families and
elders, 024 environment, 032 housing, 036 civil protection, 038 veterans. What is left (politics, religion, economy,
tourism…) has no theme of its own here."""


def theme_of(purpose_code: str) -> str:
    """The theme of a purpose as the register codes it."""
    return REGISTER.get(purpose_code[:6]) or REGISTER.get(purpose_code[:3], OTHER)
