"""The drawing of the town: small, the same for everybody, and silent about who lives where."""

import json

from sqlalchemy import select

from tests.conftest import Browse
from town.commons.places.models import Address, Street
from town.commons.places.spots import extent, nearest, point_of, recognise, seen_by_strangers, spot
from town.kernel.db import db
from town.kernel.registry import Town


def test_anybody_draws_the_whole_town_with_one_small_file(browse: Browse, town: Town) -> None:
    answer = browse().get("/places/points.json")
    drawn = answer.get_json()
    doors = db.session.scalars(select(Address.lon).where(Address.lon.is_not(None), Address.retired_at.is_(None))).all()
    assert len(drawn["doors"]) == 2 * len(doors)
    assert "Rue des Tanneries" in [name for name, _x, _y in drawn["streets"]]
    assert len(answer.data) * 500 / len(doors) < 60_000


def test_a_browser_that_has_the_drawing_is_not_sent_it_again(browse: Browse) -> None:
    first = browse().get("/places/points.json")
    again = browse().get("/places/points.json", headers={"If-None-Match": first.headers["ETag"]})
    assert first.headers["Cache-Control"] == "public, max-age=3600"
    assert (again.status_code, again.data) == (304, b"")


def test_the_drawing_names_streets_and_neither_doors_nor_people(browse: Browse) -> None:
    drawn = browse("odile").get("/places/points.json").get_data(as_text=True)
    assert "Marchetti" not in drawn
    assert {type(value) for value in json.loads(drawn)["doors"]} == {int}


def test_a_notice_colours_the_doors_of_its_street_alone(browse: Browse, town: Town) -> None:
    street = db.session.scalar(select(Street).where(Street.name == "Rue des Tanneries"))
    assert street is not None
    doors = db.session.scalars(select(Address.id).where(Address.street_id == street.id)).all()
    drawn = browse().get(f"/places/points.json?streets={street.public_id},unknown").get_json()
    assert len(drawn["chosen"]) == 2 * len(doors)


def test_somebody_who_types_a_number_and_half_a_street_is_offered_the_door(browse: Browse) -> None:
    page = browse().get(
        "/places/addresses?where=12+rue+des+tan", headers={"HX-Request": "true", "HX-Target": "datalist#suggestions"}
    )
    assert page.get_data(as_text=True).count("<option") == 1
    assert 'value="12 Rue des Tanneries" data-lon="3.' in page.get_data(as_text=True)


def test_somebody_who_types_the_middle_of_a_name_is_offered_streets(browse: Browse) -> None:
    page = browse().get("/places/addresses?q=tanneries").get_data(as_text=True)
    assert "Rue des Tanneries" in page


def test_percent_signs_and_one_letter_find_nothing(browse: Browse) -> None:
    for text in ("%", "%%%%", "a", "_____", "12 %"):
        page = browse().get("/places/addresses", query_string={"q": text})
        assert page.status_code == 200
        assert "<option" not in page.get_data(as_text=True), text


def test_a_sentence_is_understood_when_it_names_a_street(town: Town) -> None:
    street, door = recognise("devant le 14 rue des Tanneries, côté lavoir")
    assert street is not None
    assert door is not None
    assert (street.name, door.number) == ("Rue des Tanneries", 14)


def test_a_landmark_is_a_place_without_a_point(town: Town) -> None:
    place = spot("derrière le monument aux morts", None)
    assert place is not None
    assert (place.street, place.lon) == (None, None)


def test_what_is_no_place_on_earth_is_no_point() -> None:
    for lon, lat in (("NaN", "47"), ("3", "1e308"), ("inf", "47"), ("", ""), (None, None), ("3,2", "47"), ("181", "0")):
        assert point_of(lon, lat) is None, (lon, lat)


def test_the_town_ends_a_little_after_its_last_house(town: Town) -> None:
    here = extent()
    assert here is not None
    assert here.holds((3.2, 47.4))
    assert not here.holds((0.0, 0.0))
    assert not here.holds((3.2, 47.5))


def test_a_point_at_the_reporters_own_door_is_shown_as_the_street(town: Town) -> None:
    home = db.session.scalar(
        select(Address).join(Street).where(Street.name == "Rue des Tanneries", Address.number == 12)
    )
    assert home is not None
    assert home.lon is not None
    assert home.lat is not None
    for place in (
        spot("12 rue des Tanneries", None),
        spot("devant chez moi", (home.lon + 0.0001, home.lat)),
    ):
        assert place is not None
        shown = seen_by_strangers(place, home)
        assert shown.words == "Rue des Tanneries"
        assert shown.lon is not None
        assert (shown.lon, shown.lat) != (round(home.lon, 4), round(home.lat, 4))


def test_words_that_name_the_reporters_own_door_are_not_shown_beside_a_point_elsewhere(town: Town) -> None:
    home = db.session.scalar(
        select(Address).join(Street).where(Street.name == "Rue des Tanneries", Address.number == 12)
    )
    place = spot("en face du 12 rue des Tanneries", (3.2001, 47.4))
    assert place is not None
    assert place.street is not None
    shown = seen_by_strangers(place, home)
    assert (shown.words, shown.lon) == (place.street.name, 3.2001)


def test_a_point_elsewhere_is_shown_where_it_is(town: Town) -> None:
    home = db.session.scalar(
        select(Address).join(Street).where(Street.name == "Rue des Tanneries", Address.number == 12)
    )
    place = spot("14 rue du Four", (3.2001, 47.4))
    assert place is not None
    shown = seen_by_strangers(place, home)
    assert (shown.words, shown.lon) == ("14 rue du Four", 3.2001)


def test_a_hamlet_of_one_house_shows_nothing_of_its_reporter(town: Town) -> None:
    home = db.session.scalar(select(Address).join(Street).where(Street.name == "Le Moulin Neuf"))
    assert home is not None
    assert home.lon is not None
    assert home.lat is not None
    assert nearest((home.lon, home.lat)) is home
    place = spot("chez moi, au Moulin Neuf", (home.lon, home.lat))
    assert place is not None
    shown = seen_by_strangers(place, home)
    assert (shown.words, shown.lon, shown.lat) == ("", None, None)
