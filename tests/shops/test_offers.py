"""SH-02 An offer from the counter: three fields, six taps at most, gone when it is over."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from PIL import Image
from sqlalchemy import func, select

from tests.cast import person_named
from tests.conftest import Browse
from tests.shops.conftest import at, path, plain, shop_named
from town.blueprints.shops import commands
from town.blueprints.shops.models import Offer, Shop
from town.blueprints.shops.models.offer import WINDOW
from town.commons.board import Card
from town.commons.people.models import Person
from town.kernel.db import db, now
from town.kernel.media import Media
from town.kernel.signals import person_erased

OFFER = {"title": "Pain aux noix", "until": "tonight"}
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def offers() -> int:
    db.session.rollback()
    count = db.session.scalar(select(func.count()).select_from(Offer).where(Offer.title == OFFER["title"])) or 0
    db.session.rollback()
    return count


def made(shop: Shop, by: Person, title: str = "Pain aux noix", hours: int = 3) -> Offer:
    offer = Offer.make(shop, by, title, now() + timedelta(hours=hours), price=350)
    db.session.commit()
    return offer


def where(offer: Offer) -> str:
    address = f"/shops/offers/{offer.public_id}"
    db.session.rollback()
    return address


def a_photo() -> BytesIO:
    file = BytesIO()
    Image.new("RGB", (640, 480), "#c49b82").save(file, "JPEG")
    file.seek(0)
    return file


# NB-02 who is offered what


def test_home_offers_the_gesture_in_one_tap_to_whoever_runs_a_shop(bakery: Shop, browse: Browse) -> None:
    address = path(bakery, "/offers/new")

    for page in ("/", "/post"):
        assert address in browse("lucas").get(page).text
        assert "/offers/new" not in browse("karim").get(page).text
        assert "/offers/new" not in browse().get(page).text


def test_whoever_runs_two_shops_reads_which_is_which(bakery: Shop, browse: Browse) -> None:
    shop_named("Café de la Gare").organisation.welcome(person_named("lucas"), "helper", None)
    db.session.commit()
    text = browse("lucas").get("/").text

    assert "Publier une offre, Boulangerie Moreau" in text
    assert "Publier une offre, Café de la Gare" in text


# Making one


def test_a_title_and_one_tap_are_enough(bakery: Shop, browse: Browse) -> None:
    form = browse("lucas").get(path(bakery, "/offers/new")).text
    written = form[form.index('<form class="form"') :].partition("</form>")[0]
    seen = re.sub(r"<details.*?</details>", "", written, flags=re.DOTALL)
    fields = set(re.findall(r'<(?:input|select|textarea)(?![^>]*type="hidden")[^>]*name="([^"]+)"', seen))
    assert fields == {"title", "until", "until_on", "price"}, "three, and a day for whoever chooses another one"
    assert 'value="tonight" checked' in form

    assert browse("lucas").post(path(bakery, "/offers"), data=OFFER).status_code == 303
    home = plain(browse().get("/").text)
    assert "Pain aux noix" in home
    assert "jusqu’au 24 novembre, 19 h 30" in home
    assert "Boulangerie Moreau" in home


@pytest.mark.parametrize(
    ("until", "day", "said"),
    [
        ("tonight", "2026-11-24 19:30", "Jusqu’à ce soir, 19 h 30"),
        ("tomorrow", "2026-11-25 19:30", "Jusqu’à demain, 19 h 30"),
        ("sunday", "2026-11-29 13:00", "Jusqu’au dimanche 29 novembre, 13 h"),
        ("date", "2026-12-01 00:00", "Jusqu’au lundi 30 novembre"),
        ("gone", "2026-12-25 00:00", "Jusqu’au 24 décembre"),
    ],
)
def test_until_when_follows_the_hours_of_the_shop(
    bakery: Shop, browse: Browse, until: str, day: str, said: str
) -> None:
    """On a day off, or when stocks decide, it stays until midnight."""
    data = {**OFFER, "until": until, "until_on": "2026-11-30"}
    assert browse("lucas").post(path(bakery, "/offers"), data=data).status_code == 303

    offer = db.session.scalars(select(Offer).where(Offer.title == OFFER["title"])).one()
    assert offer.until == at(day)
    assert said in plain(browse().get(path(bakery)).text)


def test_on_a_saturday_tomorrow_is_offered_once_and_noon_is_no_evening(
    bakery: Shop, browse: Browse, clock: time_machine.Traveller
) -> None:
    form = path(bakery, "/offers/new")
    assert 'value="sunday"' in browse("lucas").get(form).text
    clock.move_to(at("2026-11-28 10:00"))
    saturday = plain(browse("lucas").get(form).text)
    assert 'value="sunday"' not in saturday
    assert "Demain soir" not in saturday
    assert "Demain" in saturday
    stale = browse("lucas").post(path(bakery, "/offers"), data={**OFFER, "until": "sunday"})
    assert stale.status_code == 303, "a form that was opened before midnight"


def test_after_closing_time_tonight_means_midnight(bakery: Shop, browse: Browse, clock: time_machine.Traveller) -> None:
    clock.move_to(at("2026-11-24 20:00"))
    browse("lucas").post(path(bakery, "/offers"), data=OFFER)

    assert db.session.scalars(select(Offer).where(Offer.title == OFFER["title"])).one().until == at("2026-11-25 00:00")


@pytest.mark.parametrize(
    ("price", "cents"), [("2,40", 240), ("2.4 €", 240), ("4", 400), ("0", 0), ("", None), ("1 250,00 €", 125000)]
)
def test_prices_are_read_as_they_are_written(bakery: Shop, browse: Browse, price: str, cents: int | None) -> None:
    assert browse("lucas").post(path(bakery, "/offers"), data={**OFFER, "price": price}).status_code == 303
    assert db.session.scalars(select(Offer).where(Offer.title == OFFER["title"])).one().price == cents


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": " "}, "Dites ce que vous proposez"),
        ({"price": "cher"}, "Écrivez le prix en chiffres"),
        ({"price": "-2"}, "Écrivez le prix en chiffres"),
        ({"price": "1,234"}, "Écrivez le prix en chiffres"),
        ({"price": "NaN"}, "Écrivez le prix en chiffres"),
        ({"price": "1e400"}, "Écrivez le prix en chiffres"),
        ({"price": "1e999999"}, "Écrivez le prix en chiffres"),
        ({"until": "date"}, "Choisissez un jour."),
        ({"until": "date", "until_on": "2026-11-23"}, "À partir d’aujourd’hui"),
        ({"until": "date", "until_on": "2027-11-23"}, "À partir d’aujourd’hui"),
        ({"until": "never"}, "à corriger"),
    ],
)
def test_a_slip_is_said_and_nothing_is_lost(bakery: Shop, browse: Browse, change: dict[str, str], words: str) -> None:
    answer = browse("lucas").post(path(bakery, "/offers"), data={**OFFER, "stock": "Une douzaine", **change})

    assert answer.status_code == 422
    assert words in plain(answer.text)
    assert "Une douzaine" in answer.text
    assert offers() == 0


def test_the_preview_is_what_neighbours_will_see(bakery: Shop, browse: Browse) -> None:
    """Word for word: the card of the preview, then the card of home."""
    lucas = browse("lucas")
    data = {**OFFER, "price": "3,50", "stock": "Une douzaine"}
    look = lucas.post(path(bakery, "/offers/look"), data=data, headers={**HTMX, "HX-Target": "section#preview"})
    assert look.status_code == 200
    assert look.headers["X-Fragment"] == "1"
    assert offers() == 0, "looking keeps nothing"

    def words(html: str) -> list[str]:
        card = next(part for part in html.split("<article")[1:] if "Pain aux noix" in part).partition("</article>")[0]
        text = re.sub(r"<time.*?</time>", "", card)
        return re.sub(r"<[^>]+>", " ", plain("<" + text)).split()

    lucas.post(path(bakery, "/offers"), data=data)
    shown = words(browse().get("/").text)
    assert words(look.text)[:6] == shown[:6]
    assert {"3,50", "€", "Une", "douzaine", "Boulangerie", "Moreau"} <= set(words(look.text)) & set(shown)


def test_without_javascript_one_may_look_first_and_keeps_the_photo(bakery: Shop, browse: Browse) -> None:
    lucas = browse("lucas")
    look = lucas.post(path(bakery, "/offers/look"), data={**OFFER, "photos": (a_photo(), "pain.jpg")})
    token = re.search(r'name="photos-kept" value="([^"]+)"', look.text)
    assert token is not None
    assert "<title>" in look.text

    lucas.post(path(bakery, "/offers"), data={**OFFER, "photos-kept": token[1]})
    offer = db.session.scalars(select(Offer).where(Offer.title == OFFER["title"])).one()
    assert offer.photo is not None
    picture = f"/media/{offer.photo}/card.webp"
    db.session.rollback()
    assert browse().get(picture).status_code == 200, "an offer is for everybody, its photo too"


def test_a_double_tap_is_one_offer(bakery: Shop, browse: Browse) -> None:
    lucas = browse("lucas")
    form = lucas.get(path(bakery, "/offers/new")).text
    key = re.search(r'name="(_key[^"]*)" value="([^"]+)"', form)
    assert key is not None
    data = {**OFFER, key[1]: key[2], "_form": "OfferForm"}
    first = lucas.post(path(bakery, "/offers"), data=data)
    second = lucas.post(path(bakery, "/offers"), data=data)

    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert offers() == 1


def test_a_former_offer_comes_back_in_two_taps_with_its_photo(bakery: Shop, browse: Browse) -> None:
    lucas = browse("lucas")
    lucas.post(path(bakery, "/offers"), data={**OFFER, "price": "3,50", "photos": (a_photo(), "pain.jpg")})
    former = db.session.scalars(select(Offer).where(Offer.title == OFFER["title"])).one()
    address = where(former)
    lucas.post(f"{address}/end")

    tiles = lucas.get(path(bakery, "/offers/new")).text
    again = re.search(r'href="([^"]+\?again=[^"]+)"[^>]*><span>Pain aux noix', tiles)
    assert again is not None
    filled = lucas.get(again[1].replace("&amp;", "&")).text
    fields = dict(re.findall(r'name="(title|price|again|stock)"[^>]*value="([^"]*)"', filled))
    assert fields["title"] == "Pain aux noix"
    assert fields["price"] == "3,50"
    assert lucas.post(path(bakery, "/offers"), data={**fields, "until": "tonight"}).status_code == 303

    rows = list(db.session.scalars(select(Offer).where(Offer.title == OFFER["title"]).order_by(Offer.id)))
    assert len(rows) == 2
    assert rows[1].photo
    assert rows[1].photo != rows[0].photo, "each may go without the other"


def test_nobody_repeats_the_offer_of_another_shop(bakery: Shop, lucas: Person, browse: Browse) -> None:
    other = made(shop_named("Café de la Gare"), lucas, "Tournée générale")
    text = browse("lucas").get(path(bakery, f"/offers/new?again={other.public_id}")).text

    assert "Tournée générale" not in text


# Its end


def test_it_leaves_home_the_shop_and_search_at_its_hour(
    bakery: Shop, lucas: Person, browse: Browse, clock: time_machine.Traveller
) -> None:
    offer = made(bakery, lucas)
    pages = ["/", path(bakery), "/search/?q=noix"]
    assert all("Pain aux noix" in browse().get(page).text for page in pages)

    clock.move_to(at("2026-11-24 20:00"))
    assert not any("Pain aux noix</a>" in browse().get(page).text for page in pages)
    assert "Cette offre est terminée." in browse().get(where(offer)).text, "for whoever kept its address"


def test_sold_out_takes_it_out_at_once(bakery: Shop, lucas: Person, browse: Browse) -> None:
    offer = made(bakery, lucas)
    address = where(offer)
    assert browse("karim").post(f"{address}/end").status_code == 403
    assert browse("lucas").post(f"{address}/end").status_code == 303

    assert "Pain aux noix" not in browse().get("/").text
    twice = browse("lucas").post(f"{address}/end")
    assert twice.status_code == 409
    assert "déjà terminée" in twice.text


def test_a_window_holds_ten(bakery: Shop, lucas: Person, browse: Browse) -> None:
    for number in range(WINDOW):
        made(bakery, lucas, f"Fournée {number}")
    answer = browse("lucas").post(path(bakery, "/offers"), data=OFFER)

    assert answer.status_code == 409
    assert "Dix offres" in answer.text
    assert "Pain aux noix" in answer.text, "what was typed is still there"
    assert offers() == 0


def test_the_town_hall_may_publish_for_a_shop_that_called(bakery: Shop, browse: Browse) -> None:
    assert browse("jean").post(path(bakery, "/offers"), data=OFFER).status_code == 303
    home = browse().get("/").text
    card = next(part for part in home.split("<article") if "Pain aux noix" in part)

    assert "Boulangerie Moreau" in card
    assert 'data-kind="offer"' in card, "tinted paper: the shop speaks, not the town hall"


# What is kept


def test_an_offer_is_forgotten_after_a_year(
    bakery: Shop, lucas: Person, clock: time_machine.Traveller, work: Callable[[], int]
) -> None:
    offer = made(bakery, lucas)
    number = offer.id
    clock.shift(timedelta(days=366))
    commands.forget_old_offers()
    db.session.commit()

    assert db.session.get(Offer, number) is None
    assert db.session.scalar(select(Card).where(Card.thing == "shops_offer", Card.thing_id == number)) is None
    assert (
        db.session.scalar(select(Media).where(Media.subject_type == "shops_offer", Media.deleted_at.is_(None))) is None
    )


def test_who_typed_an_offer_is_forgotten_with_them_and_the_offer_stays(bakery: Shop, lucas: Person) -> None:
    offer = made(bakery, lucas)
    person_erased.send(lucas)
    db.session.commit()

    assert offer.made_by_id is None
    assert offer.standing
