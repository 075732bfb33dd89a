"""SH-01 The directory: who sells what, where, and who is open right now. For anybody."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
import time_machine
from sqlalchemy import event, select

from tests.conftest import Browse
from tests.shops.conftest import at, path, plain, shop_named
from town.blueprints.shops import commands, queries
from town.blueprints.shops.models import Shop
from town.commons.board import Card, CardReach
from town.commons.places.hours import Closure, Opening
from town.commons.places.hours.openings import open_at
from town.kernel.db import db, now
from town.kernel.registry import Town


def names(text: str) -> list[str]:
    return [part.partition("</a>")[0].rpartition(">")[2] for part in text.split('<h2 class="h3">')[1:]]


def test_a_visitor_finds_the_shops_and_what_is_open(bakery: Shop, browse: Browse) -> None:
    answer = browse().get("/shops/")
    text = plain(answer.text)

    assert answer.status_code == 200
    assert "Boulangerie Moreau" in text
    assert "Ouvert, ferme à 19 h 30" in text
    assert "Horaires pas encore connus" in text, "the garage came from the register"


@pytest.mark.parametrize("address", ["/commerces", "/commerces?trade=bakery"])
def test_paper_carries_a_short_address(bakery: Shop, browse: Browse, address: str) -> None:
    answer = browse().get(address, follow_redirects=True)

    assert answer.status_code == 200
    assert "Boulangerie Moreau" in answer.text


def test_by_trade_by_quarter_and_by_name(bakery: Shop, browse: Browse) -> None:
    quarter = bakery.place.quarter.public_id  # type: ignore[union-attr]  # it stands in the Bourg
    db.session.rollback()

    assert names(browse().get("/shops/?trade=wood").text) == ["Menuiserie Diallo"]
    assert "Garage des Silos" not in names(browse().get(f"/shops/?quarter={quarter}").text)
    assert names(browse().get("/shops/?q=epicerie").text) == ["L’Épicerie du Bourg"]
    assert names(browse().get("/shops/?q=charpente").text) == ["Menuiserie Diallo"], "the trade is searched too"
    assert "Pas de commerce de ce genre ici" in browse().get("/shops/?q=xyz").text


def test_open_now_follows_the_clock_at_every_minute(
    town: Town, browse: Browse, clock: time_machine.Traveller, bakery: Shop
) -> None:
    commands.lay_the_days_to_come()
    db.session.commit()
    for moment, expected in (
        ("2026-11-24 17:00", True),
        ("2026-11-24 19:29", True),
        ("2026-11-24 19:30", False),
        ("2026-11-25 06:29", False),
        ("2026-11-25 06:30", True),
        ("2026-12-06 12:59", True),
    ):
        clock.move_to(at(moment))
        assert ("Boulangerie Moreau" in browse().get("/shops/?open=1").text) is expected, moment
    clock.move_to(at("2026-11-28 00:30"))
    assert names(browse().get("/shops/?open=1").text) == ["Café de la Gare"], "its Friday goes on"


def test_the_rows_and_the_hours_themselves_agree_for_a_fortnight(town: Town, clock: time_machine.Traveller) -> None:
    """What SQL filters is what the page of each shop says, holidays, closures and nights included."""
    clock.move_to(at("2026-12-20 09:00"))
    shops = list(db.session.scalars(select(Shop).where(Shop.hours != "")))
    shops[0].keep_hours(shops[0].hours, [Closure(date(2026, 12, 24), date(2026, 12, 26), (), "Noël")])
    commands.lay_the_days_to_come()
    for hour in range(0, 14 * 24, 5):
        moment = (
            at("2026-12-20 09:00").astimezone(now().tzinfo) + (at("2026-12-20 10:00") - at("2026-12-20 09:00")) * hour
        )
        filtered = set(db.session.scalars(select(Shop.id).where(open_at(Shop, moment))))
        assert filtered == {shop.id for shop in shops if shop.timetable.is_open(moment)}, moment


def test_every_night_adds_a_day_and_drops_what_is_over(town: Town, bakery: Shop, clock: time_machine.Traveller) -> None:
    clock.move_to(at("2026-12-15 03:00"))
    commands.lay_the_days_to_come()
    mine = select(Opening).where(Opening.thing == "shops_shop", Opening.thing_id == bakery.id).order_by(Opening.starts)
    rows = list(db.session.scalars(mine))

    assert rows[0].ends > at("2026-12-14 03:00")
    assert rows[-1].starts > at("2026-12-28 00:00")


@contextmanager
def counting() -> Iterator[list[str]]:
    """The statements of a page, what opens transactions left out."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            seen.append(statement)

    engine = db.session.get_bind()
    db.session.rollback()
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _many(number: int) -> None:
    for one in range(number):
        shop = Shop.open(f"Échoppe {one:03}", trade="other", where="Grande Rue")
        shop.keep_hours("Mo-Sa 09:00-12:00,14:00-19:00; PH off", [])
    db.session.commit()


def test_three_hundred_shops_cost_no_query_more_than_eight(town: Town, bakery: Shop, browse: Browse) -> None:
    browser = browse("karim")
    browser.get("/shops/?open=1")
    with counting() as few:
        browser.get("/shops/?open=1")
    _many(300)
    with counting() as many:
        text = browser.get("/shops/?open=1").text

    assert len(many) == len(few) <= 5, many
    assert len(names(text)) == queries.PAGE
    assert "Voir d’autres commerces" in text


def test_the_directory_is_walked_to_its_end_without_losing_a_shop(town: Town, bakery: Shop, browse: Browse) -> None:
    _many(95)
    browser = browse()
    seen: list[str] = []
    address = "/shops/"
    while address:
        text = browser.get(address).text
        seen += names(text)
        address = text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")

    assert len(seen) == len(set(seen)) == 95 + 8
    assert seen == sorted(seen, key=lambda name: name.replace("É", "E").replace("’", " ").casefold())


def test_search_finds_a_shop_and_home_does_not_announce_it(town: Town, bakery: Shop, browse: Browse) -> None:
    """A page that is always there is no news: three hundred imported shops must not bury the notices."""
    card = db.session.scalars(select(Card).where(Card.thing == "shops_shop", Card.thing_id == bakery.id)).one()
    assert not db.session.scalars(select(CardReach).where(CardReach.card_id == card.id)).all()
    db.session.rollback()

    assert "Boulangerie Moreau" in browse().get("/search/?q=boulangeries").text
    assert "Pain au levain" not in browse().get("/").text


def test_the_page_says_hours_phone_place_and_who_keeps_it(bakery: Shop, browse: Browse) -> None:
    text = plain(browse().get(path(bakery)).text)

    assert "Ouvert, ferme à 19 h 30" in text
    assert "Mardi, aujourd’hui" in text
    assert 'href="tel:0299000011"' in text
    assert "1 place du Tilleul" in text
    assert "data-at=" in text, "a pin on the map"
    assert "Rampe à l’entrée, comptoir bas" in text
    assert "Carte, espèces, monnaie locale" in text
    assert "Page tenue par le commerce, vérifiée par la mairie." in text
    assert "Lucas" not in text, "who runs it is nobody's business"
    assert "Changer les horaires" not in text


def test_a_page_from_the_register_says_kindly_what_it_lacks(town: Town, browse: Browse) -> None:
    text = browse().get(path(shop_named("Garage des Silos"))).text

    assert "Ses horaires et son téléphone ne sont pas encore connus." in text
    assert "registre national des entreprises" in text
    assert "Page tenue par le commerce" not in text


def test_an_address_that_is_no_shop_is_not_there(town: Town, browse: Browse) -> None:
    assert browse().get("/shops/nothing").status_code == 404
    assert browse().get("/shops/%00").status_code == 404
