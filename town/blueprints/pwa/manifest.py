"""The manifest: how the town looks on somebody's home screen."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from town.blueprints.pwa.colours import STONE, enamel
from town.blueprints.pwa.icons import SIZES
from town.blueprints.pwa.look import icon_url
from town.kernel.assets import static_url
from town.kernel.features import link_to
from town.kernel.language import language
from town.kernel.tenancy import current_town

SHARED = {
    "action": "/share",
    "method": "POST",
    "enctype": "multipart/form-data",
    "params": {
        "title": "title",
        "text": "text",
        "url": "url",
        "files": [{"name": "photos", "accept": ["image/*"]}],
    },
}
"""What a phone may hand over from its gallery. The worker takes it, without network too."""
LONGEST_SHORT_NAME = 12
"""What fits under an icon."""


def manifest() -> dict[str, Any]:
    """The manifest of the current town, in the language of this answer."""
    town = current_town()
    home = url_for("home.index")
    return {
        "id": home,
        "name": town.name,
        "short_name": short_name(town.name),
        "description": _("Notices of the town hall, things to borrow, and problems to report, among neighbours."),
        "lang": language(),
        "dir": "ltr",
        "start_url": home,
        "scope": "/",
        "display": "standalone",
        "theme_color": enamel(town.hue, town.chroma),
        "background_color": STONE,
        "categories": ["social", "government", "utilities"],
        "icons": [
            {
                "src": icon_url(name),
                "sizes": f"{SIZES[name]}x{SIZES[name]}",
                "type": "image/png",
                "purpose": "maskable" if name.startswith("maskable") else "any",
            }
            for name in ("192", "512", "maskable-192", "maskable-512")
        ],
        "shortcuts": _shortcuts(),
        "screenshots": _screenshots(),
        **({"share_target": SHARED} if link_to("complaints.new") else {}),
    }


def short_name(name: str) -> str:
    """« Saint-Loup » of « Saint-Loup-des-Tilleuls »: whole words, as many as fit under an icon."""
    short = name
    while len(short) > LONGEST_SHORT_NAME and any(mark in short for mark in "- "):
        short = short[: max(short.rfind("-"), short.rfind(" "))]
        while (last := max(short.rfind("-"), short.rfind(" "))) > 0 and short[last + 1 :].lower() in LINKS:
            short = short[:last]
    return short


LINKS = {"de", "des", "du", "la", "le", "les", "en", "sur", "sous", "et", "à", "aux", "lès", "l", "d"}


def _shortcuts() -> list[dict[str, Any]]:
    """The three things people come for, where the town has them."""
    offered = (
        (_("Report"), "complaints.new"),
        (_("Borrow"), "lending.index"),
        (_("Town notices"), "townhall.index"),
    )
    icon = {"src": icon_url("96"), "sizes": "96x96", "type": "image/png"}
    return [{"name": name, "url": url, "icons": [icon]} for name, endpoint in offered if (url := link_to(endpoint))]


SCREENS = {"home": ("390x844", "narrow"), "report": ("390x844", "narrow"), "wide": ("1280x800", "wide")}
"""Pictures of the demo town, made by `make screens`: how large, and for which sort of screen."""


def _screenshots() -> list[dict[str, str]]:
    said = {"home": _("What happens in the town"), "report": _("Report something"), "wide": _("The same on a computer")}
    return [
        {
            "src": static_url(f"screens/{name}.webp"),
            "sizes": sizes,
            "type": "image/webp",
            "form_factor": form,
            "label": said[name],
        }
        for name, (sizes, form) in SCREENS.items()
    ]
