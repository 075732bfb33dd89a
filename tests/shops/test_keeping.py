"""SH-01 Keeping a page and its hours. SECURITY 36: whoever runs it, and the town hall; nobody else."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.cast import person_named
from tests.conftest import Browse
from tests.shops.conftest import path, plain
from town.blueprints.shops.models import Offer, Shop
from town.commons.audit import AuditEntry
from town.commons.board import Card
from town.commons.people.models import Person
from town.commons.people.organisations import HELPER
from town.commons.places.hours import suggest
from town.kernel.db import db, now

ALL_CLOSED = {f"days-{number}-how": "closed" for number in range(7)}
WEEK = {
    **ALL_CLOSED,
    "days-1-how": "open",
    "days-1-opens": "09:00",
    "days-1-closes": "12:00",
    "days-1-opens_again": "14:00",
    "days-1-closes_again": "19:00",
    "days-2-how": "same",
    "days-4-how": "open",
    "days-4-opens": "18:00",
    "days-4-closes": "02:00",
}


def said(shop: Shop) -> Shop:
    db.session.rollback()
    db.session.refresh(shop)
    return shop


@pytest.mark.parametrize(
    ("name", "status"),
    [(None, 303), ("nadia", 403), ("karim", 403), ("claire", 403), ("lucas", 200), ("jean", 200), ("helene", 200)],
)
def test_only_whoever_runs_it_and_the_town_hall_may_change_a_page(
    bakery: Shop, browse: Browse, name: str | None, status: int
) -> None:
    browser = browse(name)
    for more in ("/edit", "/hours", "/offers/new"):
        assert browser.get(path(bakery, more)).status_code == status, more
    refused = 403 if status != 200 else 422
    if name is not None:
        assert browser.post(path(bakery), data={"name": ""}).status_code == refused
        assert browser.post(path(bakery, "/offers"), data={"title": ""}).status_code == refused
        assert browser.post(path(bakery, "/offers/look"), data={}).status_code == (status if status != 200 else 200)
        assert browser.post(path(bakery, "/hours"), data={"by_words": "y", "words": "x"}).status_code == refused


def test_a_helper_keeps_the_page_and_whoever_left_does_not(bakery: Shop, browse: Browse) -> None:
    karim = person_named("karim")
    membership = bakery.organisation.welcome(karim, HELPER, person_named("jean"))
    db.session.commit()
    assert browse("karim").get(path(bakery, "/edit")).status_code == 200

    membership.end(person_named("lucas"))
    db.session.commit()
    assert browse("karim").get(path(bakery, "/edit")).status_code == 403


def test_lucas_says_what_his_bakery_is(bakery: Shop, browse: Browse) -> None:
    data = {
        "name": "Boulangerie Moreau & fils",
        "trade": "bakery",
        "where": "1 place du Tilleul",
        "description": "Pain au levain.",
        "phone": "02 99 00 00 99",
        "website": "www.moreau.example",
        "payments": ["cards", "cheques", "gold"],
    }
    answer = browse("lucas").post(path(bakery), data={**data, "payments": ["cards", "cheques"]})
    assert answer.status_code == 303

    shop = said(bakery)
    assert (shop.name, shop.organisation.phone, shop.organisation.website) == (
        "Boulangerie Moreau & fils", "02 99 00 00 99", "https://www.moreau.example"
    )  # fmt: skip
    assert shop.payments == ["cards", "cheques"]
    assert (
        db.session.scalar(select(Card.title).where(Card.thing == "shops_shop", Card.thing_id == shop.id)) == shop.name
    )
    db.session.rollback()
    assert browse("lucas").post(path(bakery), data=data).status_code == 422, "nobody pays in gold"


def test_what_it_offers_is_found_by_its_new_name(bakery: Shop, lucas: Person, browse: Browse) -> None:
    Offer.make(bakery, lucas, "Tarte aux mirabelles", now() + timedelta(hours=3))
    db.session.commit()
    data = {"name": "Le Fournil de Zoé", "trade": "bakery", "where": "1 place du Tilleul"}
    assert browse("lucas").post(path(bakery), data=data).status_code == 303
    assert "Tarte aux mirabelles" in browse().get("/search/?q=zoe").text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Mairie de Saint-Loup"),
        ("name", ""),
        ("website", "javascript:alert(1)"),
        ("website", "https://user@evil.example"),
        ("phone", "appelez-moi"),
        ("email", "personne"),
        ("trade", "treasure"),
    ],
)
def test_what_would_mislead_is_refused_and_what_was_typed_stays(
    bakery: Shop, browse: Browse, field: str, value: str
) -> None:
    data = {"name": "Boulangerie Moreau", "trade": "bakery", "description": "Mot gardé.", field: value}
    answer = browse("lucas").post(path(bakery), data=data)

    assert answer.status_code == 422
    assert "Mot gardé." in answer.text
    assert said(bakery).name == "Boulangerie Moreau"


def test_hours_are_kept_day_by_day(bakery: Shop, browse: Browse) -> None:
    browser = browse("lucas")
    assert browser.post(path(bakery, "/hours"), data=WEEK).status_code == 303

    assert said(bakery).hours == "Tu-We 09:00-12:00,14:00-19:00; Fr 18:00-02:00; PH off"
    form = browser.get(path(bakery, "/hours")).text
    assert 'value="09:00"' in form
    assert '<option value="same" selected>' in form
    page = plain(browse().get(path(bakery)).text)
    assert "9 h – 12 h, 14 h – 19 h" in page
    assert "18 h – 2 h" in page


def test_closures_are_said_by_their_days(bakery: Shop, browse: Browse) -> None:
    closures = {
        "closures-0-first": "2026-12-24",
        "closures-0-last": "2027-01-02",
        "closures-0-words": "congés",
        "closures-1-first": "2026-11-25",
        "closures-1-opens": "10:00",
        "closures-1-closes": "12:00",
    }
    assert browse("lucas").post(path(bakery, "/hours"), data={**WEEK, **closures}).status_code == 303

    text = plain(browse().get(path(bakery)).text)
    assert "Fermé du 24 décembre au 2 janvier 2027 (congés)" in text
    assert "10 h – 12 h" in text, "this week's table shows it"


@pytest.mark.parametrize(
    ("change", "said_words"),
    [
        ({"days-1-closes": ""}, "Dites quand cela ouvre et quand cela ferme."),
        ({"days-1-opens_again": "11:00"}, "L’après-midi commence après la fin de la matinée."),
        ({"days-0-how": "open"}, "Dites quand cela ouvre et quand cela ferme."),
        ({"closures-0-words": "congés"}, "Choisissez un jour."),
        ({"closures-0-first": "2026-12-24", "closures-0-last": "2026-12-01"}, "Le dernier jour vient après le premier"),
        ({"days-1-opens": "25:99"}, "à corriger"),
    ],
)
def test_a_slip_in_the_hours_is_said_beside_its_field(
    bakery: Shop, browse: Browse, change: dict[str, str], said_words: str
) -> None:
    before = "Tu-Sa 06:30-19:30; Su 07:00-13:00"
    answer = browse("lucas").post(path(bakery, "/hours"), data={**WEEK, **change})

    assert answer.status_code == 422
    assert said_words in answer.text
    assert said(bakery).hours == before


def test_hours_typed_in_french_are_understood_and_offered_back(bakery: Shop, browse: Browse) -> None:
    typed = {"by_words": "y", "words": "du mardi au samedi 9h-12h / 14h-19h"}
    browser = browse("lucas")
    answer = browser.post(path(bakery, "/hours"), data={**ALL_CLOSED, **typed})

    assert answer.status_code == 422
    assert "du mardi au samedi 9h-12h / 14h-19h" in answer.text, "nothing typed is lost"
    assert "Vouliez-vous dire ceci" in plain(answer.text)
    assert "Tu-Sa 09:00-12:00,14:00-19:00" in answer.text

    taken = browser.post(path(bakery, "/hours"), data={**ALL_CLOSED, **typed, "meant": "Tu-Sa 09:00-12:00,14:00-19:00"})
    assert taken.status_code == 303
    assert said(bakery).hours == "Tu-Sa 09:00-12:00,14:00-19:00"


def test_words_beside_the_days_are_never_dropped_and_wrong_ones_are_explained_once(
    bakery: Shop, browse: Browse
) -> None:
    before, address, browser = said(bakery).hours, path(bakery, "/hours"), browse("lucas")
    db.session.rollback()
    asked = browser.post(address, data={**WEEK, "words": "Mo-Fr 07:00-12:00"})
    assert asked.status_code == 422
    assert plain(asked.text).count("Quels horaires comptent ?") == 1
    assert 'value="Mo-Fr 07:00-12:00"' in asked.text
    for wrong in ("blabla", "Mo-Fr 25:00-26:00"):
        answer = browser.post(address, data={**WEEK, "by_words": "y", "words": wrong})
        assert answer.status_code == 422
        assert plain(answer.text).count("Écrivez par exemple : lu-ve 9h-12h, 14h-18h ; sa 9h-12h.") == 1, wrong
    assert said(bakery).hours == before
    assert suggest("lu-ve 9h-12h, 14h-18h ; sa 9h-12h") == "Mo-Fr 09:00-12:00,14:00-18:00; Sa 09:00-12:00"


def test_what_days_cannot_say_is_kept_as_it_is_written(bakery: Shop, browse: Browse) -> None:
    season = "Apr-Sep Mo-Sa 09:00-20:00; Oct-Mar Mo-Sa 09:00-18:00; PH off"
    browser = browse("lucas")
    assert (
        browser.post(path(bakery, "/hours"), data={**ALL_CLOSED, "by_words": "y", "words": season}).status_code == 303
    )

    assert said(bakery).hours == season
    assert season in browser.get(path(bakery, "/hours")).text


def test_no_hours_at_all_is_a_shop_that_does_not_say(bakery: Shop, browse: Browse) -> None:
    assert browse("lucas").post(path(bakery, "/hours"), data=ALL_CLOSED).status_code == 303

    assert said(bakery).hours == ""
    assert "Boulangerie Moreau" not in browse().get("/shops/?open=1").text


def test_the_town_hall_lists_a_shop_that_no_register_brought(town: object, browse: Browse) -> None:
    """From the directory to the one door for new pages, and on to what the town hall knows of it."""
    jean = browse("jean")
    assert 'href="/organisations/new?sort=shop"' in jean.get("/shops/").text
    assert "/organisations/new" not in browse("karim").get("/shops/").text
    assert re.search(r'value="shop"[^>]* checked', jean.get("/organisations/new?sort=shop").text)
    opened = jean.post("/organisations/new", data={"name": "Cordonnerie Vial", "sort": "shop"})
    assert "Sa page est ouverte" in jean.get(opened.location).text
    data = {"name": "Cordonnerie Vial", "trade": "services", "where": "9 Grande Rue"}
    assert jean.post(opened.location.removesuffix("/edit"), data=data).status_code == 303
    page = browse().get("/shops/?trade=services").text
    assert ("Cordonnerie Vial" in page, "9 Grande Rue" in page) == (True, True)
    again = {"name": "Vial", "sort": "shop", "registration": "999 000 001 00011"}
    assert jean.post("/organisations/new", data=again).status_code == 409


def test_a_shop_that_has_closed_leaves_everything_and_its_page_says_so(
    bakery: Shop, lucas: object, browse: Browse
) -> None:
    Offer.make(bakery, person_named("lucas"), "Dernières brioches", bakery.organisation.entered_at.replace(year=2027))
    db.session.commit()
    assert browse("lucas").post(path(bakery, "/closing")).status_code == 403
    assert browse("jean").post(path(bakery, "/closing")).status_code == 303

    assert "Boulangerie Moreau" not in browse().get("/shops/").text
    assert "Dernières brioches" not in browse().get("/").text
    answer = browse().get(path(bakery))
    assert answer.status_code == 410
    assert "Ce commerce a fermé" in answer.text
    assert browse("jean").post(path(bakery), data={"name": "Encore", "trade": "bakery"}).status_code == 409


def test_what_is_done_in_its_name_is_audited(bakery: Shop, browse: Browse) -> None:
    browse("lucas").post(path(bakery, "/offers"), data={"title": "Galette", "until": "tonight"})
    db.session.rollback()

    assert db.session.scalar(select(AuditEntry.event).order_by(AuditEntry.id.desc())) == "hat:shops.offered"
