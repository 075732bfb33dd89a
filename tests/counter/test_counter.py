"""AD-05: at the counter or on the phone, the town hall fills any form in a resident's name, with their consent."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from tests.cast import person_named
from tests.client import Browser
from tests.conftest import Browse
from tests.sweeps.test_routes import crawl
from town.blueprints.associations.models import Mission
from town.blueprints.complaints.models import Complaint
from town.blueprints.lending.models import Item, Loan
from town.commons.activity import Activity
from town.commons.audit import AuditEntry, first_broken_entry
from town.commons.bookings import period_of
from town.commons.notices.models import InboxNotice
from town.commons.people.acting import LASTS, Sitting, done_for_others
from town.commons.people.invitations import Invitation
from town.commons.people.organisations import runs
from town.commons.reviews import Review, exchange_about
from town.kernel.db import db, now
from town.kernel.features import Route
from town.kernel.language import today
from town.kernel.registry import Town
from town.kernel.web import TownApp

WORDS = "Le banc de la place a perdu une latte."


def public_id_of(name: str) -> str:
    found = person_named(name).public_id
    db.session.rollback()  # a browser is about to write
    return found


def sit_down(jean: Browser, name: str = "yvonne", consent: str = "counter") -> str:
    """Jean begins to write for a resident; the sitting's public id."""
    data = {"consent": consent, "agreed": "y"}
    answer = jean.post(f"/counter/residents/{public_id_of(name)}/sittings", data=data)
    assert answer.status_code == 303, answer.text
    return answer.location.rpartition("acting=")[2]


def thing_of(name: str) -> str:
    """A thing that somebody lends."""
    found = db.session.scalar(select(Item.public_id).where(Item.owner_id == person_named(name).id).limit(1))
    db.session.rollback()
    assert found is not None
    return found


def shop_of(name: str) -> str:
    found = db.session.scalars(runs(person_named(name).id)).first()
    assert found is not None
    public_id = found.public_id
    db.session.rollback()
    return public_id


def plain(words: str) -> str:
    return words.replace("\u202f", " ").replace("\xa0", " ")


def report(jean: Browser, sitting: str) -> int:
    data = {"category": "roads", "where": "place du Tilleul", "words": WORDS, "readers": "all", "acting": sitting}
    return jean.post("/complaints/new", data=data).status_code


@pytest.fixture
def jean(browse: Browse, town: Town) -> Browser:
    return browse("jean")


def test_what_yvonne_says_on_the_phone_is_her_report_entered_by_jean(jean: Browser, town: Town) -> None:
    assert report(jean, sit_down(jean, consent="phone")) == 303
    made = db.session.scalar(select(Complaint).where(Complaint.words == WORDS))
    assert made is not None
    yvonne, clerk = person_named("yvonne"), person_named("jean")
    assert made.reporter_id == yvonne.id
    happened = db.session.scalar(select(Activity).where(Activity.thing_id == made.id, Activity.thing == "complaint"))
    assert happened is not None
    assert (happened.actor_id, happened.acting_for_id) == (clerk.id, yvonne.id)
    noted = select(AuditEntry).where(AuditEntry.event == f"acting:{happened.kind}", AuditEntry.actor_id == clerk.id)
    assert db.session.scalars(noted).one().on_id == yvonne.id
    assert first_broken_entry() is None


def test_it_is_shown_that_the_town_hall_wrote(jean: Browser, browse: Browse, town: Town) -> None:
    report(jean, sit_down(jean))
    made = db.session.scalars(select(Complaint).where(Complaint.words == WORDS)).one()
    db.session.rollback()
    page = browse("yvonne").get(f"/complaints/{made.number}")
    assert "Saisi par la mairie, à la demande de l’habitant" in page.text


def test_without_consent_nothing_begins(jean: Browser, town: Town) -> None:
    answer = jean.post(f"/counter/residents/{public_id_of('yvonne')}/sittings", data={"consent": "phone"})
    assert answer.status_code == 422
    assert "Sans son accord" in answer.text
    assert db.session.scalar(select(Sitting.id)) is None


def test_every_page_says_for_whom_and_leads_on_in_their_name(jean: Browser, app: TownApp, town: Town) -> None:
    sitting = sit_down(jean, "mathilde")
    pages = crawl(jean, f"/post?acting={sitting}", limit=60)
    routes: dict[str, Route] = app.extensions["routes"]
    urls = app.url_map.bind("localhost")
    lost = []
    for address, (status, text) in pages.items():
        if status != 200 or not text or f"acting={sitting}" not in address:
            continue  # a file is no page
        assert "Vous saisissez pour Mathilde Roux" in text, address
        for link in re.findall(r'<(?:a|form)\b[^>]*?\b(?:href|action|hx-get|hx-post)="(/[^"#]*)', text):
            path, _mark, query = link.replace("&amp;", "&").partition("?")
            if path.startswith(("/static/", "/media/")):
                continue
            endpoint = next((urls.match(path, method=way)[0] for way in ("GET", "POST") if _there(urls, path, way)), "")
            if str(endpoint) in routes and done_for_others(str(endpoint)) and sitting not in query:
                lost.append((address, link))
        for form in re.findall(r"<form\b.*?</form>", text, re.DOTALL):
            if 'method="post"' not in form and f'value="{sitting}"' not in form:
                lost.append((address, re.findall(r"<form[^>]*>", form)[0]))
    assert len(pages) > 10
    assert not lost


def _there(urls: object, path: str, way: str) -> bool:
    return bool(urls.test(path, method=way))  # type: ignore[attr-defined]  # werkzeug's MapAdapter


def test_the_agent_may_do_for_nadia_what_nadia_may_and_no_more(jean: Browser, town: Town) -> None:
    """Jean is certified, Nadia is not: in her name he lends nothing."""
    sitting = sit_down(jean, "nadia")
    assert jean.get(f"/lending/items/new?acting={sitting}").status_code == 403
    assert jean.get(f"/complaints/new?acting={sitting}").status_code == 200


@pytest.mark.parametrize("path", ["/account/", "/messages/", "/account/sessions", "/account/password"])
def test_nobody_opens_anothers_account_or_messages(jean: Browser, town: Town, path: str) -> None:
    assert jean.get(f"{path}?acting={sit_down(jean)}").status_code == 403


def test_the_desk_stays_the_agents_own(jean: Browser, town: Town) -> None:
    page = jean.get(f"/desk/?acting={sit_down(jean)}")
    assert page.status_code == 200
    assert "Vous saisissez pour" not in page.text


def test_what_jean_borrows_for_yvonne_he_borrows_from_the_page_of_the_thing(jean: Browser, town: Town) -> None:
    """Moderators read that page too: it still asks for no role, so that it leads on in Yvonne's name."""
    sitting, thing = sit_down(jean), thing_of("amadou")
    assert f"/lending/items/{thing}?acting={sitting}" in jean.get(f"/lending/?acting={sitting}").text
    page = jean.get(f"/lending/items/{thing}?acting={sitting}")
    assert "Vous saisissez pour Yvonne Le Goff" in page.text
    assert f'name="acting" value="{sitting}"' in page.text


@pytest.mark.parametrize("verb", ["invitations", "withdrawals", "departures", "closing"])
def test_nobody_says_in_anothers_name_who_runs_a_shop(jean: Browser, town: Town, verb: str) -> None:
    """Nor in the agent's own, by mistake: Lucas runs the bakery, and types his own password for that."""
    bakery = shop_of("lucas")
    data = {"acting": sit_down(jean, "lucas"), "email": "odile@saint-loup.example", "duty": "manager"}
    assert jean.post(f"/organisations/{bakery}/{verb}", data=data).status_code == 403
    assert db.session.scalar(select(Invitation.id)) is None


def test_what_jean_types_for_yvonne_a_colleague_answers(jean: Browser, browse: Browse, town: Town) -> None:
    """AD-05, matrix 35 and 57: her request for a page, her report of an abuse; Hélène answers both."""
    sitting, shop, thing = sit_down(jean), shop_of("lucas"), thing_of("karim")
    said = {"words": "Je tiens la boulangerie avec Lucas.", "acting": sitting}
    asked = jean.post(f"/organisations/{shop}/claims", data=said).location
    claim = f"/organisations/claims/{asked.rpartition('/')[2][:22]}"
    abuse = {"reason": "scam", "words": "Cet objet n’existe pas.", "good_faith": "y", "acting": sitting}
    assert jean.post(f"/moderation/report/{thing}", data=abuse).status_code == 303
    typed = "Vous avez saisi ceci vous-même, pour un habitant : un collègue doit y répondre."
    case = f"/moderation/cases/{thing}"
    decision = {"verdict": "keep", "facts": "Je connais cet objet."}
    for page, door, data in ((claim, "acceptance", {}), (case, "decisions", decision)):
        assert typed in plain(jean.get(page).text)
        refused = jean.post(f"{page}/{door}", data=data)
        assert (refused.status_code, typed in plain(refused.text)) == (409, True)
        assert browse("helene").post(f"{page}/{door}", data=data).status_code == 303
    assert "Pour un collègue" not in jean.get("/moderation/").text


def test_jean_is_never_on_both_sides_of_a_loan(jean: Browser, town: Town) -> None:
    """He lends Yvonne his trestles: that it went well, or came back, she says to a colleague."""
    trestles = Item(owner=person_named("jean"), title="Tréteaux")
    trestles.offer()
    days = period_of("days", today(), today())
    loan = Loan.ask(trestles, person_named("yvonne"), days)
    loan.accept()
    for verb in (loan.hand_over, loan.give_back):
        verb(person_named("jean"))
        verb(person_named("yvonne"))
    exchange = exchange_about(loan)
    assert exchange is not None
    item, lent, said = trestles.public_id, loan.public_id, exchange.public_id
    db.session.commit()
    sitting = {"acting": sit_down(jean)}
    good = {"kept_word": "yes", "as_agreed": "yes", "again": "yes", **sitting}
    asked = {"starts": (today() + timedelta(days=2)).isoformat(), "ends": (today() + timedelta(days=2)).isoformat()}
    for door, data in (
        (f"/lending/items/{item}/loans", {**asked, **sitting}),
        (f"/lending/loans/{lent}/return", sitting),
        (f"/reviews/{said}/reviews", good),
    ):
        refused = jean.post(door, data=data)
        assert (refused.status_code, "Vous êtes l’autre partie" in refused.text) == (409, True), door
    assert jean.post(f"/reviews/{said}/reviews", data={**good, "acting": ""}).status_code == 303, "his own review"


def test_what_yvonne_thought_of_a_loan_jean_types_and_it_stays_blind(jean: Browser, browse: Browse, town: Town) -> None:
    """AD-05, ID-17: her review of Karim, with her consent; on her receipt, in both names, hidden until he wrote too."""
    names = ("jean", "yvonne", "karim")
    clerk, yvonne, karim = (person_named(name) for name in names)
    drill = Item(owner=karim, title="Perceuse à percussion")
    drill.offer()
    loan = Loan.ask(drill, yvonne, period_of("days", today(), today()))
    loan.accept()
    for verb in (loan.hand_over, loan.give_back):
        verb(karim)
        verb(yvonne)
    exchange = exchange_about(loan)
    assert exchange is not None
    page, clerk_id, yvonne_id, karim_id = f"/reviews/{exchange.public_id}", clerk.id, yvonne.id, karim.id
    told = select(Activity).where(Activity.kind == "reviews.written", Activity.thing_id == exchange.id)
    db.session.commit()
    text, good = "Il m’a montré comment la tenir.", {"kept_word": "yes", "as_agreed": "yes", "again": "yes"}
    assert jean.post(f"{page}/reviews", data={**good, "text": text}).status_code == 404, "in his own name, nothing"

    sitting = sit_down(jean, consent="phone")
    form = jean.get(f"{page}?acting={sitting}").text
    assert f'name="acting" value="{sitting}"' in form
    said = jean.post(f"{page}/reviews", data={**good, "text": text, "acting": sitting})
    assert (said.status_code, sitting in said.location) == (303, True)
    review = db.session.scalars(select(Review).where(Review.text == text)).one()
    assert (review.writer_id, review.about_id) == (yvonne_id, karim_id)
    happened = db.session.scalars(told).one()
    assert (happened.actor_id, happened.acting_for_id) == (clerk_id, yvonne_id)
    db.session.rollback()
    typed = "Saisi par la mairie, à la demande de l’habitant"
    assert typed in browse("yvonne").get(page).text
    assert text not in browse("karim").get(page).text
    assert text not in jean.get(f"/reviews/of/{public_id_of('karim')}").text

    end = jean.post(f"/counter/sittings/{sitting}/end").location
    receipt = plain(jean.get(end).text)
    assert "Yvonne" in receipt
    assert "Perceuse à percussion" in receipt
    assert text not in receipt, "the receipt says what was done, whoever stands behind"
    assert browse("karim").post(f"{page}/reviews", data=good).status_code == 303
    everybody_s = f"/reviews/of/{public_id_of('karim')}"
    for who, where in (("karim", page), ("yvonne", page), ("jean", everybody_s)):
        shown = browse(who).get(where).text
        assert (text in shown, shown.count(typed)) == (True, 1), who
    assert first_broken_entry() is None


def test_jean_never_takes_his_own_data_for_those_of_a_resident(jean: Browser, town: Town) -> None:
    """Pages behind a password typed again are personal as well: he would erase himself."""
    sitting = sit_down(jean)
    assert jean.get(f"/account/data?acting={sitting}").status_code == 403
    assert jean.post("/account/erase", data={"acting": sitting}).status_code == 403


def test_an_address_and_a_form_that_name_two_people_do_nothing(jean: Browser, town: Town) -> None:
    sitting, other = sit_down(jean), sit_down(jean, "mathilde")
    data = {"category": "roads", "where": "place du Tilleul", "words": WORDS, "readers": "all", "acting": sitting}
    for said in ("", other):
        assert jean.post(f"/complaints/new?acting={said}", data=data).status_code == 403, said or "nobody"
    assert db.session.scalar(select(Complaint.id).where(Complaint.words == WORDS)) is None
    db.session.rollback()
    assert jean.post(f"/complaints/new?acting={sitting}", data=data).status_code == 303


def test_the_device_stays_jeans_while_he_writes_for_yvonne(jean: Browser, town: Town) -> None:
    """What waits there for the network is sent by whoever is signed in, when they are again."""
    owner = re.compile('name="owner" content="([^"]+)"')
    own, theirs = (jean.get(path).text for path in ("/lending/", f"/lending/?acting={sit_down(jean)}"))
    assert owner.findall(own) == owner.findall(theirs) != []


def test_after_an_hour_nothing_is_written_in_jeans_own_name_either(jean: Browser, town: Town) -> None:
    sitting = sit_down(jean)
    with time_machine.travel(now() + LASTS + timedelta(seconds=1), tick=False):
        assert report(jean, sitting) == 403
    assert db.session.scalar(select(Complaint.id).where(Complaint.words == WORDS)) is None


def test_nobody_else_uses_a_sitting(jean: Browser, browse: Browse, town: Town) -> None:
    sitting = sit_down(jean)
    assert report(browse("helene"), sitting) == 403
    assert report(browse("karim"), sitting) == 403
    assert browse("karim").get(f"/counter/sittings/{sitting}").status_code == 404
    assert browse().get(f"/lending/?acting={sitting}").status_code == 200, "to a visitor it is only a word"


def test_only_agents_sit_down(browse: Browse, town: Town) -> None:
    data = {"consent": "counter", "agreed": "y"}
    yvonne = public_id_of("yvonne")
    for name in ("karim", "claire"):
        assert browse(name).post(f"/counter/residents/{yvonne}/sittings", data=data).status_code == 403
    assert browse("karim").get("/counter/").status_code == 403


def test_yvonne_has_a_receipt_on_paper_and_in_her_inbox(
    jean: Browser, browse: Browse, work: Callable[[], int], town: Town
) -> None:
    sitting = sit_down(jean)
    report(jean, sitting)
    answer = jean.post(f"/counter/sittings/{sitting}/end")
    receipt = jean.get(answer.location)
    assert "Reçu" in receipt.text
    assert "Yvonne Le Goff" in receipt.text
    assert "Vous étiez au guichet." in receipt.text
    assert "devant moi" not in receipt.text
    assert report(jean, sitting) == 403, "it is over"
    work()
    db.session.expire_all()
    told = select(InboxNotice.id).join(Activity, Activity.id == InboxNotice.activity_id)
    told = told.where(InboxNotice.person_id == person_named("yvonne").id, Activity.kind == "counter.wrote")
    assert db.session.scalar(told) is not None
    db.session.rollback()
    assert browse("yvonne").get(f"/counter/sittings/{sitting}").status_code == 200


def test_the_receipt_lacks_no_form_whatever_it_was(jean: Browser, town: Town) -> None:
    """A thing lent, a place among volunteers, a postcard that need not come: features that tell nobody of it."""
    missions = db.session.scalars(select(Mission))
    mission, open_slot = next((one, slot) for one in missions for slot in one.slots if slot.open)
    door, slot, name = f"/associations/missions/{mission.public_id}/signups", open_slot.public_id, mission.title
    sitting, other = sit_down(jean), sit_down(jean, "nadia")
    lent = {"title": "Moulin à légumes", "category": "kitchen", "unit": "days", "longest_days": "7", "acting": sitting}
    assert jean.post("/lending/items", data=lent).status_code == 303
    assert jean.post(door, data={"slot": slot, "acting": sitting}).status_code == 303
    assert jean.post("/certification/postcard/cancellation", data={"acting": other}).status_code == 303
    receipt = plain(jean.get(f"/counter/sittings/{sitting}").text)
    assert "Moulin à légumes" in receipt
    assert name in receipt
    shelf = db.session.scalars(select(Item.public_id).where(Item.title == "Moulin à légumes")).one()
    db.session.rollback()
    assert "Saisi par la mairie, à la demande de l’habitant" in jean.get(f"/lending/items/{shelf}").text
    assert "Preuve d’adresse" in plain(jean.get(f"/counter/sittings/{other}").text)
    noted = select(AuditEntry.on_id).where(AuditEntry.event.startswith("acting:counter.written"))
    yvonne, nadia = person_named("yvonne").id, person_named("nadia").id
    assert db.session.scalars(noted.order_by(AuditEntry.id)).all() == [yvonne, yvonne, nadia]
    assert first_broken_entry() is None


def test_a_sitting_that_nobody_ends_is_told_too_and_an_empty_one_prints_nothing(
    jean: Browser, work: Callable[[], int], town: Town
) -> None:
    empty, sitting = sit_down(jean, "karim"), sit_down(jean)
    report(jean, sitting)
    with time_machine.travel(now() + LASTS + timedelta(minutes=1)):
        work()
        db.session.expire_all()
        told = select(InboxNotice.person_id).join(Activity, Activity.id == InboxNotice.activity_id)
        told = told.where(Activity.kind == "counter.wrote")
        assert db.session.scalars(told).all() == [person_named("yvonne").id]
        db.session.rollback()
    page = jean.get(f"/counter/sittings/{empty}").text
    assert "Rien n’a été saisi." in page
    assert "data-print" not in page


def test_pages_of_another_are_kept_by_no_browser(jean: Browser, town: Town) -> None:
    page = jean.get(f"/lending/?acting={sit_down(jean, 'mathilde')}")
    assert page.headers["X-Offline"] == "never"
    assert page.headers["Cache-Control"] == "no-store"
