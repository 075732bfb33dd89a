"""AS-02 Lend your arms: a call, a tap to come, the list for the door, and the hours afterwards."""

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from io import BytesIO

import pytest
import time_machine
from pypdf import PdfReader
from sqlalchemy import select

from tests.associations.conftest import SATURDAY, Call, orchard, slot
from tests.cast import person_named
from tests.client import Browser
from tests.conftest import Browse
from town.blueprints.associations.models import Mission
from town.commons.activity import Activity
from town.commons.audit import AuditEntry, first_broken_entry
from town.commons.board import Card
from town.commons.holds import PENDING
from town.commons.moderation.things import hide
from town.commons.people.organisations import MANAGER, Organisation
from town.commons.signups import COMING, WAITING, Signup
from town.kernel.db import db
from town.kernel.registry import Town
from town.kernel.signals import person_erased, person_left

Sent = Callable[[], list[EmailMessage]]
Work = Callable[[], int]


def come(browser: Browser, call: Call, number: int = 0, **more: str) -> int:
    return browser.post(f"{call.page}/signups", data={"slot": call.slots[number], **more}).status_code


def states(public_id: str) -> list[str]:
    found = [signup.state for signup in slot(public_id).signups]
    db.session.rollback()
    return found


def words(answer: str) -> str:
    return html.unescape(answer).replace("\u202f", " ").replace("\xa0", " ")


A_CALL = {
    "title": "Taille des pommiers",
    "task": "On taille, on brûle, on boit un café.",
    "meeting_point": "Portail bleu",
    "youngest": "16",
    "slots-0-day": "2026-06-27",
    "slots-0-start": "09:00",
    "slots-0-end": "11:30",
    "slots-0-seats": "5",
    "slots-0-words": "Taille",
}


def test_mathilde_calls_in_the_name_of_the_orchard_and_everybody_reads_it(browse: Browse, town: Town) -> None:
    """NB-02, ID-18: the hat shows, and is audited."""
    answer = browse("mathilde").post("/associations/missions", data=A_CALL)
    assert answer.status_code == 303
    page = browse().get(answer.location)
    assert "Taille des pommiers" in page.text
    assert "Il manque 5 personnes" in words(page.text)
    assert "Les Amis du Verger" in page.text
    assert "Mathilde" not in page.text
    card = db.session.scalars(select(Card).where(Card.title == "Taille des pommiers")).one()
    verger = db.session.scalars(select(Organisation).where(Organisation.name == "Les Amis du Verger")).one()
    assert (card.kind, card.on_behalf_of_id, card.visible_to) == ("volunteers", verger.id, "public")
    assert card.expires_at == datetime(2026, 6, 27, 9, 30, tzinfo=UTC)
    happened = db.session.scalars(select(Activity).where(Activity.title == "Taille des pommiers")).one()
    assert happened.on_behalf_of == verger
    assert db.session.scalar(select(AuditEntry.id).where(AuditEntry.event == "hat:associations.called")) is not None
    assert first_broken_entry() is None


def test_who_runs_two_associations_chooses_first_in_whose_name(browse: Browse, town: Town) -> None:
    """NB-02: the choice is needed, and what lacks first on the page is shown first."""
    judo = db.session.scalars(select(Organisation).where(Organisation.name.startswith("Judo"))).one()
    judo.welcome(person_named("mathilde"), MANAGER, None)
    db.session.commit()
    answer = browse("mathilde").post("/associations/missions", data={**A_CALL, "hat": "", "title": ""})
    asked = answer.text.partition('<fieldset class="choice" id="hat"')[2].partition("</fieldset>")[0]
    assert answer.status_code == 422
    assert "(facultatif)" not in asked
    assert "Choisissez au nom de qui" in words(asked)
    assert asked.startswith(' tabindex="-1" autofocus')
    assert answer.text.count(" autofocus") == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"title": ""}, "Donnez un nom"),
        (dict.fromkeys([name for name in A_CALL if name.startswith("slots")], ""), "au moins un créneau"),
        ({"slots-0-seats": ""}, "combien de personnes il vous faut"),
        ({"slots-0-seats": "0"}, "slots-0-seats-error"),
        ({"slots-0-seats": "501"}, "slots-0-seats-error"),
        ({"slots-0-end": "08:00"}, "La fin doit venir après le début."),
        ({"slots-0-day": "2026-06-17"}, "Ce jour est passé."),
        ({"slots-0-start": ""}, "Choisissez une heure."),
        ({"youngest": "12"}, "youngest"),
        ({"hat": "nobody’s"}, "Choisissez au nom de qui"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_a_call_lacks_is_said_beside_it(typed: dict[str, str], said: str, browse: Browse) -> None:
    answer = browse("mathilde").post("/associations/missions", data={**A_CALL, **typed})
    assert answer.status_code == 422
    assert said in words(answer.text)
    assert ("au moins un créneau" in words(answer.text)) == (said == "au moins un créneau"), "nothing else is wrong"
    first_slot = answer.text.partition('id="slots"')[2].partition("<details")[0]
    assert first_slot.count("(facultatif)") == 1, "only what one does there"
    assert "Portail bleu" in answer.text, "what was typed is kept"


@pytest.mark.parametrize(
    ("name", "status"), [(None, 303), ("nadia", 403), ("lucas", 403), ("jean", 403), ("jeanne", 200)]
)
def test_only_who_speaks_for_an_association_calls(name: str | None, status: int, browse: Browse) -> None:
    """Matrix 37; Jeanne helps, and calls too."""
    assert browse(name).get("/associations/missions/new").status_code == status
    posted = browse(name).post("/associations/missions", data=A_CALL).status_code
    assert posted == (303 if status == 200 else 403)


def test_the_sheet_of_things_to_post_offers_it_to_those_who_may(browse: Browse) -> None:
    assert "Appel à bénévoles" in browse("mathilde").get("/post").text
    assert "Appel à bénévoles" not in browse("lucas").get("/post").text
    assert "Appel à bénévoles" not in browse().get("/post").text


def test_one_tap_and_karim_is_expected_the_third_of_two_waits(cherries: Call, browse: Browse) -> None:
    karim, odile, lucas = browse("karim"), browse("odile"), browse("lucas")
    assert come(karim, cherries) == come(odile, cherries) == come(lucas, cherries) == 303
    assert states(cherries.slots[0]) == [COMING, COMING, WAITING]
    assert "On vous attend" in karim.get(cherries.page).text
    assert "Liste d’attente, place 1" in words(lucas.get(cherries.page).text)
    assert come(karim, cherries) == 409
    assert "Récolte des cerises" in karim.get("/associations/mine").text, "what the demo town has"
    assert "Cueillette de juin" in lucas.get("/associations/mine").text


def test_odile_cannot_come_and_lucas_is_told_at_once(cherries: Call, browse: Browse, work: Work, outbox: Sent) -> None:
    odile = browse("odile")
    for name in ("karim", "odile", "lucas"):
        come(browse(name), cherries)
    assert odile.post(f"{cherries.page}/withdrawals", data={"slot": cherries.slots[0]}).status_code == 303
    work()
    assert "On vous attend" in browse("lucas").get(cherries.page).text
    assert "Une place s’est libérée" in browse("lucas").get("/messages/").text
    letters = [letter["To"] for letter in outbox() if "Une place" in str(letter["Subject"])]
    assert letters == ["lucas@saint-loup.example"]
    assert odile.post(f"{cherries.page}/withdrawals", data={"slot": cherries.slots[0]}).status_code == 409


@pytest.mark.parametrize(("name", "status"), [(None, 403), ("nadia", 403), ("lucas", 303)])
def test_only_certified_neighbours_sign_up(name: str | None, status: int, cherries: Call, browse: Browse) -> None:
    assert browse(name).get(cherries.page).status_code == 200
    assert come(browse(name), cherries) == status


def test_a_number_is_given_for_this_alone_and_only_to_the_association(cherries: Call, browse: Browse) -> None:
    assert come(browse("karim"), cherries, phone="trois") == 422
    assert come(browse("karim"), cherries, phone="06 11 22 33 44") == 303
    assert come(browse("odile"), cherries) == 303
    page = browse("mathilde").get(f"{cherries.page}/people")
    assert "Karim B." in page.text
    assert "06 11 22 33 44" in page.text
    assert "Benali" not in page.text
    assert "no-store" in page.headers["Cache-Control"]
    for name in ("karim", "jean", "claire", "lucas"):
        for address in ("people", "list", "edit"):
            assert browse(name).get(f"{cherries.page}/{address}").status_code == 403, (name, address)
    for name in (None, "lucas", "jean"):
        assert "06 11" not in browse(name).get(cherries.page).text
        assert "Karim" not in browse(name).get(cherries.page).text, "who comes is nobody else's business"


def test_the_list_for_the_door_has_a_page_a_slot_and_a_box_a_person(cherries: Call, browse: Browse) -> None:
    for name in ("karim", "odile", "lucas"):
        come(browse(name), cherries, phone="06 11 22 33 44" if name == "karim" else "")
    answer = browse("jeanne").get(f"{cherries.page}/list")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    pages = [page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages]
    assert len(pages) == 2
    assert "Samedi 20 juin, de 9 h à 11 h, Cueillette" in words(pages[0])
    first = words(pages[0])
    assert first.index("Karim B.") < first.index("Odile M.") < first.index("Liste d’attente") < first.index("Lucas M.")
    assert "06 11 22 33 44" in first


def validate(browser: Browser, call: Call, **said: str) -> int:
    """Mathilde says of each: « yes », « no », or yes and how many hours."""
    data = {"slot": call.slots[0]}
    for signup in slot(call.slots[0]).signups:
        answer = said.get(signup.person.first_name.lower() if signup.person else "", "")
        data[f"came-{signup.public_id}"] = "yes" if answer not in ("", "no") else answer
        data[f"hours-{signup.public_id}"] = answer if answer not in ("", "no", "yes") else ""
    db.session.rollback()
    return browser.post(f"{call.page}/attendance", data=data).status_code


def test_hours_are_validated_after_the_morning_and_certified(
    cherries: Call, browse: Browse, work: Work, clock: time_machine.Traveller
) -> None:
    mathilde, karim = browse("mathilde"), browse("karim")
    for name in ("karim", "odile", "lucas"):
        come(browse(name), cherries)
    assert validate(mathilde, cherries, karim="yes") == 409, "it has not begun"
    clock.move_to(datetime(2026, 6, 20, 10, 0, tzinfo=UTC), tick=False)
    assert validate(mathilde, cherries, karim="beaucoup") == 422
    assert validate(mathilde, cherries, karim="25") == 422
    assert validate(browse("karim"), cherries, karim="yes") == 403
    assert validate(mathilde, cherries, karim="1,5", odile="no") == 303
    assert validate(mathilde, cherries, karim="1,5", odile="no") == 303, "saying it again changes nothing"
    work()
    happened = select(Activity).where(Activity.kind == "associations.came", Activity.title == "Cueillette de juin")
    [came] = db.session.scalars(happened)
    assert came.details["minutes"] == 90
    db.session.rollback()
    assert "vos heures sont validées" in karim.get("/messages/").text
    review = re.search(r'href="(/reviews/[^"]+)"', karim.get(cherries.page).text)
    assert review is not None, "he may say how it went"
    thing = re.search(r'href="(/associations/signups/[^"]+)"', karim.get(review[1]).text)
    assert thing is not None
    assert karim.get(thing[1]).location == cherries.page
    assert browse("amadou").get(thing[1]).status_code == 404
    assert "1 h 30" in words(karim.get("/associations/mine").text)
    paper = karim.get(f"/associations/mine/{cherries.association}/certificate?year=2026")
    text = words(PdfReader(BytesIO(paper.data)).pages[0].extract_text())
    assert "Attestation d’heures de bénévolat, 2026" in text
    assert "L’association Les Amis du Verger (numéro W991000101) atteste des heures" in text
    assert "que lui a données bénévolement Karim Benali" in " ".join(text.split())
    assert "1 h 30" in text
    assert browse("lucas").get(f"/associations/mine/{cherries.association}/certificate?year=2026").status_code == 404
    for year in ("2031", "0001", "abcd", ""):
        assert karim.get(f"/associations/mine/{cherries.association}/certificate?year={year}").status_code in (200, 404)
    page = browse().get(f"/associations/{cherries.association}").text
    assert "heures données par des bénévoles" in page


def test_the_reminder_goes_out_on_friday_evening(
    cherries: Call, browse: Browse, work: Work, clock: time_machine.Traveller
) -> None:
    for name in ("karim", "odile", "lucas"):
        come(browse(name), cherries)
    browse("odile").post(f"{cherries.page}/withdrawals", data={"slot": cherries.slots[0]})
    clock.move_to(datetime(2026, 6, 19, 16, 0, tzinfo=UTC), tick=False)
    work()
    work()
    assert "Demain, on vous attend : Cueillette de juin" in words(browse("karim").get("/messages/").text)
    assert "Demain, on vous attend : Cueillette de juin" in words(browse("lucas").get("/messages/").text)
    assert "Demain, on vous attend : Cueillette" not in words(browse("odile").get("/messages/").text)


def test_a_slot_grows_and_who_waits_moves_up_it_is_cancelled_and_all_are_told(
    cherries: Call, browse: Browse, work: Work
) -> None:
    mathilde = browse("mathilde")
    for name in ("karim", "odile", "lucas"):
        come(browse(name), cherries)
    data = {"slot": cherries.slots[0]}
    assert mathilde.post(f"{cherries.page}/places", data={**data, "seats": "1"}).status_code == 409
    assert mathilde.post(f"{cherries.page}/places", data={**data, "seats": "many"}).status_code == 422
    assert mathilde.post(f"{cherries.page}/places", data={**data, "seats": "3"}).status_code == 303
    assert states(cherries.slots[0]) == [COMING] * 3
    assert mathilde.post(f"{cherries.page}/cancellations", data=data).status_code == 303
    work()
    for name in ("karim", "odile", "lucas"):
        assert "Cela n’aura pas lieu" in browse(name).get("/messages/").text
    assert "Annulé" in browse("karim").get(cherries.page).text
    assert come(browse("karim"), cherries) == 409


def test_a_morning_of_rain_is_moved_and_who_signed_up_is_told_and_reminded_of_the_new_day(
    cherries: Call, browse: Browse, work: Work, clock: time_machine.Traveller
) -> None:
    mathilde, [morning, _] = browse("mathilde"), cherries.slots
    for name in ("karim", "odile", "lucas"):
        come(browse(name), cherries)
    data = {"slot": morning, f"{morning}-day": "2026-06-27", f"{morning}-start": "10:00", f"{morning}-end": "12:00"}
    assert mathilde.post(f"{cherries.page}/times", data={**data, f"{morning}-end": "09:00"}).status_code == 422
    assert browse("karim").post(f"{cherries.page}/times", data=data).status_code == 403
    assert mathilde.post(f"{cherries.page}/times", data=data).status_code == 303
    work()
    for name in ("karim", "odile", "lucas"):
        assert "Cela change de jour ou d’heure : Cueillette de juin" in words(browse(name).get("/messages/").text)
    assert states(morning) == [COMING, COMING, WAITING]
    assert "27 juin" in browse("karim").get(cherries.page).text
    for day, reminders in ((19, 0), (26, 1)):
        clock.move_to(datetime(2026, 6, day, 16, 0, tzinfo=UTC), tick=False)
        work()
        assert words(browse("karim").get("/messages/").text).count("Demain, on vous attend : Cueillette") == reminders


def test_a_slot_is_added_and_another_mission_s_slot_is_not_found(cherries: Call, browse: Browse, town: Town) -> None:
    mathilde = browse("mathilde")
    more = {"day": "2026-06-21", "start": "09:00", "end": "10:00", "seats": "4", "words": "Rangement"}
    assert mathilde.post(f"{cherries.page}/slots", data={**more, "day": ""}).status_code == 422
    assert mathilde.post(f"{cherries.page}/slots", data=more).status_code == 303
    assert "Rangement" in browse().get(cherries.page).text
    card = db.session.scalars(select(Card).where(Card.title == "Cueillette de juin")).one()
    assert card.expires_at == datetime(2026, 6, 21, 8, 0, tzinfo=UTC)
    other = db.session.scalars(select(Mission).where(Mission.title == "Récolte des cerises")).one()
    elsewhere = other.slots[0].public_id
    db.session.rollback()
    assert browse("lucas").post(f"{cherries.page}/signups", data={"slot": elsewhere}).status_code == 404


def test_a_call_that_is_closed_leaves_the_board_and_takes_nobody(cherries: Call, browse: Browse, work: Work) -> None:
    come(browse("karim"), cherries)
    assert browse("karim").post(f"{cherries.page}/closing").status_code == 403
    assert browse("mathilde").post(f"{cherries.page}/closing").status_code == 303
    work()
    assert "Cela n’aura pas lieu" in browse("karim").get("/messages/").text
    assert "Cet appel est clos" in browse().get(cherries.page).text
    assert "Cueillette de juin" not in browse().get("/associations/missions").text
    assert come(browse("lucas"), cherries) == 409
    assert browse("mathilde").post(f"{cherries.page}", data=A_CALL).status_code == 409


@pytest.mark.parametrize("whole", [False, True], ids=["the call", "its association"])
def test_who_said_yes_to_a_call_that_moderators_hide_may_still_take_it_back(
    whole: bool, cherries: Call, browse: Browse
) -> None:
    """AD-02, AS-02: they read its title, when, and why it is gone; anybody else, nothing."""
    for name in ("karim", "odile"):
        come(browse(name), cherries)
    hidden = db.session.scalars(select(Mission).where(Mission.title == "Cueillette de juin")).one()
    hide(orchard() if whole else hidden, PENDING)
    db.session.commit()
    assert [browse(name).get(cherries.page).status_code for name in ("lucas", None)] == [404, 404]
    leaves = {"slot": cherries.slots[0]}
    assert browse("lucas").post(f"{cherries.page}/withdrawals", data=leaves).status_code == 404
    karim = browse("karim")
    for page in (karim.get("/associations/mine"), karim.get(cherries.page)):
        said = words(page.text)
        assert "Cueillette de juin" in said
        assert "Samedi 20 juin" in said
        assert "Cet appel est masqué par la modération" in said
        assert not any(secret in said for secret in ("On cueille", "Portail bleu", "Tri", "Odile"))
    assert come(karim, cherries, 1) == 404
    answer = karim.post(f"{cherries.page}/withdrawals", data=leaves)
    assert (answer.status_code, answer.location) == (303, "/associations/mine")
    assert states(cherries.slots[0]) == ["withdrawn", "coming"]
    assert "Cueillette de juin" not in karim.get("/associations/mine").text
    assert karim.get(cherries.page).status_code == 404


def test_a_call_ends_by_itself(cherries: Call, browse: Browse, clock: time_machine.Traveller) -> None:
    assert "Cueillette de juin" in browse().get("/associations/missions").text
    clock.move_to(datetime.combine(SATURDAY, datetime.min.time(), UTC) + timedelta(hours=11, minutes=1), tick=False)
    assert "Cueillette de juin" not in browse().get("/associations/missions").text
    assert "Cueillette de juin" not in browse("karim").get("/").text
    assert come(browse("karim"), cherries) == 409


def test_the_words_of_a_call_are_changed_by_its_association(cherries: Call, browse: Browse) -> None:
    changed = {**A_CALL, "title": "Cueillette et tri"}
    assert browse("karim").post(cherries.page, data=changed).status_code == 403
    assert browse("jeanne").post(cherries.page, data={**changed, "task": ""}).status_code == 422
    assert browse("jeanne").post(cherries.page, data=changed).status_code == 303
    assert "Cueillette et tri" in browse().get("/search/?q=cueillette").text


@pytest.mark.parametrize("goes", [person_left, person_erased], ids=lambda signal: signal.name)
def test_who_leaves_town_gives_their_place_to_the_next(
    goes: object, cherries: Call, browse: Browse, work: Work
) -> None:
    for name in ("karim", "odile", "lucas"):
        come(browse(name), cherries)
    goes.send(person_named("karim"))  # type: ignore[attr-defined]  # a signal
    work()
    assert "Une place s’est libérée" in browse("lucas").get("/messages/").text
    if goes is person_erased:
        assert db.session.scalar(select(Signup.id).where(Signup.person_id == person_named("karim").id)) is None
        db.session.rollback()


def test_an_erased_officer_leaves_the_call_to_the_association(cherries: Call, browse: Browse, town: Town) -> None:
    person_erased.send(person_named("mathilde"))
    db.session.commit()
    assert browse().get(cherries.page).status_code == 200
    assert "Les Amis du Verger" in browse("karim").get("/").text
