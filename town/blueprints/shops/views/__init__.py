"""The addresses of shops: the directory, a shop's page, its window, and keeping them."""

from collections.abc import Callable
from typing import Any, Literal

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select

from town.blueprints.shops.models import SORTS, Offer, Shop
from town.blueprints.shops.policy import OF_THE_TOWN_HALL
from town.blueprints.shops.queries import for_everybody, offers_for, shops_for
from town.commons.people.access import role
from town.commons.people.hats import my_hats
from town.commons.people.visit import Visitor, visitor
from town.kernel.db import db, get_or_404
from town.kernel.features import Feature, Gesture
from town.kernel.media import register_guard
from town.kernel.policy import authorize

TOWN_HALL = role(*OF_THE_TOWN_HALL)


def _gestures() -> list[Gesture]:
    """One tap from home to the counter's form, for whoever runs a shop."""
    hats = my_hats(*SORTS)
    note = len(hats) > 1
    return [
        Gesture(
            "offer",
            _("Publish an offer"),
            url_for("shops.new_offer", public_id=hat.public_id),
            hat.name if note else "",
            hat.public_id,
        )
        for hat in hats
    ]


feature = Feature("shops", __name__, title=_l("Shops"), icon="shop", short={"/commerces": "index"}, gestures=_gestures)


def found(public_id: str) -> Shop:
    """The shop whose page that is."""
    return get_or_404(shops_for(visitor()), public_id=public_id)


def kept(public_id: str) -> Shop:
    """A shop, to be changed: whoever does not run it gets a 403."""
    shop = found(public_id)
    authorize("keep", shop, _l("Only whoever runs this shop, and the town hall, can change this."))
    return shop


def _sees(number: int, seen: Callable[[Visitor], Select[Any]], model: Any) -> Literal["public", "private"] | None:
    """Pictures are for everybody, but those of what is hidden."""
    asked = seen(visitor()).with_only_columns(model.id, for_everybody(model)).where(model.id == number)
    found = db.session.execute(asked).first()
    return None if found is None else "public" if found[1] else "private"


register_guard(Shop.__tablename__, lambda number: _sees(number, shops_for, Shop))
register_guard(Offer.__tablename__, lambda number: _sees(number, offers_for, Offer))

from town.blueprints.shops.views import directory, hours, keeping, offers  # noqa: E402, F401  # they declare addresses
