"""Sending a report: what, where, with which photos, and a number at once."""

import io
import secrets

import pytest
from sqlalchemy import func, select

from tests.cast import person_named
from tests.client import Browser
from tests.complaints.conftest import TITLE, WORDS, typed, who_was_told
from tests.conftest import Browse
from tests.kernel.media.corpus import flag, saved
from town.blueprints.complaints.models import Complaint
from town.commons.places.models import Address, Place, Street
from town.kernel.db import db
from town.kernel.media import Media
from town.kernel.registry import Town

JSON = {"Accept": "application/json"}


def last() -> Complaint:
    report = db.session.scalars(select(Complaint).order_by(Complaint.number.desc())).first()
    assert report is not None
    return report


def how_many() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Complaint)) or 0


def photo() -> tuple[io.BytesIO, str]:
    return io.BytesIO(saved(flag(), "JPEG")), "lampadaire.jpg"


def test_a_resident_reports_and_has_a_number_at_once(karim: Browser, town: Town) -> None:
    before = how_many()
    answer = karim.post("/complaints/new", data=typed())
    assert answer.status_code == 303
    assert answer.location == f"/complaints/{before + 1}"
    page = karim.get(answer.location).text
    assert f"numéro {before + 1}" in page
    assert TITLE in page
    report = last()
    assert (report.state, report.wanted_public, report.published_at) == ("received", True, None)
    assert report.quarter is not None
    assert report.quarter.name == "Le Bourg"


def test_a_neighbour_whose_letter_is_on_its_way_may_report(browse: Browse, town: Town) -> None:
    assert browse("nadia").post("/complaints/new", data=typed()).status_code == 303


def test_a_visitor_is_asked_to_sign_in_first(browse: Browse) -> None:
    assert browse().get("/complaints/new").location.startswith("/login?next=")
    turned_away = browse().post("/complaints/new", data=typed())
    assert turned_away.status_code == 403
    assert "On s’y coupe." in turned_away.text


def test_short_addresses_on_paper_lead_to_the_form_and_the_list(karim: Browser) -> None:
    assert karim.get("/signaler").location == "/complaints/new"
    assert karim.get("/signalements").location == "/complaints/"


def test_the_town_hall_is_told_and_nobody_else(karim: Browser, town: Town, work: object) -> None:
    karim.post("/complaints/new", data=typed())
    work()  # type: ignore[operator]  # the fixture is a function
    db.session.rollback()
    assert who_was_told(TITLE) == ["Hélène", "Jean"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("category", ""),
        ("category", "mayor"),
        ("words", ""),
        ("words", "   \n "),
        ("words", "x" * 2001),
        ("readers", "nobody"),
        ("where", "x" * 201),
    ],
)
def test_a_form_with_a_mistake_comes_back_with_what_was_typed(
    karim: Browser, town: Town, field: str, value: str
) -> None:
    before = how_many()
    answer = karim.post("/complaints/new", data=typed(**{field: value}))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert how_many() == before
    if field != "words":
        assert "On s’y coupe." in answer.text


@pytest.mark.parametrize(
    ("lon", "lat"),
    [("NaN", "NaN"), ("3.2", "1e308"), ("0", "0"), ("inf", "47.4"), ("2.35", "48.85"), ("3.2", ""), ("abc", "47.4")],
)
def test_a_point_that_is_not_in_the_town_is_refused(karim: Browser, town: Town, lon: str, lat: str) -> None:
    before = how_many()
    answer = karim.post("/complaints/new", data=typed(lon=lon, lat=lat), headers=JSON)
    assert answer.status_code == 422
    assert "pas dans la commune" in answer.get_json()["errors"]["where"][0]
    assert how_many() == before


def test_a_report_says_where_or_says_that_it_is_nowhere(karim: Browser, town: Town) -> None:
    assert karim.post("/complaints/new", data=typed(where="")).status_code == 422
    assert karim.post("/complaints/new", data=typed(where="", nowhere="y")).status_code == 303
    assert last().place is None


def test_a_tapped_point_knows_its_street_and_quarter(karim: Browser, town: Town) -> None:
    door = db.session.scalar(select(Address).join(Street).where(Street.name == "Rue du Four"))
    assert door is not None
    karim.post("/complaints/new", data=typed(where="", lon=str(door.lon), lat=str(door.lat)))
    report = last()
    assert report.place is not None
    assert report.place.street is door.street
    assert (report.shown_place, report.shown_lon) == ("Rue du Four", round(door.lon or 0, 4))


def test_no_place_is_left_behind_by_a_form_with_a_mistake(karim: Browser, town: Town) -> None:
    before = db.session.scalar(select(func.count()).select_from(Place))
    db.session.rollback()
    karim.post("/complaints/new", data=typed(words=""))
    assert db.session.scalar(select(func.count()).select_from(Place)) == before


@pytest.mark.parametrize(
    "where", ["devant chez moi, 12 rue des Tanneries", "Rue des Tanneries 12", "rue des tanneries, au no 12, chez moi"]
)
def test_a_report_at_the_reporters_own_door_shows_only_the_street(browse: Browse, town: Town, where: str) -> None:
    odile = browse("odile")
    odile.post("/complaints/new", data=typed(where=where))
    report = last()
    report.acknowledge(person_named("jean"), to_all=True)
    db.session.commit()
    for who, page in ((None, browse()), ("karim", browse("karim"))):
        text = page.get(f"/complaints/{report.number}").text
        assert "Rue des Tanneries" in text, who
        assert where not in text, who
        assert "12 rue" not in text, who
        assert f"{report.place.lon if report.place else 0}" not in text, who
    assert where in odile.get(f"/complaints/{report.number}").text


@pytest.mark.parametrize("category", ["noise", "school", "paperwork"])
def test_sensitive_subjects_stay_with_the_town_hall_whatever_was_ticked(
    karim: Browser, town: Town, category: str
) -> None:
    karim.post("/complaints/new", data=typed(category=category, readers="all"))
    assert not last().may_be_shown


def test_photos_come_along_without_where_they_were_taken(karim: Browser, town: Town) -> None:
    answer = karim.post("/complaints/new", data=typed(photos=[photo(), photo()]))
    assert answer.status_code == 303
    report = last()
    photos = db.session.scalars(
        select(Media).where(Media.subject_type == "complaint", Media.subject_id == report.id)
    ).all()
    assert len(photos) == 2
    seen = karim.get(f"/media/{photos[0].name}/card.webp")
    assert seen.status_code == 200
    assert b"EXIF" not in seen.data


def test_a_sixth_photo_is_one_too_many(karim: Browser, town: Town) -> None:
    answer = karim.post("/complaints/new", data=typed(photos=[photo() for _ in range(6)]), headers=JSON)
    assert answer.status_code == 422
    assert "photos" in answer.get_json()["errors"]


def test_a_photo_is_not_lost_when_the_words_are_missing(karim: Browser, town: Town) -> None:
    wrong = karim.post("/complaints/new", data=typed(words="", photos=[photo()]))
    assert wrong.status_code == 422
    token = wrong.text.split('name="photos-kept" value="')[1].split('"')[0]
    assert karim.post("/complaints/new", data={**typed(), "photos-kept": token}).status_code == 303
    photos = select(func.count()).where(Media.subject_type == "complaint", Media.subject_id == last().id)
    assert db.session.scalar(photos) == 1


def test_the_outbox_gets_the_number_and_the_same_number_again(karim: Browser, town: Town) -> None:
    headers = {**JSON, "Idempotency-Key": secrets.token_urlsafe(16)}
    first = karim.post("/complaints/new", data=typed(), headers=headers)
    assert first.status_code == 201
    count = how_many()
    for _ in range(3):
        again = karim.post("/complaints/new", data=typed(), headers=headers)
        assert again.status_code == 200
        assert again.get_json() == first.get_json()
    assert how_many() == count
    other = karim.post("/complaints/new", data=typed(words="Autre chose."), headers=headers)
    assert other.status_code == 422


def test_the_outbox_is_told_which_fields_to_correct(karim: Browser) -> None:
    answer = karim.post("/complaints/new", data={}, headers=JSON)
    assert answer.status_code == 422
    assert set(answer.get_json()["errors"]) == {"category", "words", "where", "readers"}


def test_the_outbox_of_somebody_signed_out_keeps_its_report(browse: Browse) -> None:
    assert browse().post("/complaints/new", data=typed(), headers=JSON).status_code == 401


def test_htmx_gets_the_form_again_in_place(karim: Browser) -> None:
    headers = {"HX-Request": "true", "HX-Target": "form#report"}
    answer = karim.post("/complaints/new", data=typed(words=""), headers=headers)
    assert answer.status_code == 422
    assert answer.text.lstrip().startswith("<form")
    assert "<html" not in answer.text


def test_htmx_sees_the_whole_page_of_the_report_once_it_is_sent(karim: Browser) -> None:
    headers = {"HX-Request": "true", "HX-Target": "form#report"}
    answer = karim.post("/complaints/new", data=typed(), headers=headers)
    assert answer.headers["HX-Retarget"] == "body"
    assert answer.headers["HX-Push-Url"].startswith("/complaints/")
    assert "<html" in answer.text


def test_words_are_shown_as_words(karim: Browser, browse: Browse, town: Town) -> None:
    karim.post("/complaints/new", data=typed(words='<img src=x onerror=alert(1)> hx-get="/desk/" trop\u202eéton'))
    text = karim.get(f"/complaints/{last().number}").text
    assert "<img src=x" not in text
    assert "\u202e" not in text


def test_a_reports_title_is_its_first_sentence(karim: Browser, town: Town) -> None:
    karim.post("/complaints/new", data=typed(words="Encore ! " + "Très long " * 30))
    assert last().title == "Encore !"
    karim.post("/complaints/new", data=typed(words="mot " * 200))
    assert len(last().title) <= 81


def test_numbers_follow_each_other_even_after_a_refusal(karim: Browser, town: Town) -> None:
    first = karim.post("/complaints/new", data=typed()).location
    karim.post("/complaints/new", data=typed(category=""))
    second = karim.post("/complaints/new", data=typed()).location
    assert int(second.rpartition("/")[2]) == int(first.rpartition("/")[2]) + 1


def test_the_words_given_are_those_kept(karim: Browser, town: Town) -> None:
    karim.post("/complaints/new", data=typed())
    assert last().words == WORDS
