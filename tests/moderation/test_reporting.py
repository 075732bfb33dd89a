"""AD-02, SECURITY T6: anybody reports an abuse, with an account or without; what harms somebody is hidden at once."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
import time_machine
from sqlalchemy import func, select

from tests.cast import person_named
from tests.conftest import Browse
from tests.moderation.conftest import TITLE, WORDS, card_of, case_of, report, ruling, told_to, typed
from town.blueprints.complaints.models import Complaint
from town.blueprints.lending.models import Item
from town.blueprints.shops.models import Offer, offers_now
from town.commons.audit import AuditEntry
from town.commons.board import Card
from town.commons.holds import hold_on
from town.commons.moderation import Case, Report
from town.commons.moderation.refusals import AdminDecides, YourOwnContent
from town.commons.people.models import Person
from town.kernel.db import db, now
from town.kernel.media import Media
from town.kernel.registry import Town
from town.kernel.web import TownApp


def test_odile_reports_from_the_page_and_follows_the_answer(browse: Browse, drill: Item) -> None:
    odile = browse("odile")
    page = odile.get(f"/lending/items/{drill.public_id}")
    assert f"/moderation/report/{drill.public_id}" in page.text
    form = odile.get(f"/moderation/report/{drill.public_id}")
    assert "La vie privée de quelqu’un" in form.text
    assert 'name="email"' not in form.text
    sent = odile.post(f"/moderation/report/{drill.public_id}", data=typed(quote="La deuxième ligne"))
    receipt = odile.get(sent.location)
    assert "Merci, votre signalement est arrivé." in receipt.text
    assert "La deuxième ligne" in receipt.text
    assert receipt.headers["Cache-Control"] == "no-store"


def test_a_visitor_reports_what_everybody_reads_and_gets_the_way_back_by_email(
    browse: Browse, lamp: Complaint, work: Callable[[], int], outbox: Callable[[], list[EmailMessage]]
) -> None:
    anybody = browse()
    address = f"/moderation/report/{lamp.public_id}"
    assert address in anybody.get(f"/complaints/{lamp.number}").text
    missing = anybody.post(address, data=typed())
    assert missing.status_code == 422
    assert "Écrivez votre e-mail" in missing.text
    sent = anybody.post(address, data=typed(name="Anne Dupont", email="Anne@exemple.fr"))
    assert sent.status_code == 303
    assert "Gardez cette adresse" in browse().get(sent.location).text
    work()
    [letter] = [one for one in outbox() if one["To"] == "anne@exemple.fr"]
    assert sent.location in letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # it has one
    assert case_of(lamp).reports[0].by_link


def test_an_e_mail_that_anybody_may_type_gets_three_messages_a_day(
    browse: Browse, lamp: Complaint, work: Callable[[], int], outbox: Callable[[], list[EmailMessage]]
) -> None:
    """SECURITY (c): nobody fills somebody else's mailbox by reporting; every report is read all the same."""
    address, victim = f"/moderation/report/{lamp.public_id}", "anne@exemple.fr"
    receipts = [
        browse().post(address, data=typed(name="Anne", email=email)).location
        for email in (victim, "ANNE@exemple.fr", "anne+1@exemple.fr", "anne+2@exemple.fr", "paul@exemple.fr")
    ]
    told = ["Elle est aussi envoyée à" in browse().get(receipt).text for receipt in receipts]
    assert told == [True, True, True, False, True]
    work()
    assert len([letter for letter in outbox() if letter["To"].startswith("anne")]) == 3
    assert browse("jean").post(f"/moderation/cases/{lamp.public_id}/decisions", data=ruling()).status_code == 303
    work()
    assert len([letter for letter in outbox() if letter["To"].startswith("anne")]) == 6
    assert len(case_of(lamp).reports) == 5


def test_whoever_reports_a_crime_against_a_child_may_stay_anonymous(browse: Browse, lamp: Complaint) -> None:
    sent = browse().post(f"/moderation/report/{lamp.public_id}", data=typed(reason="child"))
    assert sent.status_code == 303
    assert (case_of(lamp).reports[0].name, case_of(lamp).reports[0].email) == ("", "")


def test_without_good_faith_or_words_nothing_is_sent_and_nothing_is_lost(browse: Browse, drill: Item) -> None:
    answer = browse("odile").post(f"/moderation/report/{drill.public_id}", data={"reason": "scam", "words": "Il ment."})
    assert answer.status_code == 422
    assert "Cochez cette case" in answer.text
    assert "Il ment." in answer.text
    empty = browse("odile").post(f"/moderation/report/{drill.public_id}", data=typed(words=" "))
    assert empty.status_code == 422


def test_a_stranger_cannot_read_a_receipt(browse: Browse, drill: Item) -> None:
    sent = report(drill, "odile")
    address = f"/moderation/reports/{sent.public_id}"
    assert browse("odile").get(address).status_code == 200
    for name in (None, "theo", "karim", "claire", "jean"):
        assert browse(name).get(address).status_code == 404, name


def test_what_one_may_not_read_one_cannot_report(browse: Browse, drill: Item) -> None:
    for name in (None, "nadia"):
        assert browse(name).get(f"/moderation/report/{drill.public_id}").status_code == 404
        assert browse(name).post(f"/moderation/report/{drill.public_id}", data=typed()).status_code == 404


def test_nobody_reports_their_own_content(browse: Browse, drill: Item, karim: Person) -> None:
    assert "Signaler un abus" not in browse("karim").get(f"/lending/items/{drill.public_id}").text
    assert browse("karim").get(f"/moderation/report/{drill.public_id}").status_code == 403
    with pytest.raises(YourOwnContent):
        Case.report(card_of(drill), person_named("karim"), "scam", "Moi-même.")


def test_the_same_report_twice_is_one(browse: Browse, drill: Item) -> None:
    odile = browse("odile")
    first = odile.post(f"/moderation/report/{drill.public_id}", data=typed(_key="the-key-of-one-page"))
    again = odile.post(f"/moderation/report/{drill.public_id}", data=typed(_key="the-key-of-one-page"))
    other_page = odile.post(f"/moderation/report/{drill.public_id}", data=typed(words="Et aussi son nom."))
    assert first.location == again.location == other_page.location
    (one,) = case_of(drill).reports
    assert one.words == f"{WORDS}\n\nEt aussi son nom."
    assert hold_on(drill) is None


def test_a_report_keeps_the_words_and_pictures_as_they_were(town: Town) -> None:
    trailer = db.session.scalars(select(Item).where(Item.photo.is_not(None), Item.title.like("Tente%"))).one()
    sent = report(trailer, "odile", "scam")
    trailer.title = "Tente neuve"
    trailer.change(drop=[photo.name for photo in db.session.scalars(trailer.pictures())])
    db.session.commit()
    assert sent.said["title"].startswith("Tente 3")
    copies = select(Media).where(Media.subject_type == "moderation_report", Media.subject_id == sent.id)
    assert len(db.session.scalars(copies.where(Media.deleted_at.is_(None))).all()) == 1
    report(trailer, "lucas", "scam")
    assert {one.said["title"] for one in case_of(trailer).reports} == {"Tente 3 places", "Tente neuve"}


def test_an_offer_is_judged_with_its_shop_its_price_and_its_end_and_says_its_title_once(
    browse: Browse, town: Town
) -> None:
    offer = db.session.scalars(offers_now().where(Offer.price > 0)).first()
    assert offer is not None
    report(offer, "odile", "scam")
    page = browse("jean").get(f"/moderation/cases/{offer.public_id}").text
    main = page[page.index("<h1") :]
    assert main.count(offer.title) == 1
    assert str(offer.price_words) in main
    assert "jusqu’au" in main
    assert offer.shop.name in main
    assert "n’est pas montré" not in main


def test_copies_of_pictures_are_for_those_who_decide(browse: Browse, town: Town) -> None:
    tent = db.session.scalars(select(Item).where(Item.title.like("Tente%"))).one()
    report(tent, "odile", "scam")
    name = db.session.scalar(
        select(Media.name).where(Media.subject_type == "moderation_report").order_by(Media.id.desc())
    )
    for who, status in (("jean", 200), ("helene", 200), ("odile", 404), ("theo", 404), ("claire", 404), (None, 404)):
        assert browse(who).get(f"/media/{name}/small.webp").status_code == status, who


# --- At once


def test_two_certified_neighbours_hide_at_once_what_shows_somebodys_privacy(
    browse: Browse, drill: Item, work: Callable[[], int], outbox: Callable[[], list[EmailMessage]]
) -> None:
    """SECURITY T6: hidden for the public within the request; author and staff still see it; read within a day."""
    page = f"/lending/items/{drill.public_id}"
    theo = browse("theo")
    browse("odile").post(f"/moderation/report/{drill.public_id}", data=typed())
    assert theo.get(page).status_code == 200
    browse("lucas").post(f"/moderation/report/{drill.public_id}", data=typed())
    assert theo.get(page).status_code == 404
    assert TITLE not in theo.get("/").text + theo.get("/lending/").text
    for who in ("karim", "jean"):
        assert "Masqué" in browse(who).get(page).text
    case = case_of(drill)
    assert case.due_at is not None
    assert timedelta(hours=23) < case.due_at - now() <= timedelta(hours=24)
    work()
    assert (told_to("karim", "held"), told_to("jean", "to_read_today"), told_to("helene", "to_read_today")) == (1, 1, 1)
    subjects = [letter["Subject"] for letter in outbox()]
    assert any(TITLE in subject and "Masqué jusqu’à ce" in subject for subject in subjects)
    statement = browse("karim").get(f"/moderation/contents/{case.public_id}")
    assert "automatiquement ou par la mairie" in statement.text
    assert "Odile" not in statement.text
    assert "Lucas" not in statement.text
    hidden = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "content:hide")).all()
    assert [entry.details["case"] for entry in hidden] == [case.public_id]


@pytest.mark.parametrize(
    ("first", "second", "reason", "hidden"),
    [
        ("odile", "nadia", "privacy", False),  # one of them is not certified
        ("odile", None, "privacy", False),  # one of them has no account
        ("odile", "lucas", "scam", False),  # a moderator reads it in turn
        ("odile", "lucas", "privacy", True),
    ],
)
def test_fewer_hide_nothing_by_themselves(
    lamp: Complaint, first: str, second: str | None, reason: str, hidden: bool
) -> None:
    report(lamp, first, reason)
    report(lamp, second, reason)
    assert (hold_on(lamp) is not None) is hidden


def test_one_word_of_the_town_hall_is_enough_for_privacy(browse: Browse, drill: Item) -> None:
    browse("jean").post(f"/moderation/report/{drill.public_id}", data=typed())
    assert browse("theo").get(f"/lending/items/{drill.public_id}").status_code == 404


def test_an_agent_hides_at_once_what_cannot_wait_and_a_neighbour_cannot(browse: Browse, drill: Item) -> None:
    assert 'name="at_once"' not in browse("odile").get(f"/moderation/report/{drill.public_id}").text
    browse("odile").post(f"/moderation/report/{drill.public_id}", data=typed(reason="danger", at_once="y"))
    assert hold_on(drill) is None
    assert 'name="at_once"' in browse("jean").get(f"/moderation/report/{drill.public_id}").text
    browse("jean").post(f"/moderation/report/{drill.public_id}", data=typed(reason="danger", at_once="y"))
    assert browse("theo").get(f"/lending/items/{drill.public_id}").status_code == 404


def test_an_agent_who_has_reported_it_may_still_hide_it_at_once(browse: Browse, drill: Item) -> None:
    jean = browse("jean")
    jean.post(f"/moderation/report/{drill.public_id}", data=typed(reason="scam"))
    assert hold_on(drill) is None
    jean.post(f"/moderation/report/{drill.public_id}", data=typed(reason="scam", at_once="y"))
    assert hold_on(drill) is not None
    assert len(case_of(drill).reports) == 1


def test_the_town_halls_own_word_is_never_hidden_by_itself(browse: Browse, town: Town) -> None:
    card = db.session.scalars(select(Card).where(Card.thing == "townhall_notice").limit(1)).one()
    public_id, title = card.public_id, card.title
    for name in ("odile", "lucas", "jean"):
        assert browse(name).post(f"/moderation/report/{public_id}", data=typed()).status_code == 303
    assert browse().get(f"/town-hall/notices/{public_id}").status_code == 200
    assert title in browse().get("/town-hall/").text.replace("\u202f", " ").replace("\xa0", " ")
    card = db.session.scalars(select(Card).where(Card.public_id == public_id)).one()
    with pytest.raises(AdminDecides):
        Case.report(card, person_named("theo"), "place", "Faux.", by_staff=True, at_once=True)


def test_after_five_rejected_reports_in_a_month_the_next_ones_hide_nothing(drill: Item, lamp: Complaint) -> None:
    """SECURITY (c): limits, reports."""
    sent = report(lamp, "odile", "scam")
    case = sent.case
    for _ in range(5):
        rejected = Report(case=case, reporter=person_named("lucas"), reason="scam", words="…", said={})
        rejected.rejected_at, rejected.by_link = now() - timedelta(days=3), False
        rejected.decision_id = None
        db.session.add(rejected)
        db.session.flush()
        decided = _kept(case)
        rejected.decision_id = decided
    db.session.commit()
    report(drill, "odile")
    assert not report(drill, "lucas").counts
    assert hold_on(drill) is None
    with time_machine.travel(now() + timedelta(days=31)):
        assert report(lamp, "lucas").counts


def _kept(case: Case) -> int:
    from town.commons.moderation import Decision

    decision = Decision(case=case, verdict="keep", facts="Rien.", by=person_named("jean"))
    db.session.add(decision)
    db.session.flush()
    return decision.id


def test_twenty_reports_a_day_are_enough(app: TownApp, browse: Browse, drill: Item) -> None:
    from town.kernel.tenancy import Towns

    towns: Towns = app.extensions["towns"]
    towns.settings.rate_limits = "on"
    try:
        odile = browse("odile")
        address = f"/moderation/report/{drill.public_id}"
        answers = [odile.post(address, data=typed()).status_code for _ in range(21)]
    finally:
        towns.settings.rate_limits = "off"
    assert answers == [303] * 20 + [429]


def test_the_rules_are_for_everybody(browse: Browse) -> None:
    rules = browse().get("/regles", follow_redirects=True)
    assert "Respecter la vie privée" in rules.text
    assert "Comment nous modérons" in rules.text


def test_one_case_holds_all_reports_of_one_content(drill: Item) -> None:
    for name in ("odile", "lucas", None):
        report(drill, name, "scam")
    assert db.session.scalar(select(func.count()).select_from(Case).where(Case.thing_public_id == drill.public_id)) == 1
    assert len(case_of(drill).reports) == 3


def test_a_report_tells_nobody_what_was_hidden_before(browse: Browse, lamp: Complaint, work: Callable[[], int]) -> None:
    """Who was writing may still send it, for an hour, and is not told its title again; then nothing is there."""
    report(lamp, "jean", "privacy", by_staff=True, at_once=True)
    address, anybody = f"/moderation/report/{lamp.public_id}", browse()
    unfinished = anybody.post(address, data={})
    assert unfinished.status_code == 422
    assert "Dupont" not in unfinished.text
    assert anybody.get(address).status_code == 404
    assert "Dupont" in browse("jean").post(address, data={}).text, "the town hall sees what is hidden"
    theo = browse("theo")
    with time_machine.travel(now() + timedelta(minutes=10)):
        for sender, more in ((anybody, {"name": "Anne", "email": "anne@exemple.fr"}), (theo, {})):
            receipt = sender.get(sender.post(address, data=typed(**more)).location).text
            assert ("Dupont" in receipt, "Un contenu masqué" in receipt) == (False, True)
        assert browse("helene").post(f"/moderation/cases/{lamp.public_id}/decisions", data=ruling()).status_code == 303
        work()
    assert told_to("theo", "answered") == 1
    assert "Dupont" not in theo.get("/messages/").text
    with time_machine.travel(now() + timedelta(minutes=61)):
        assert anybody.post(address, data=typed(name="Anne", email="anne@exemple.fr")).status_code == 404
        assert browse("jean").post(address, data={}).status_code == 422
