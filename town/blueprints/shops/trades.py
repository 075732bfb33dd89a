"""Trades: what a shop is, for people who look for one. The register's own codes are mapped to them in town/data."""

from collections.abc import Mapping
from typing import Final

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from town.kernel.tenancy import current_town

OTHER: Final = "other"

TRADES: Final[Mapping[str, tuple[LazyString, str]]] = {
    "bakery": (_l("Bakery"), "shop"),
    "butcher": (_l("Butcher, fishmonger"), "shop"),
    "grocery": (_l("Grocery"), "shop"),
    "producer": (_l("Local producer"), "leaf"),
    "restaurant": (_l("Restaurant"), "pot"),
    "cafe": (_l("Café, bar"), "pot"),
    "lodging": (_l("Hotel, guest house"), "moon"),
    "pharmacy": (_l("Pharmacy"), "pharmacy"),
    "health": (_l("Health"), "heart"),
    "hair": (_l("Hair and beauty"), "person"),
    "press": (_l("Newspapers, tobacco, books"), "book"),
    "clothes": (_l("Clothes and gifts"), "shop"),
    "flowers": (_l("Flowers and garden"), "leaf"),
    "hardware": (_l("Hardware and household"), "gear"),
    "building": (_l("Building and repairs"), "gear"),
    "wood": (_l("Joiner, carpenter"), "gear"),
    "garage": (_l("Garage, fuel, cycles"), "carpool"),
    "services": (_l("Services"), "help"),
    "leisure": (_l("Sport and leisure"), "event"),
    OTHER: (_l("Other trade"), "shop"),
}


def trade_name(trade: str) -> str:
    """In the language of whoever reads."""
    return str(TRADES.get(trade, TRADES[OTHER])[0])


def trade_on_the_board(trade: str) -> str:
    """In the town's own language: cards are the same for everybody."""
    with force_locale(current_town().language):
        return trade_name(trade)
