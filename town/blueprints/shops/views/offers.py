"""Offers, from the counter: three fields, a look at what will be seen, and into the window."""

from flask import flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from town.blueprints.shops import queries
from town.blueprints.shops.forms import OfferForm
from town.blueprints.shops.models import Offer, Shop
from town.blueprints.shops.views import feature, kept
from town.commons.people import me, visitor
from town.commons.people.access import PUBLIC, SIGNED_IN
from town.kernel.db import db, get_or_404, set_writing
from town.kernel.limits import Limit, by_person
from town.kernel.policy import authorize
from town.kernel.web import page, see

MADE = Limit("shops.offer", "30 per day", by_person, _l("That is many offers for one day. Go on tomorrow."))


@feature.get("/<public_id>/offers/new", access=SIGNED_IN)
def new_offer(public_id: str) -> ResponseReturnValue:
    shop = kept(public_id)
    form = OfferForm(shop)
    former = _former(shop, request.args.get("again"))
    if former is not None and request.method == "GET":  # a refusal shows what was typed
        form.repeat(former)
    return _making(shop, form)


def _former(shop: Shop, public_id: str | None) -> Offer | None:
    if not public_id or "\x00" in public_id:
        return None
    return db.session.scalar(queries.former(shop.id).where(Offer.public_id == public_id))


def _making(shop: Shop, form: OfferForm, status: int = 200) -> ResponseReturnValue:
    return page(
        "shops/offering.html",
        "preview",
        status=status,
        shop=shop,
        form=form,
        sample=form.sample(shop, _former(shop, form.again.data)),
        former=db.session.scalars(queries.former_offers(shop.id)).all(),
    )


@feature.post("/<public_id>/offers/look", access=SIGNED_IN)
def look(public_id: str) -> ResponseReturnValue:
    """The half-written offer again, with the card that neighbours would see. Nothing is kept."""
    set_writing(False)
    return _making(shop := kept(public_id), OfferForm(shop))


@feature.post("/<public_id>/offers", access=SIGNED_IN, shows="shops.new_offer", limits=(MADE,))
def create_offer(public_id: str) -> ResponseReturnValue:
    form = OfferForm(kept(public_id))  # decoding a photo ends the transaction that found it
    shop = kept(public_id)
    if not form.validate() or form.moment is None:
        return _making(shop, form, status=422)
    Offer.make(
        shop,
        me(),
        form.title.data or "",
        form.moment,
        price=form.cents,
        stock=form.stock.data or "",
        photos=form.photos.data,
        again=_former(shop, form.again.data),
    )
    flash(_("In the window: everybody sees it on the home page."), "ok")
    return see("shops.show", public_id=public_id)


@feature.get("/offers/<public_id>", access=PUBLIC)
def offer(public_id: str) -> ResponseReturnValue:
    shown = get_or_404(queries.offers_for(visitor()), public_id=public_id)
    pictures = db.session.scalars(shown.pictures()).all()
    return page("shops/offer.html", offer=shown, shop=shown.shop, pictures=pictures)


@feature.post("/offers/<public_id>/end", access=SIGNED_IN, shows="shops.offer")
def end_offer(public_id: str) -> ResponseReturnValue:
    """Sold out: it leaves the window at once."""
    ended = get_or_404(queries.offers_for(visitor()), public_id=public_id)
    authorize("end", ended, _l("Only whoever runs this shop, and the town hall, can change this."))
    ended.end(me())
    flash(_("Taken out of the window."), "ok")
    return see("shops.show", public_id=ended.shop.public_id)
