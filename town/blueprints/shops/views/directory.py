"""The directory: by trade, by quarter, by name, open now; and the page of one shop. For anybody."""

from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from town.blueprints.shops import queries
from town.blueprints.shops.forms.shop import PAID_BY
from town.blueprints.shops.models import Offer, Shop, offers_now
from town.blueprints.shops.trades import TRADES
from town.blueprints.shops.views import feature, found
from town.commons.people.access import PUBLIC
from town.commons.people.visit import visitor
from town.commons.places.concerns import quarters
from town.commons.places.hours import days_of_week
from town.commons.places.hours.words import closure_words, state_of
from town.commons.takeaway.facts import tells
from town.kernel.db import db
from town.kernel.features import link_to
from town.kernel.web import page


def _asked(name: str, longest: int = 60) -> str:
    return request.args.get(name, "").replace("\x00", "")[:longest]


@feature.get("/", access=PUBLIC)
def index() -> ResponseReturnValue:
    chosen: dict[str, Any] = {"trade": _asked("trade"), "quarter": _asked("quarter"), "q": _asked("q")}
    chosen["open"] = "1" if request.args.get("open") == "1" else ""
    asked = queries.directory(
        chosen["trade"], chosen["quarter"], chosen["q"], bool(chosen["open"]), after=_asked("after")
    )
    rows = [queries.shop_row(row) for row in db.session.execute(asked)]
    shown = rows[: queries.PAGE]
    more = url_for("shops.index", **_said(chosen), after=shown[-1].public_id) if len(rows) > queries.PAGE else ""
    return page(
        "shops/index.html",
        "older",
        shops=shown,
        older=more,
        chosen=chosen,
        trades=TRADES,
        here=queries.known_trades(db.session.execute(queries.trades_here()).all()),
        quarters=db.session.scalars(quarters()).all(),
        shop_type=Shop,
        address=lambda **change: url_for("shops.index", **_said({**chosen, **change})),
    )


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


@feature.get("/<public_id>", access=PUBLIC)
def show(public_id: str) -> ResponseReturnValue:
    shop = found(public_id)
    if shop.closed:
        return page("shops/closed.html", shop=shop, status=410)
    hours = shop.timetable
    return page(
        "shops/shop.html",
        shop=shop,
        trades=TRADES,
        pictures=db.session.scalars(shop.pictures()).all(),
        offers=db.session.scalars(offers_now().where(Offer.shop_id == shop.id)).all(),
        state=state_of(hours),
        week=days_of_week(hours) if hours.known else [],
        coming=[closure for closure in hours.closures if closure.ahead],
        closure_words=closure_words,
        remark=hours.remark,
        payments=[str(PAID_BY[one]) for one in shop.payments if one in PAID_BY],
        kept=shop.run_by_somebody(),
        claim=link_to("organisations.claim", public_id=public_id) if _may_claim() else "",
    )


def _may_claim() -> bool:
    """Certified neighbours, and visitors, who sign in on the way."""
    return visitor().certified or not visitor().signed_in


def _told(shop: Shop) -> list[tuple[str, str]]:
    """What its page says, for whoever reads a copy of the town."""
    of, hours = shop.organisation, shop.timetable
    week = [f"{row.name} : {row.words}" for row in days_of_week(hours)] if hours.known else []
    return [
        (_("Opening hours"), "\n".join([*week, hours.remark] if hours.remark else week)),
        (_("On the spot"), ", ".join(part for part in (shop.services, shop.accessibility) if part)),
        (_("Address"), shop.where),
        (_("Phone"), of.phone),
        (_("E-mail"), of.email),
        (_("Website"), of.website),
    ]


tells(Shop, _told)
