"""Who sees a report: its reporter and the town hall at once, everybody once it was read and shown."""

import io

import pytest
from sqlalchemy import select

from tests.cast import person_named
from tests.client import Browser
from tests.complaints.conftest import TITLE, again, kept, shown, statements, told, typed
from tests.conftest import Browse
from tests.kernel.media.corpus import flag, saved
from town.blueprints.complaints.models import Complaint
from town.kernel.db import db
from town.kernel.media import Media
from town.kernel.registry import Town
from town.kernel.web import TownApp


@pytest.mark.parametrize("who", [None, "nadia", "odile", "lucas"])
def test_an_unread_report_is_nothing_to_a_visitor_or_another_resident(
    browse: Browse, town: Town, who: str | None
) -> None:
    report = told()
    for ref in (report.number, report.public_id):
        assert browse(who).get(f"/complaints/{ref}").status_code == 404
    assert TITLE not in browse(who).get("/complaints/").text
    assert TITLE not in browse(who).get("/").text


@pytest.mark.parametrize("who", ["karim", "jean", "claire", "helene"])
def test_its_reporter_and_the_town_hall_see_it_at_once(browse: Browse, town: Town, who: str) -> None:
    report = told()
    assert TITLE in browse(who).get(f"/complaints/{report.number}").text


def test_a_missing_report_and_a_hidden_one_look_the_same(browse: Browse, town: Town) -> None:
    report = told()
    hidden = browse("odile").get(f"/complaints/{report.number}")
    missing = browse("odile").get("/complaints/999999")
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert len(hidden.data) == len(missing.data)


def test_a_report_that_stays_private_is_nothing_to_anybody_else_even_read(browse: Browse, town: Town) -> None:
    report = kept()
    assert browse("odile").get(f"/complaints/{report.number}").status_code == 404
    assert browse("odile").post(f"/complaints/{report.public_id}/follower").status_code == 404
    assert browse("karim").get(f"/complaints/{report.number}").status_code == 200


def test_odd_references_find_nothing(browse: Browse) -> None:
    for ref in ("0", "-1", "99999999999999999999", "abc", "%00", "1%00", "١", "1.0", "' OR 1=1"):
        assert browse("odile").get(f"/complaints/{ref}").status_code == 404, ref


def test_who_reported_is_shown_to_nobody_but_the_town_hall(browse: Browse, town: Town) -> None:
    report = shown()
    for who in (None, "odile", "nadia"):
        text = browse(who).get(f"/complaints/{report.number}").text
        assert "Benali" not in text, who
        assert "Karim" not in text, who
        assert person_named("karim").public_id not in text, who
    db.session.rollback()
    assert "Karim Benali" in browse("jean").get(f"/desk/complaints/{report.number}").text


def test_a_report_shown_to_all_is_on_the_list_and_on_home(browse: Browse, town: Town) -> None:
    report = shown()
    assert f"/complaints/{report.number}" in browse().get("/complaints/").text
    assert TITLE in browse().get("/").text
    assert TITLE in browse().get("/search/?q=latte").text


def test_notes_of_colleagues_are_on_no_page_for_residents(browse: Browse, town: Town) -> None:
    report = shown()
    report.note(person_named("jean"), "Attention, il se plaint souvent.")
    db.session.commit()
    for who in (None, "karim", "odile"):
        assert "se plaint" not in browse(who).get(f"/complaints/{report.number}").text
    assert "se plaint" in browse("jean").get(f"/desk/complaints/{report.number}").text


def test_residents_never_see_the_desk(browse: Browse, town: Town) -> None:
    report = shown()
    for path in ("/desk/", "/desk/complaints", f"/desk/complaints/{report.public_id}"):
        assert browse("karim").get(path).status_code == 403
        assert browse().get(path).status_code == 303


@pytest.mark.parametrize("act", ["reading", "steps", "reopening", "assignment", "notes"])
def test_residents_never_act_at_the_desk(browse: Browse, town: Town, act: str) -> None:
    report = shown()
    answer = browse("karim").post(
        f"/desk/complaints/{report.public_id}/{act}", data={"verb": "resolved", "words": "Non."}
    )
    assert answer.status_code == 403
    assert again(report).state == "acknowledged"


def with_photo(karim: Browser) -> tuple[Complaint, Media]:
    karim.post("/complaints/new", data=typed(photos=[(io.BytesIO(saved(flag(), "JPEG")), "banc.jpg")]))
    report = db.session.scalars(select(Complaint).order_by(Complaint.number.desc())).first()
    assert report is not None
    photo = db.session.scalar(select(Media).where(Media.subject_id == report.id, Media.subject_type == "complaint"))
    assert photo is not None
    return report, photo


def test_a_photo_is_seen_by_whom_its_report_is_seen(browse: Browse, karim: Browser, town: Town) -> None:
    report, photo = with_photo(karim)
    address = f"/media/{photo.name}/card.webp"
    assert browse().get(address).status_code == 404
    assert browse("odile").get(address).status_code == 404
    assert karim.get(address).headers["Cache-Control"].startswith("private")
    assert browse("jean").get(address).status_code == 200
    report.acknowledge(person_named("jean"), to_all=True)
    db.session.commit()
    assert browse().get(address).status_code == 200


def test_a_photo_kept_inside_goes_out_of_everybodys_sight(browse: Browse, karim: Browser, town: Town) -> None:
    report, photo = with_photo(karim)
    report.acknowledge(person_named("jean"), to_all=True, hidden=[photo.name])
    db.session.commit()
    address = f"/media/{photo.name}/card.webp"
    assert browse().get(address).status_code == 404
    assert photo.name not in browse().get(f"/complaints/{report.number}").text
    assert photo.name not in browse().get("/").text
    assert karim.get(address).status_code == 200
    again(report).show_to_all(person_named("jean"), title="", shown_words="", hidden=[])
    db.session.commit()
    assert browse().get(address).status_code == 200


def test_words_taken_out_by_the_town_hall_are_read_by_nobody_else(browse: Browse, town: Town) -> None:
    report = told()
    report.acknowledge(
        person_named("jean"), to_all=True, title="Banc abîmé", shown_words="Un banc de la place a perdu une latte."
    )
    db.session.commit()
    for path in (f"/complaints/{report.number}", "/complaints/", "/", "/search/?q=coupe"):
        assert "coupe" not in browse("odile").get(path).text.replace('value="coupe"', "").replace(
            "«\u00a0coupe\u202f»", ""
        ), path
    assert "On s’y coupe" in browse("karim").get(f"/complaints/{report.number}").text


def test_a_report_taken_back_inside_leaves_the_list_and_home(browse: Browse, town: Town) -> None:
    report = shown()
    report.keep_inside(person_named("jean"))
    db.session.commit()
    assert browse().get(f"/complaints/{report.number}").status_code == 404
    for path in ("/", "/complaints/", "/search/?q=latte"):
        assert TITLE not in browse().get(path).text


def test_a_resident_finds_their_own_reports_read_or_not(browse: Browse, town: Town) -> None:
    told()
    kept()
    assert browse("karim").get("/complaints/?mine=1").text.count(TITLE) >= 2
    assert TITLE not in browse("odile").get("/complaints/?mine=1").text
    assert TITLE not in browse().get("/complaints/?mine=1").text


def test_the_list_is_narrowed_by_state_and_subject(browse: Browse, town: Town) -> None:
    report = shown(category="green")
    report.resolve(person_named("jean"), "Réparé.")
    db.session.commit()
    assert TITLE in browse().get("/complaints/?state=resolved").text
    assert TITLE not in browse().get("/complaints/?state=declined").text
    assert TITLE in browse().get("/complaints/?category=green").text
    assert TITLE not in browse().get("/complaints/?category=roads").text
    for odd in ("?state=drop", "?category='", "?before=abc", "?before=-1", "?before=99999999999"):
        assert browse().get(f"/complaints/{odd}").status_code == 200


def test_older_reports_are_one_step_away_and_none_is_lost(browse: Browse, town: Town) -> None:
    for _ in range(30):
        shown()
    first = browse().get("/complaints/").text
    older = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = browse().get(older).text
    public = db.session.scalars(
        select(Complaint.number).where(Complaint.published_at.is_not(None), Complaint.state != "duplicate")
    )
    for number in public:
        link = f'href="/complaints/{number}"'
        assert (link in first) + (link in second) == 1, number


@pytest.mark.parametrize("who", [None, "karim", "jean"])
def test_the_list_asks_as_little_of_ten_reports_as_of_many(
    browse: Browse, app: TownApp, town: Town, who: str | None
) -> None:
    browser = browse(who)
    browser.get("/complaints/")
    with statements(app) as few:
        browser.get("/complaints/")
    for _ in range(40):
        shown()
    with statements(app) as many:
        browser.get("/complaints/")
    assert len(many) == len(few) <= 4
