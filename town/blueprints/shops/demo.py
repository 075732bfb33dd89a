"""The demo town's shops: eight, three of them run by people of the cast, two with something in the window."""

import csv
from datetime import timedelta
from importlib.resources import files

from town.blueprints.shops.forms.offer import evening_of
from town.blueprints.shops.models import Offer, Shop
from town.commons.activity import happenings
from town.commons.board import publish
from town.commons.people.models import Person
from town.commons.people.organisations import MANAGER
from town.commons.places.hours import Closure
from town.kernel.db import flush, now
from town.kernel.language import today


def fill(cast: dict[str, Person]) -> None:
    """A bakery, a joiner and a farm that keep their pages, and five that the register brought."""
    file = files("town") / "data" / "demo" / "shops.csv"
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines(), delimiter=";")
    shops = {row["key"]: _list(row, cast) for row in rows}
    bakery, farm = shops["bakery"], shops["farm"]
    lucas, mathilde = cast["lucas"], cast["mathilde"]
    for title, price, days in (("Tarte aux pommes, 6 parts", 1400, 12), ("Le panier de 19 h", 400, 5)):
        _over(Offer.make(bakery, lucas, title, now() + timedelta(hours=1), price=price), days)
    _said(Offer.make(bakery, lucas, "3 baguettes pour 2", evening_of(today(), bakery.timetable), price=240), 2)
    market = today() + timedelta(days=(5 - today().weekday()) % 7 or 7)
    basket = Offer.make(
        farm,
        mathilde,
        "Panier de légumes du moment",
        evening_of(market, farm.timetable),
        price=1200,
        stock="Une douzaine",
    )
    _said(basket, 20)


def _list(row: dict[str, str], cast: dict[str, Person]) -> Shop:
    shop = Shop.open(
        row["name"], trade=row["trade"], sort=row["sort"], registration=row["registration"], where=row["where"]
    )
    shop.organisation.phone = row["phone"]
    shop.organisation.entered_at = now() - timedelta(days=30)
    for part in ("description", "services", "accessibility"):
        setattr(shop, part, row[part])
    shop.payments = [one for one in row["payments"].split(",") if one]
    if row["hours"]:
        closures = [_holidays()] if row["key"] == "wood" else []
        shop.keep_hours(row["hours"].replace("|", ";"), closures)
    shop.change()
    if row["run_by"]:
        shop.organisation.welcome(cast[row["run_by"]], MANAGER, cast["jean"])
    return shop


def _holidays() -> Closure:
    first = today() + timedelta(days=20)
    return Closure(first, first + timedelta(days=6), (), "congés")


def _said(offer: Offer, hours: int) -> None:
    """Some hours ago."""
    offer.made_at = now() - timedelta(hours=hours)
    for happened in happenings(offer):
        happened.at = offer.made_at
    publish(offer)


def _over(offer: Offer, days: int) -> None:
    """It ended some days ago."""
    _said(offer, days * 24)
    offer.withdraw()
    offer.until = offer.ended_at = now() - timedelta(days=days) + timedelta(hours=6)
    flush()
