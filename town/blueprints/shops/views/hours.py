"""The hours of a shop, day by day, and its closures."""

from flask import flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from town.blueprints.shops.forms import HoursForm
from town.blueprints.shops.forms.hours import WEEKDAYS
from town.blueprints.shops.models import Shop
from town.blueprints.shops.views import feature, kept
from town.commons.people.access import SIGNED_IN
from town.commons.places.hours import Hours, days_of_week
from town.kernel.tenancy import current_town
from town.kernel.web import page, see


@feature.get("/<public_id>/hours", access=SIGNED_IN)
def edit_hours(public_id: str) -> ResponseReturnValue:
    shop = kept(public_id)
    form = HoursForm(known=shop.hours)
    if request.method == "GET":  # a refusal shows what was typed
        form.show(shop.hours, shop.timetable.closures)
    return _show(shop, form)


def _show(shop: Shop, form: HoursForm, status: int = 200) -> ResponseReturnValue:
    meant = Hours(form.suggestion, current_town().timezone) if form.suggestion else None
    return page(
        "shops/hours.html",
        shop=shop,
        form=form,
        weekdays=WEEKDAYS,
        meant=days_of_week(meant) if meant else [],
        status=status,
    )


@feature.post("/<public_id>/hours", access=SIGNED_IN, shows="shops.edit_hours")
def keep_hours(public_id: str) -> ResponseReturnValue:
    shop = kept(public_id)
    form = HoursForm(known=shop.hours)
    if request.form.get("meant"):
        form.take(request.form["meant"])
    if not form.validate():
        return _show(shop, form, status=422)
    shop.keep_hours(form.expression, form.closed_days)
    flash(_("Your hours are up to date."), "ok")
    return see("shops.show", public_id=public_id)
