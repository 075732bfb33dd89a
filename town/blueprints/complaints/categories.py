"""What a report can be about. Sensitive subjects concern somebody in particular, so they are never made public."""

from dataclasses import dataclass
from typing import Final

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString


@dataclass(frozen=True, slots=True)
class Category:
    """One tile of the form."""

    label: LazyString
    icon: str
    sensitive: bool = False


CATEGORIES: Final = {
    "roads": Category(_l("Road, pavement"), "complaint"),
    "lighting": Category(_l("Street light"), "light"),
    "cleanliness": Category(_l("Cleanliness"), "broom"),
    "green": Category(_l("Parks, trees"), "leaf"),
    "water": Category(_l("Water, drains"), "drop"),
    "noise": Category(_l("Noise, neighbours"), "sound", sensitive=True),
    "school": Category(_l("School, canteen"), "school", sensitive=True),
    "paperwork": Category(_l("Paperwork"), "document", sensitive=True),
    "idea": Category(_l("An idea"), "idea"),
    "thanks": Category(_l("A thank-you"), "heart"),
    "other": Category(_l("Something else"), "question"),
}

SENSITIVE: Final = frozenset(name for name, category in CATEGORIES.items() if category.sensitive)


def category_label(name: str) -> str:
    """The words of a category; those of « something else » for one that the code no longer has."""
    return str(CATEGORIES.get(name, CATEGORIES["other"]).label)
