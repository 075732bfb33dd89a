"""SIRENE: a line of the register of businesses becomes a shop, its trade told by its activity code (data/naf.csv)."""

import csv
from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from town.blueprints.shops.models import Shop
from town.blueprints.shops.trades import OTHER, trade_name
from town.commons.board import withdraw
from town.commons.directory import Line, Sorted, state_of, taker_of
from town.commons.people.organisations import PRODUCER, SHOP, Organisation
from town.commons.places.models import Place
from town.kernel.db import db


@cache
def trades_by_code() -> Mapping[str, str]:
    """A trade by activity code, or by the beginning of one."""
    file = files("town") / "data" / "naf.csv"
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines(), delimiter=";")
    return {row["code"]: row["trade"] for row in rows}


def trade_of(code: str) -> str:
    """The longest beginning that is known says it: `10.71C` is a bakery, `47.78C` only another trade."""
    known = trades_by_code()
    return next((known[code[:end]] for end in range(len(code), 1, -1) if code[:end] in known), "")


@taker_of("sirene")
class Shops:
    """Trades that people look for are proposed; holding companies, flats to let and the like wait for a tick."""

    feature = "shops"
    table = Shop.__tablename__

    def sort(self, line: Line) -> Sorted:
        trade = trade_of(line.activity)
        return Sorted(trade_name(trade or OTHER), proposed=bool(trade))

    def add(self, line: Line, place: Place | None) -> Organisation:
        trade = trade_of(line.activity)
        sort = PRODUCER if trade == PRODUCER else SHOP
        number = line.registration
        return Shop.enter(line.name, trade=trade or OTHER, sort=sort, registration=number, place=place).organisation

    def states(self, organisation_ids: Collection[int]) -> dict[int, dict[str, Any]]:
        found = select(Shop).where(Shop.organisation_id.in_(organisation_ids))
        found = found.options(joinedload(Shop.organisation).joinedload(Organisation.place))
        return {shop.organisation_id: state_of(shop) for shop in db.session.scalars(found)}

    def remove(self, organisation: Organisation) -> None:
        shop = db.session.scalars(select(Shop).where(Shop.organisation_id == organisation.id)).one()
        withdraw(shop)
        db.session.delete(shop)
        db.session.flush()
