"""The pages of lending, as neighbours use them: without JavaScript, with htmx, from the outbox."""

import re
from io import BytesIO

import pytest
from flask import g
from PIL import Image
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.conftest import Browse
from tests.lending.conftest import put_on_shelf
from town.blueprints.lending.models import Item, Loan
from town.commons.board import Card
from town.commons.people.models import Person
from town.kernel.db import db

WEEKEND = {"starts": "2026-06-20", "ends": "2026-06-21", "message": "C’est pour ma gouttière."}
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
JSON = {"Accept": "application/json"}


def loans_of(item: Item) -> int:
    db.session.rollback()
    count = db.session.scalar(select(func.count()).select_from(Loan).where(Loan.item_id == item.id)) or 0
    db.session.rollback()
    return count


def path(item: Item, more: str = "") -> str:
    """Its address. Nothing stays open after it was read: that would keep the browser from writing."""
    address = f"/lending/items/{item.public_id}{more}"
    db.session.rollback()
    return address


def at(loan: Loan) -> str:
    """The address of a loan."""
    address = f"/lending/loans/{loan.public_id}"
    db.session.rollback()
    return address


# Who sees what


def test_a_visitor_reads_why_the_shelf_is_closed_and_how_to_open_it(ladder: Item, browse: Browse) -> None:
    answer = browse().get("/lending/")

    assert answer.status_code == 200
    assert "Échelle télescopique" not in answer.text
    assert "Seuls les voisins dont l’adresse est vérifiée" in answer.text
    assert "/login?next=" in answer.text


def test_a_neighbour_whose_letter_is_on_its_way_sees_no_item_and_cannot_borrow(ladder: Item, browse: Browse) -> None:
    nadia = browse("nadia")

    assert "Échelle télescopique" not in nadia.get("/lending/").text
    assert nadia.get(path(ladder)).status_code == 403
    assert nadia.post(path(ladder, "/loans"), data=WEEKEND).status_code == 403
    assert nadia.post("/lending/items", data={"title": "Perceuse"}).status_code == 403
    assert loans_of(ladder) == 0


def test_a_certified_neighbour_sees_the_ladder_its_owner_and_no_address(ladder: Item, browse: Browse) -> None:
    text = browse("odile").get(path(ladder)).text

    assert "Échelle télescopique, 3,80 m" in text
    assert "Karim B." in text
    assert "Bel-Air" in text or "Belvédère" not in text
    assert "Belvédère" not in text
    assert "Benali" not in text


def test_only_the_two_neighbours_of_a_loan_see_it(request_of_odile: Loan, browse: Browse) -> None:
    address = at(request_of_odile)

    assert browse("odile").get(address).status_code == 200
    assert browse("karim").get(address).status_code == 200
    for stranger in ("yvonne", "jean", "helene"):
        assert browse(stranger).get(address).status_code == 404
        for verb in ("acceptance", "refusal", "cancellation", "handover", "return"):
            assert browse(stranger).post(f"{address}/{verb}").status_code == 404
    assert browse().get(address).status_code == 303


def test_full_names_are_shown_once_the_loan_is_agreed(request_of_odile: Loan, browse: Browse) -> None:
    address = at(request_of_odile)
    assert "Benali" not in browse("odile").get(address).text

    browse("karim").post(f"{address}/acceptance", data={"answer": "5 rue du Belvédère, vendredi 19 h."})
    text = browse("odile").get(address).text
    assert "Karim Benali" in text
    assert "5 rue du Belvédère" in text


def test_the_borrower_cannot_answer_for_the_owner(request_of_odile: Loan, browse: Browse) -> None:
    address = at(request_of_odile)

    assert browse("odile").post(f"{address}/acceptance").status_code == 403
    assert browse("odile").post(f"{address}/refusal").status_code == 403
    assert browse("karim").post(f"{address}/cancellation").status_code == 403


def test_only_the_owner_changes_an_item(ladder: Item, browse: Browse) -> None:
    for verb in ("", "/withdrawal", "/offer"):
        assert browse("odile").post(path(ladder, verb), data={"title": "À moi"}).status_code == 403
    assert browse("odile").get(path(ladder, "/edit")).status_code == 403
    assert browse("karim").get(path(ladder, "/edit")).status_code == 200


def test_nobody_borrows_their_own_ladder(ladder: Item, browse: Browse) -> None:
    karim = browse("karim")

    assert "Votre demande" not in karim.get(path(ladder)).text
    assert karim.post(path(ladder, "/loans"), data=WEEKEND).status_code == 403


def test_what_was_withdrawn_is_gone_for_others_and_not_for_who_borrowed_it(
    request_of_odile: Loan, ladder: Item, browse: Browse
) -> None:
    browse("karim").post(path(ladder, "/withdrawal"))

    assert browse("yvonne").get(path(ladder)).status_code == 404
    assert browse("odile").get(path(ladder)).status_code == 200
    assert browse("karim").get(path(ladder)).status_code == 200


# Asking


def test_a_request_is_sent_and_shown(ladder: Item, browse: Browse) -> None:
    answer = browse("odile").post(path(ladder, "/loans"), data=WEEKEND)

    assert answer.status_code == 303
    shown = browse("odile").get(answer.location).text
    assert "Du 20 au 21 juin" in shown
    assert "C’est pour ma gouttière." in shown


def test_the_outbox_gets_the_address_of_the_loan(ladder: Item, browse: Browse) -> None:
    answer = browse("odile").post(path(ladder, "/loans"), data=WEEKEND, headers=JSON)

    assert answer.status_code == 201
    assert answer.headers["Location"] == answer.json["location"]
    assert re.fullmatch(r"/lending/loans/[\w-]{22}", answer.json["location"])


def test_with_htmx_the_loan_comes_in_place(ladder: Item, browse: Browse) -> None:
    answer = browse("odile").post(path(ladder, "/loans"), data=WEEKEND, headers=HTMX | {"HX-Target": "div#booking"})

    assert answer.status_code == 200
    assert answer.headers["HX-Push-Url"].startswith("/lending/loans/")
    assert answer.headers["HX-Retarget"] == "body"
    assert "<!doctype html>" in answer.text


def test_the_same_gesture_twice_is_one_loan(ladder: Item, browse: Browse) -> None:
    odile = browse("odile")
    twice = [odile.post(path(ladder, "/loans"), data=WEEKEND | {"_key": "a-key-of-this-page"}) for _ in range(2)]

    assert [answer.status_code for answer in twice] == [303, 303]
    assert twice[0].location == twice[1].location
    assert loans_of(ladder) == 1


def test_the_outbox_resends_without_making_two(ladder: Item, browse: Browse) -> None:
    odile = browse("odile")
    headers = JSON | {"Idempotency-Key": "5b1f0f5e-6f0c-4a52-9f0e-0d6a6d6f3c11"}
    twice = [odile.post(path(ladder, "/loans"), data=WEEKEND, headers=headers) for _ in range(2)]

    assert [answer.status_code for answer in twice] == [201, 200]
    assert twice[0].json == twice[1].json
    assert loans_of(ladder) == 1


WRONG_DATES = [
    ({"ends": "2026-06-19"}, "ends", "La fin doit venir après le début."),
    ({"starts": "2026-06-17"}, "starts", "Ce jour est passé."),
    ({"starts": "2028-06-20", "ends": "2028-06-21"}, "starts", "C’est dans plus d’un an."),
    ({"ends": "2027-07-25"}, "ends", "C’est dans plus d’un an."),
    ({"ends": "2026-07-25"}, "ends", "7 jours au plus."),
    ({"starts": ""}, "starts", "Choisissez un jour."),
    ({"starts": "demain"}, "starts", ""),
    ({"starts": "99999-01-01"}, "starts", ""),
    ({"message": "x" * 1001}, "message", ""),
]


@pytest.mark.parametrize(("wrong", "field", "sentence"), WRONG_DATES)
def test_impossible_dates_are_answered_beside_their_field(
    ladder: Item, browse: Browse, wrong: dict[str, str], field: str, sentence: str
) -> None:
    odile = browse("odile")
    page = odile.post(path(ladder, "/loans"), data=WEEKEND | wrong)
    outbox = odile.post(path(ladder, "/loans"), data=WEEKEND | wrong, headers=JSON)

    assert (page.status_code, outbox.status_code) == (422, 422)
    assert f'id="{field}-error"' in page.text
    assert sentence in page.text
    if field != "message":
        assert "C’est pour ma gouttière." in page.text
    assert list(outbox.json["errors"]) == [field]
    assert loans_of(ladder) == 0


@pytest.mark.parametrize("unit", ["days", "halves", "hours"])
def test_a_day_at_either_end_of_time_is_answered_like_any_other_mistake(
    karim: Person, browse: Browse, unit: str
) -> None:
    """SECURITY g7: an outbox that got a 500 would try again for ever."""
    trailer = put_on_shelf(karim, "Remorque de vélo", unit=unit)
    db.session.commit()
    odile, times = browse("odile"), {"start_time": "09:00", "end_time": "10:00", "start_part": "morning"}
    for day in ("0001-01-01", "9999-12-31"):
        asked = {"starts": day, "ends": day, "message": "Pour ma gouttière.", **times}
        assert odile.post(path(trailer, "/loans"), data=asked).status_code == 422
        assert odile.get(path(trailer), query_string=asked).status_code == 200


def test_an_hour_that_does_not_exist_is_said_so(karim: Person, browse: Browse, clock: object) -> None:
    trailer = put_on_shelf(karim, "Remorque de vélo", unit="hours")
    db.session.commit()
    clock.move_to("2027-03-20T09:00:00+00:00")  # type: ignore[attr-defined]  # a traveller
    night = {"starts": "2027-03-28", "ends": "2027-03-28", "start_time": "02:30", "end_time": "09:00"}
    answer = browse("odile").post(path(trailer, "/loans"), data=night, headers=JSON)

    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["start_time"]


def test_half_days_and_hours_can_be_asked_for(karim: Person, browse: Browse) -> None:
    drill = put_on_shelf(karim, "Perceuse", unit="halves")
    trailer = put_on_shelf(karim, "Remorque de vélo", unit="hours")
    db.session.commit()
    on = {"starts": "2026-06-20", "ends": "2026-06-20"}
    odile, yvonne = browse("odile"), browse("yvonne")

    morning = odile.post(path(drill, "/loans"), data=on | {"start_half": "morning", "end_half": "morning"})
    afternoon = yvonne.post(path(drill, "/loans"), data=on | {"start_half": "afternoon", "end_half": "afternoon"})
    early = odile.post(path(trailer, "/loans"), data=on | {"start_time": "10:00", "end_time": "11:00"})
    late = yvonne.post(path(trailer, "/loans"), data=on | {"start_time": "11:00", "end_time": "12:00"})
    assert [answer.status_code for answer in (morning, afternoon, early, late)] == [303] * 4
    assert "déjà pris" in browse("lucas").get(path(trailer, "?from=2026-06-20")).text.lower()


def refused(answer: TestResponse) -> None:
    assert answer.status_code == 409
    assert "Quelqu’un a été plus rapide" in answer.text
    assert "C’est pour ma gouttière." in answer.text
    assert 'value="2026-06-20"' in answer.text


def test_who_comes_second_reads_so_and_keeps_what_was_typed(
    request_of_odile: Loan, ladder: Item, browse: Browse
) -> None:
    theo = browse("theo")
    refused(theo.post(path(ladder, "/loans"), data=WEEKEND))
    fragment = theo.post(path(ladder, "/loans"), data=WEEKEND, headers=HTMX | {"HX-Target": "div#booking"})
    refused(fragment)
    assert "<!doctype html>" not in fragment.text
    outbox = theo.post(path(ladder, "/loans"), data=WEEKEND, headers=JSON)
    assert outbox.status_code == 409
    assert outbox.json["error"] == "AlreadyBooked"
    assert "plus rapide" in outbox.json["sentence"]
    assert loans_of(ladder) == 1


def test_five_loans_are_enough_on_the_page_too(karim: Person, browse: Browse) -> None:
    things = [put_on_shelf(karim, f"Chaise {n}") for n in range(6)]
    db.session.commit()
    yvonne = browse("yvonne")
    said = [yvonne.post(path(thing, "/loans"), data=WEEKEND).status_code for thing in things]

    assert said == [303] * 5 + [409]


# The calendar


def test_the_calendar_works_by_links_and_by_fragments(request_of_odile: Loan, ladder: Item, browse: Browse) -> None:
    yvonne = browse("yvonne")
    whole = yvonne.get(path(ladder)).text
    assert 'class="taken"' in whole
    assert "Juin 2026" in whole

    first = yvonne.get(path(ladder, "?from=2026-06-24&month=2026-06")).text
    assert 'name="starts" required type="date" value="2026-06-24"' in first or 'value="2026-06-24"' in first
    both = path(ladder, "?from=2026-06-24&to=2026-06-25&month=2026-06")
    assert both.replace("&", "&amp;") in first

    fragment = yvonne.get(both, headers=HTMX | {"HX-Target": "div#booking"})
    assert fragment.text.lstrip().startswith('<div class="flow" id="booking">')
    assert "Demander à emprunter, du 24 au 25 juin" in fragment.text
    assert fragment.headers["Vary"]


@pytest.mark.parametrize(
    "query", ["?from=x&to=y&month=z", "?month=0000-00", "?from=9999-12-31&to=9999-12-31", "?to=1000-01-01"]
)
def test_a_tampered_calendar_shows_a_calendar(ladder: Item, browse: Browse, query: str) -> None:
    assert browse("odile").get(path(ladder, query)).status_code == 200


# A loan, step by step


def test_a_loan_on_its_page_from_yes_to_return(request_of_odile: Loan, browse: Browse) -> None:
    address = at(request_of_odile)
    karim, odile = browse("karim"), browse("odile")

    assert "Oui, je prête du 20 au 21 juin" in karim.get(address).text
    karim.post(f"{address}/acceptance", data={"answer": "Vendredi 19 h.", "_form": "AcceptForm"})
    odile.post(f"{address}/handover")
    assert "dit que l’objet a changé de mains" in karim.get(address).text
    karim.post(f"{address}/handover")
    assert "À rendre au plus tard le dimanche 21 juin" in odile.get(address).text
    odile.post(f"{address}/return")
    done = karim.post(f"{address}/return", headers=HTMX | {"HX-Target": "div#loan"})

    assert "C’est rendu" in done.text
    assert "<!doctype html>" not in done.text


def test_a_second_answer_reads_that_there_is_one(request_of_odile: Loan, browse: Browse) -> None:
    address = at(request_of_odile)
    karim = browse("karim")
    karim.post(f"{address}/refusal", data={"reason": "Elle est chez mon frère."})
    again = karim.post(f"{address}/acceptance")

    assert again.status_code == 409
    assert "Ce prêt est terminé." in again.text
    assert "Elle est chez mon frère." in browse("odile").get(address).text


def test_my_things_and_loans_on_one_page(request_of_odile: Loan, browse: Browse) -> None:
    karim = browse("karim").get("/lending/mine").text
    odile = browse("odile").get("/lending/mine").text

    assert "Vous prêtez à Odile M." in karim
    assert "Karim B. vous prête" in odile
    assert browse("nadia").get("/lending/mine").status_code == 200
    assert browse("odile").get("/lending/loans").status_code == 200


# Offering


def photo(colour: str = "teal") -> BytesIO:
    file = BytesIO()
    Image.new("RGB", (900, 600), colour).save(file, "JPEG")
    file.seek(0)
    return file


def test_a_name_and_a_photo_are_enough(browse: Browse, town: object) -> None:
    lucas = browse("lucas")
    answer = lucas.post("/lending/items", data={"title": "Diable pliant", "photos": (photo(), "diable.jpg")})
    assert answer.status_code == 303
    text = lucas.get(answer.location).text
    assert "Diable pliant" in text
    picture = re.search(r'src="(/media/[0-9a-f]{32}/card\.webp)"', text)
    assert picture is not None

    assert browse("yvonne").get(picture[1]).status_code == 200
    assert browse("nadia").get(picture[1]).status_code == 404
    assert browse().get(picture[1]).status_code == 404
    assert "Diable pliant" in browse("yvonne").get("/lending/").text


def test_a_photo_that_came_is_not_lost_when_the_name_was_forgotten(browse: Browse, town: object) -> None:
    lucas = browse("lucas")
    answer = lucas.post("/lending/items", data={"title": " ", "photos": (photo(), "diable.jpg")})
    kept = re.search(r'name="photos-kept" value="([^"]+)"', answer.text)
    assert answer.status_code == 422
    assert kept is not None

    again = lucas.post("/lending/items", data={"title": "Diable", "photos-kept": kept[1]})
    assert "/card.webp" in lucas.get(again.location).text


def test_an_item_is_changed_and_its_card_with_it(ladder: Item, browse: Browse) -> None:
    karim = browse("karim")
    karim.post(path(ladder), data={"title": "Échelle, 4 m", "category": "garden", "longest_days": "2", "unit": "hours"})
    db.session.rollback()
    db.session.refresh(ladder)
    card = db.session.scalar(select(Card).where(Card.thing == "lending_item", Card.thing_id == ladder.id))

    assert (ladder.category, ladder.longest_days, ladder.unit) == ("garden", 2, "hours")
    assert card is not None
    assert (card.title, card.visible_to) == ("Échelle, 4 m", "certified")


def test_photos_are_added_and_taken_off(ladder: Item, browse: Browse) -> None:
    karim = browse("karim")
    karim.post(path(ladder), data={"title": "Échelle", "photos": [(photo(), "1.jpg"), (photo("navy"), "2.jpg")]})
    db.session.rollback()
    names = [picture.name for picture in db.session.scalars(ladder.pictures())]
    db.session.refresh(ladder)
    assert ladder.photo == names[0]

    db.session.rollback()
    karim.post(path(ladder), data={"title": "Échelle", "drop": names[0]})
    db.session.rollback()
    db.session.refresh(ladder)
    assert ladder.photo == names[1]
    db.session.rollback()
    assert karim.get(f"/media/{names[0]}/card.webp").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": "   "}, "title"),
        ({"title": "x" * 81}, "title"),
        ({"longest_days": "0"}, "longest_days"),
        ({"longest_days": "61"}, "longest_days"),
        ({"category": "weapons"}, "category"),
        ({"unit": "years"}, "unit"),
        ({"buffer_minutes": "-5"}, "buffer_minutes"),
    ],
)
def test_what_cannot_be_offered_is_said_beside_its_field(
    browse: Browse, town: object, wrong: dict[str, str], field: str
) -> None:
    answer = browse("lucas").post("/lending/items", data={"title": "Diable"} | wrong, headers=JSON)

    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]


def test_words_of_neighbours_stay_words(browse: Browse, town: object) -> None:
    lucas = browse("lucas")
    name = "<img src=x onerror=1> \u202eÉchelle"
    answer = lucas.post("/lending/items", data={"title": name, "description": "<b hx-get=/x>gras</b>"})
    text = lucas.get(answer.location).text

    assert "<img src=x" not in text
    assert "\u202e" not in text
    assert "&lt;b hx-get=/x&gt;" in text


def test_a_thing_off_the_shelf_is_put_back(karim: Person, browse: Browse) -> None:
    trolley = put_on_shelf(karim, "Diable pliant")
    db.session.commit()
    owner, odile = browse("karim"), browse("odile")

    owner.post(path(trolley, "/withdrawal"))
    assert "Diable pliant" not in odile.get("/lending/").text
    owner.post(path(trolley, "/offer"))
    assert "Diable pliant" in odile.get("/lending/").text


def test_lending_can_be_off(ladder: Item, browse: Browse, app: object) -> None:
    app.extensions["towns"].registry.change(g.town.slug, features_off=["lending"])  # type: ignore[attr-defined]  # the app

    assert browse("odile").get("/lending/").status_code == 404
    assert browse("odile").get("/prets").status_code == 404


def test_paper_carries_a_short_address(browse: Browse, town: object) -> None:
    assert browse().get("/prets").location == "/lending/"
