"""Questions about shops: the directory in one query whatever its length, and who may open what."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import joinedload

from town.blueprints.shops.models import SORTS, Offer, Shop
from town.blueprints.shops.trades import TRADES
from town.commons.holds import not_held, open_to
from town.commons.people.hats import my_hats
from town.commons.people.organisations import Organisation
from town.commons.people.visit import Visitor
from town.commons.places.hours.openings import closes_at, open_at, opens_at
from town.commons.places.hours.words import State, state_words
from town.commons.places.models import Place, Quarter
from town.kernel.db import now
from town.kernel.text import fold

PAGE: Final = 40
FORMER: Final = 6


@dataclass(frozen=True, slots=True)
class ShopRow:
    """A shop as the directory shows it. state: open or not right now; None where nobody has said when it opens."""

    public_id: str
    name: str
    trade: str
    where: str
    quarter: str
    photo: str | None
    state: State | None


def directory(
    trade: str = "", quarter: str = "", name: str = "", open_now: bool = False, after: str = ""
) -> Select[Any]:
    """The shops of the town by name, one row more than a page. `quarter` and `after` are public ids."""
    at = now()
    columns: tuple[Any, ...] = (
        Organisation.public_id,
        Organisation.name,
        Shop.trade,
        Shop.photo,
        (Shop.hours != "").label("said"),
        Place.words.label("where"),
        Quarter.name.label("quarter"),
        closes_at(Shop, at).label("closes"),
        opens_at(Shop, at).label("opens"),
    )
    found: Select[Any] = (
        select(*columns)
        .join(Organisation, Organisation.id == Shop.organisation_id)
        .outerjoin(Place, Place.id == Organisation.place_id)
        .outerjoin(Quarter, Quarter.id == Place.quarter_id)
        .where(Organisation.closed_at.is_(None), not_held(Shop))
    )
    if trade:
        found = found.where(Shop.trade == trade)
    if quarter:
        found = found.where(Quarter.public_id == quarter)
    if folded := fold(name):
        named = [key for key, (words, _icon) in TRADES.items() if folded in fold(str(words))]
        found = found.where(or_(Organisation.folded.contains(folded), Shop.trade.in_(named)))
    if open_now:
        found = found.where(open_at(Shop, at))
    if after:
        last = select(Organisation).where(Organisation.public_id == after)
        place = [last.with_only_columns(part).scalar_subquery() for part in (Organisation.folded, Organisation.id)]
        found = found.where(tuple_(Organisation.folded, Organisation.id) > tuple_(*place))
    return found.order_by(Organisation.folded, Organisation.id).limit(PAGE + 1)


def shop_row(row: Row[Any]) -> ShopRow:
    return ShopRow(
        public_id=row.public_id,
        name=row.name,
        trade=row.trade,
        where=row.where or "",
        quarter=row.quarter or "",
        photo=row.photo,
        state=state_words(row.closes, row.opens) if row.said else None,
    )


def trades_here() -> Select[str, int]:
    """The trades of the town's shops, and how many shops each has."""
    found = select(Shop.trade, func.count()).join(Organisation, Organisation.id == Shop.organisation_id)
    return found.where(Organisation.closed_at.is_(None), not_held(Shop)).group_by(Shop.trade)


def shops_for(viewer: Visitor) -> Select[Shop]:
    """The shops whose page this viewer may open, closed or not, with where they stand."""
    at = joinedload(Shop.organisation).joinedload(Organisation.place)
    return select(Shop).where(_seen(viewer, Shop)).options(at.joinedload(Place.quarter))


def offers_for(viewer: Visitor) -> Select[Offer]:
    """The offers that this viewer may open, over or not."""
    return select(Offer).join(Shop, Shop.id == Offer.shop_id).where(_seen(viewer, Offer, Shop))


def _seen(viewer: Visitor, *models: Any) -> ColumnElement[bool]:
    """Nothing hides it, nor the shop whose it is; or it is that of a shop which they run."""
    mine = [hat.id for hat in my_hats(*SORTS)]
    seen = and_(*(open_to(viewer, model) for model in models))
    return or_(seen, Shop.organisation_id.in_(mine)) if mine else seen


def for_everybody(model: Any) -> ColumnElement[bool]:
    """The condition on shops, or on offers joined to theirs, that nothing hides it."""
    return and_(*(not_held(one) for one in dict.fromkeys((model, Shop))))


def former_offers(shop_id: int) -> Select[Offer]:
    """What this shop has offered before, once each, the latest first: to be offered again."""
    latest = former(shop_id).with_only_columns(func.max(Offer.id)).group_by(Offer.title)
    return select(Offer).where(Offer.id.in_(latest)).order_by(Offer.id.desc()).limit(FORMER)


def former(shop_id: int) -> Select[Offer]:
    """Whatever this shop has offered; but what moderation hides does not come back in two taps."""
    return select(Offer).where(Offer.shop_id == shop_id, not_held(Offer))


def known_trades(rows: Sequence[Any]) -> dict[str, int]:
    """In the order of the trades themselves."""
    counted: dict[str, int] = dict(map(tuple, rows))
    return {trade: counted[trade] for trade in TRADES if trade in counted}
