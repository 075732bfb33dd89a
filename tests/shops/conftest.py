"""The bakery of Saint-Loup, which Lucas runs, on a Tuesday in November at five in the afternoon."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import select

from tests.cast import person_named
from town.blueprints.shops.models import Shop
from town.commons.people.models import Person
from town.commons.people.organisations import Organisation
from town.kernel.db import db
from town.kernel.registry import Town

PARIS = ZoneInfo("Europe/Paris")
TUESDAY = datetime(2026, 11, 24, 17, 0, tzinfo=PARIS)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def shop_named(name: str) -> Shop:
    found = db.session.scalar(select(Shop).join(Organisation).where(Organisation.name == name))
    assert found is not None
    return found


@pytest.fixture(autouse=True)
def clock(filled_instance: object) -> Iterator[time_machine.Traveller]:
    """`clock.move_to(...)`. The demo town was opened before, in its own time."""
    with time_machine.travel(TUESDAY, tick=False) as travelling:
        yield travelling


@pytest.fixture
def lucas(town: Town) -> Person:
    return person_named("lucas")


@pytest.fixture
def bakery(town: Town) -> Shop:
    """Open, its window empty, its days to come laid from now on."""
    found = shop_named("Boulangerie Moreau")
    for offer in found.offers_standing():
        offer.withdraw()
    found.lay_openings()
    db.session.commit()
    return found


def path(shop: Shop, more: str = "") -> str:
    """Its address. Nothing stays open after it was read: that would keep the browser from writing."""
    address = f"/shops/{shop.public_id}{more}"
    db.session.rollback()
    return address


def plain(text: str) -> str:
    """Without the no-break spaces of French."""
    return text.replace("\u202f", " ").replace("\u00a0", " ").replace("&nbsp;", " ")
