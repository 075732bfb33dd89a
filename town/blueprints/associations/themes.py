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
    "006": "culture", "007": "festive", "009": "other", "011": "sport", "013": "sport", "014": "culture",
    "015": "families", "016": "solidarity", "017": "solidarity", "018": "elders", "019": "solidarity",
    "020": "solidarity", "021": "families", "023": "other", "024": "nature", "030": "other", "032": "other",
    "034": "nature", "036": "festive", "038": "veterans", "040": "solidarity",
}  # fmt: skip
"""The first three digits of `objet_social1` of the register (RNA), as its documentation names them."""


def theme_of(purpose_code: str) -> str:
    """The theme of a purpose as the register codes it."""
    return REGISTER.get(purpose_code[:3], OTHER)
