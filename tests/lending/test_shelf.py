"""The shelf: everything neighbours lend, in as many queries for ten things as for ten thousand."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import delete, event, insert, select

from tests.conftest import Browse
from tests.lending.conftest import days, put_on_shelf
from town.blueprints.lending.models import Item, Loan
from town.blueprints.lending.queries import PAGE
from town.commons.bookings import Booking
from town.commons.people.models import Person
from town.demo import DEMO_SLUG
from town.kernel.db import db, new_public_id, now
from town.kernel.registry import Town
from town.kernel.web import TownApp


@contextmanager
def counted(app: TownApp) -> Iterator[list[str]]:
    """The statements that the town's file is asked meanwhile."""
    towns = app.extensions["towns"]
    engine = towns.engines.get(DEMO_SLUG, towns.file(DEMO_SLUG), towns.registry.town(DEMO_SLUG).schema)
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SELECT set_config", "SET TRANSACTION")):
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


@contextmanager
def filled(count: int, owner: Person) -> Iterator[None]:
    """So many things on the shelf, some out today. They have no card, so they go before the cards are compared."""
    first = (db.session.scalar(select(Item.id).order_by(Item.id.desc()).limit(1)) or 0) + 1
    numbers = range(first, first + count)
    common = {"owner_id": owner.id, "quarter_id": owner.quarter.id if owner.quarter else None, "description": ""}
    common |= {
        "rules": "",
        "condition": "",
        "unit": "days",
        "longest_days": 7,
        "buffer_minutes": 0,
        "created_at": now(),
    }
    rows = [
        {"id": n, "public_id": new_public_id(), "title": f"Chose {n}", "category": "other"} | common for n in numbers
    ]
    db.session.execute(insert(Item), rows)
    period = {"starts": now() - timedelta(hours=1), "ends": now() + timedelta(1), "free_from": now() + timedelta(1)}
    booked = {"thing": "lending_item", "state": "booked", "created_at": now()} | period
    db.session.execute(insert(Booking), [{"thing_id": number} | booked for number in numbers[::3]])
    db.session.commit()
    yield
    db.session.rollback()
    db.session.execute(delete(Booking).where(Booking.thing == "lending_item", Booking.thing_id >= first))
    db.session.execute(delete(Item).where(Item.id >= first))
    db.session.commit()


LISTS = ["/lending/", "/lending/?category=other", "/lending/?quarter={quarter}", "/lending/mine"]


@pytest.mark.parametrize("count", [10, 10_000])
def test_a_list_costs_the_same_for_ten_things_and_for_ten_thousand(
    app: TownApp, karim: Person, browse: Browse, count: int
) -> None:
    quarter = karim.quarter.public_id if karim.quarter else ""
    with filled(count, karim):
        browser = browse("karim")
        for address in LISTS:
            with counted(app) as asked:
                answer = browser.get(address.format(quarter=quarter))
            assert answer.status_code == 200
            assert "Chose " in answer.text
            counters = [statement for statement in asked if "inbox_notice" in statement]
            assert len(asked) - len(counters) <= 4, asked


def test_the_shelf_is_walked_page_by_page_and_nothing_is_met_twice(karim: Person, browse: Browse) -> None:
    with filled(PAGE * 2 + 5, karim):
        browser, address, met = browse("yvonne"), "/lending/?category=other", list[str]()
        while address:
            text = browser.get(address).text
            met += re.findall(r"Chose (\d+)</a>", text)
            following = re.search(r'rel="next" href="([^"]+)"', text)
            address = following[1].replace("&amp;", "&") if following else ""

    assert len(met) == len(set(met)) == PAGE * 2 + 5
    assert met == sorted(met, key=int, reverse=True)


def test_with_htmx_the_next_page_comes_alone(karim: Person, browse: Browse) -> None:
    with filled(PAGE + 3, karim):
        browser = browse("yvonne")
        first = browser.get("/lending/?category=other").text
        following = re.search(r'rel="next" href="([^"]+)"', first)
        assert following is not None
        headers = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "nav#older"}
        more = browser.get(following[1].replace("&amp;", "&"), headers=headers).text

    assert "<h1" not in more
    assert more.count("<article") == 3


def test_the_shelf_is_narrowed_by_sort_and_quarter(karim: Person, odile: Person, browse: Browse) -> None:
    put_on_shelf(karim, "Crêpière de Bel-Air", category="kitchen")
    put_on_shelf(odile, "Crêpière des Tanneries", category="kitchen")
    put_on_shelf(odile, "Sécateur des Tanneries", category="garden")
    tanneries = odile.quarter.public_id if odile.quarter else ""
    db.session.commit()
    text = browse("yvonne").get(f"/lending/?category=kitchen&quarter={tanneries}").text

    assert "Crêpière des Tanneries" in text
    assert "Bel-Air</a>" not in text
    assert "Sécateur des Tanneries" not in text


def test_a_thing_that_is_out_says_until_when(karim: Person, odile: Person, browse: Browse) -> None:
    tent = put_on_shelf(karim, "Tente de Karim", category="outdoors")
    Loan.ask(tent, odile, days(18, 20))
    db.session.commit()
    text = browse("yvonne").get("/lending/?category=outdoors").text

    assert "Réservé jusqu’au 20 juin" in text


@pytest.mark.parametrize(
    "query", ["category=weapons", "quarter=nowhere", "after=%00", "after=' OR 1=1", "category=%00"]
)
def test_a_tampered_filter_finds_nothing_and_breaks_nothing(town: Town, browse: Browse, query: str) -> None:
    assert browse("odile").get(f"/lending/?{query}").status_code == 200


def test_an_empty_corner_of_the_shelf_says_what_to_do(town: Town, browse: Browse) -> None:
    text = browse("odile").get("/lending/?quarter=nowhere").text

    assert "Que dort-il dans votre garage" in text
    assert "/lending/items/new" in text
