"""Keeping a shop's page: what it says of itself, and its end. New ones are opened at the town hall's desk."""

from flask import flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from town.blueprints.shops.forms import ShopForm
from town.blueprints.shops.models import Shop
from town.blueprints.shops.views import TOWN_HALL, feature, found, kept
from town.commons.people import me
from town.commons.people.access import SIGNED_IN
from town.kernel.db import db
from town.kernel.policy import authorize
from town.kernel.web import page, see


@feature.get("/<public_id>/edit", access=SIGNED_IN)
def edit(public_id: str) -> ResponseReturnValue:
    shop = kept(public_id)
    return _editing(shop, ShopForm(shop))


def _editing(shop: Shop, form: ShopForm, status: int = 200) -> ResponseReturnValue:
    pictures = db.session.scalars(shop.pictures()).all()
    return page("shops/edit.html", shop=shop, form=form, pictures=pictures, status=status)


@feature.post("/<public_id>", access=SIGNED_IN, shows="shops.edit")
def update(public_id: str) -> ResponseReturnValue:
    form = ShopForm(kept(public_id))  # decoding photos ends the transaction that found it
    shop = kept(public_id)
    if not form.validate():
        return _editing(shop, form, status=422)
    form.fill(shop)
    shop.move(form.where.data or "")
    shop.change(form.photos.data, drop=request.form.getlist("drop"), by=me())
    flash(_("Kept."), "ok")
    return see("shops.show", public_id=public_id)


@feature.post("/<public_id>/closing", access=TOWN_HALL, shows="shops.show")
def close(public_id: str) -> ResponseReturnValue:
    """The shop is no more. Its page says so to whoever kept its address."""
    shop = found(public_id)
    authorize("close", shop)
    shop.close(me())
    flash(_("The page says now that this shop has closed."), "ok")
    return see("shops.index")
