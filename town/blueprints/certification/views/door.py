"""The feature itself, who may work at its desk, and how many codes may be tried."""

from flask_babel import lazy_gettext as _l

from town.blueprints.certification.queries import CERTIFIERS
from town.commons.people.access import role
from town.kernel.features import DeskPage, Feature
from town.kernel.limits import Limit, by_network

feature = Feature(
    "certification",
    "town.blueprints.certification",
    title=_l("Proof of address"),
    icon="certified",
    essential=True,  # without it nobody could ever become a neighbour
    short={
        "/c": "code",
        "/carte": "code",
        "/boite": "letterbox",
        "/c/<public_id>": "letterbox_of",
        "/adresse": "index",
    },
    desk=[
        DeskPage("desk", _l("Proof of address"), "postcard"),
        DeskPage("letters", _l("Postcards to print"), "print"),
        DeskPage("launches", _l("Letterbox cards"), "postcard", daily=False),
    ],
)

DESK = role(*CERTIFIERS, step_up=True)
CODES = Limit("postcard", "15 per day", by_network, _l("Too many codes were tried from here. Please try tomorrow."))
