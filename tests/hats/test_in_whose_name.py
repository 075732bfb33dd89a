"""In whose name: a thing is lent, borrowed or reported by a neighbour who speaks for an association or a shop.

Karim runs the Comité des fêtes with Odile, Lucas the bakery; Théo runs nothing.
"""

import html
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from email.message import EmailMessage

import pytest
import time_machine
from sqlalchemy import select

from tests.cast import person_named
from tests.conftest import Browse
from town.blueprints.complaints.models import Complaint
from town.blueprints.lending.models import Item, Loan
from town.commons.activity import happenings
from town.commons.audit import AuditEntry
from town.commons.board import Card, stale_cards
from town.commons.bookings import period_of
from town.commons.moderation.things import speaking
from town.commons.people.acting import begin_for
from town.commons.people.leaving import erase
from town.commons.people.organisations import Membership, Organisation
from town.demo import DEMO_SLUG
from town.kernel.db import db
from town.kernel.jobs import run_due
from town.kernel.registry import Town
from town.kernel.web import TownApp

WEEKEND = {"starts": "2026-06-20", "ends": "2026-06-21", "message": "Pour la fête."}
REPORT = {
    "category": "roads",
    "where": "place du Tilleul",
    "words": "Le quai de livraison s’affaisse.",
    "readers": "all",
}


@pytest.fixture(autouse=True)
def thursday(filled_instance: object) -> Iterator[None]:
    with time_machine.travel(datetime(2026, 6, 18, 7, 0, tzinfo=UTC), tick=False):
        yield


def feasts() -> Organisation:
    """The association that Karim presides."""
    duties = select(Organisation).join(Membership).where(Membership.person_id == person_named("karim").id)
    return db.session.scalars(duties.order_by(Organisation.id)).first() or pytest.fail("Karim runs something")


@pytest.fixture
def hat(town: Town) -> str:
    """Its public id, as forms send it."""
    found = feasts().public_id
    db.session.rollback()
    return found


@pytest.fixture
def marquee(town: Town) -> Item:
    """Karim lends the marquee in the name of the association; committed, as browsers see it."""
    karim = person_named("karim")
    item = Item(owner=karim, quarter=karim.quarter, title="Barnum de fête, 3 m")
    item.lend_for(feasts())
    item.offer()
    db.session.commit()
    return item


def page_of(thing: Item | Loan, more: str = "") -> str:
    address = f"/lending/{'items' if isinstance(thing, Item) else 'loans'}/{thing.public_id}{more}"
    db.session.rollback()
    return address


def said(answer: str) -> str:
    """What a page says, its markup aside."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer)).split())


def last(model: type[Item] | type[Loan] | type[Complaint]) -> Item | Loan | Complaint:
    db.session.rollback()
    return db.session.scalars(select(model).order_by(model.id.desc())).first() or pytest.fail("none")


def lose_it(who: str = "karim") -> None:
    """From now on this neighbour runs nothing."""
    for duty in db.session.scalars(select(Membership).where(Membership.person_id == person_named(who).id)):
        duty.end(person_named("jean"))
    db.session.commit()


def noted(event: str) -> bool:
    found = db.session.scalar(select(AuditEntry.id).where(AuditEntry.event == event))
    db.session.rollback()
    return found is not None


def test_whoever_runs_nothing_is_not_asked(town: Town, browse: Browse, marquee: Item) -> None:
    """NB-02: one name is no choice."""
    theo = browse("theo")
    for address in ("/lending/items/new", "/complaints/new", page_of(marquee)):
        page = theo.get(address)
        assert page.status_code == 200
        assert 'name="hat"' not in page.text
    assert theo.get("/complaints/new").text.count("Au nom de qui") == 0


def test_karim_lends_in_the_name_of_the_association_and_answers_for_it(hat: str, browse: Browse) -> None:
    """NB-02: chosen in the form, visible on the card, the shelf and the page, audited; the person stays the owner."""
    karim, theo = browse("karim"), browse("theo")
    assert f'name="hat" id="hat-1" value="{hat}"' in karim.get("/lending/items/new").text
    answer = karim.post("/lending/items", data={"title": "Barnum de fête, 3 m", "hat": hat})
    assert answer.status_code == 303
    item = last(Item)
    assert isinstance(item, Item)
    name, owner = feasts().name, person_named("karim")
    assert (item.owner, item.on_behalf_of) == (owner, feasts())
    card = db.session.scalars(select(Card).where(Card.title == "Barnum de fête, 3 m")).one()
    assert (card.author_id, card.on_behalf_of_id) == (owner.id, feasts().id)
    assert noted("hat:lending.lent_for")
    shown = said(theo.get(answer.location).text)
    assert f"{name} par Karim B." in shown
    assert "48 heures pour répondre" in shown
    row = said(theo.get("/lending/").text).partition("Barnum de fête, 3 m")[2][:200]
    assert name in row
    assert "par Karim B." in row


def test_a_hat_that_was_never_worn_is_refused_and_nothing_is_lost(hat: str, browse: Browse, marquee: Item) -> None:
    """Bad inputs: forged for each of the three forms, by somebody who runs nothing and is asked nothing."""
    theo = browse("theo")
    forms = {
        "/lending/items": {"title": "Diable pliant"},
        page_of(marquee, "/loans"): WEEKEND,
        "/complaints/new": REPORT,
    }
    for address, typed in forms.items():
        for forged in (hat, "nobody’s"):
            answer = theo.post(address, data={**typed, "hat": forged})
            assert answer.status_code == 422, address
            assert "Vous ne parlez plus en son nom" in said(answer.text)
            kept = typed.get("words") or typed.get("message") or typed["title"]
            assert kept in html.unescape(answer.text)
    assert not noted("hat:complaints.reported")
    assert theo.post("/complaints/new", data=REPORT).status_code == 303, "once more, in his own name"


def test_a_duty_that_ended_while_karim_wrote_is_said_and_his_words_stay(hat: str, browse: Browse, town: Town) -> None:
    karim = browse("karim")
    lose_it()
    answer = karim.post("/complaints/new", data={**REPORT, "hat": hat})
    assert answer.status_code == 422
    assert "Vous ne parlez plus en son nom" in said(answer.text)
    assert "quai de livraison" in answer.text


def test_what_is_lent_keeps_its_name_until_it_is_changed(browse: Browse, marquee: Item, hat: str) -> None:
    """A duty lost since does not make the page of a thing impossible to correct; one may go back to one's own name."""
    karim, edit, save = browse("karim"), page_of(marquee, "/edit"), page_of(marquee)
    lose_it()
    page = karim.get(edit).text
    assert re.search(rf'value="{hat}" checked', page), "what stands is shown, and chosen"
    typed = {"title": "Barnum de fête, 3 m sur 6", "longest_days": "7"}
    assert karim.post(save, data={**typed, "hat": hat}).status_code == 303
    assert karim.post(save, data=typed).status_code == 303, "a form written before there was a choice changes nothing"
    db.session.expire_all()
    assert marquee.on_behalf_of is not None
    db.session.rollback()
    assert karim.post(save, data={**typed, "hat": ""}).status_code == 303
    db.session.expire_all()
    assert marquee.on_behalf_of is None
    card = db.session.scalars(select(Card).where(Card.public_id == marquee.public_id)).one()
    assert card.on_behalf_of_id is None
    db.session.rollback()
    assert karim.post(save, data={**typed, "hat": hat}).status_code == 422, "gone is gone"


def test_what_comes_back_to_the_shelf_comes_in_a_name_that_is_still_worn(browse: Browse, marquee: Item) -> None:
    karim, away, back = browse("karim"), page_of(marquee, "/withdrawal"), page_of(marquee, "/offer")
    karim.post(away)
    assert karim.post(back).status_code == 303
    db.session.expire_all()
    assert marquee.on_behalf_of is not None
    lose_it()
    karim.post(away)
    assert karim.post(back).status_code == 303
    db.session.expire_all()
    assert (marquee.on_behalf_of, marquee.withdrawn_at) == (None, None)
    db.session.rollback()


def test_when_the_association_closes_its_things_are_lent_by_whoever_lent_them(marquee: Item, browse: Browse) -> None:
    feasts().close(person_named("jean"))
    db.session.commit()
    assert marquee.on_behalf_of is None
    assert marquee.withdrawn_at is None
    assert not list(stale_cards())
    address = page_of(marquee)
    page = browse("theo").get(address)
    assert page.status_code == 200
    assert "par Karim B." not in said(page.text)


def test_odile_borrows_for_the_association_and_the_owner_reads_so_everywhere(
    app: TownApp, town: Town, browse: Browse, outbox: Callable[[], list[EmailMessage]]
) -> None:
    """NB-02: on the request, in the notice and its mail; who borrows, and is known by facts, is Odile."""
    theo = person_named("theo")
    item = Item(owner=theo, quarter=theo.quarter, title="Remorque bâchée")
    item.offer()
    association = db.session.scalars(
        select(Organisation).join(Membership).where(Membership.person_id == person_named("odile").id)
    ).first()
    assert association is not None
    worn, name = association.public_id, association.name
    db.session.commit()
    odile = browse("odile")
    assert "Au nom de qui" in said(odile.get(page_of(item)).text)
    answer = odile.post(page_of(item, "/loans"), data={**WEEKEND, "hat": worn})
    assert answer.status_code == 303
    loan = last(Loan)
    assert isinstance(loan, Loan)
    assert (loan.borrower, loan.on_behalf_of) == (person_named("odile"), association)
    [happened] = happenings(loan)
    assert (happened.kind, happened.on_behalf_of) == ("lending.requested", association)
    assert noted("hat:lending.requested")
    run_due(app, DEMO_SLUG)
    [mail] = [mail for mail in outbox() if "Remorque bâchée" in mail["Subject"]]
    assert f"{name} aimerait emprunter" in said(mail["Subject"])
    request = said(browse("theo").get(answer.location).text)
    assert f"{name} en son nom" in request
    assert "Odile" in request
    assert "en son nom" not in said(odile.get(answer.location).text), "Théo lends in his own"


def test_a_shop_reports_and_no_stranger_learns_whose_name_it_was(browse: Browse, town: Town) -> None:
    """NB-02, DECISIONS 37: the desk and its reporter see it; neighbours, visitors, the search and the card do not."""
    bakery = db.session.scalars(select(Organisation).where(Organisation.name == "Boulangerie Moreau")).one()
    hat, name = bakery.public_id, bakery.name
    db.session.rollback()
    answer = browse("lucas").post("/complaints/new", data={**REPORT, "hat": hat})
    assert answer.status_code == 303
    report = last(Complaint)
    assert isinstance(report, Complaint)
    assert report.on_behalf_of == bakery
    assert noted("hat:complaints.reported")
    report.acknowledge(person_named("jean"), to_all=True)
    db.session.commit()
    card = db.session.scalars(select(Card).where(Card.public_id == report.public_id)).one()
    assert (card.author_id, card.on_behalf_of_id) == (None, None)
    assert speaking(report, report.card()) == bakery, "whoever else runs it does not judge it"
    public_id = report.public_id
    db.session.rollback()
    assert f"{name} en son nom" in said(browse("lucas").get(answer.location).text)
    assert f"{name} en son nom" in said(browse("jean").get(f"/desk/complaints/{public_id}").text)
    for stranger in (browse("theo"), browse("odile"), browse()):
        page = stranger.get(answer.location)
        assert page.status_code == 200
        assert name not in said(page.text)
        assert name not in said(stranger.get("/complaints/").text)


def test_at_the_counter_the_hats_are_the_residents(browse: Browse, town: Town, hat: str) -> None:
    """AD-05: Jean writes for Karim, under a hat of Karim's; the journal names Jean, for Karim, and the association."""
    sitting = begin_for(person_named("karim"), person_named("jean"), "counter").public_id
    db.session.commit()
    jean = browse("jean")
    assert f'value="{hat}"' in jean.get(f"/complaints/new?acting={sitting}").text
    assert f'value="{hat}"' not in jean.get("/complaints/new").text
    answer = jean.post(f"/complaints/new?acting={sitting}", data={**REPORT, "acting": sitting, "hat": hat})
    assert answer.status_code == 303
    report = last(Complaint)
    assert isinstance(report, Complaint)
    assert (report.reporter, report.on_behalf_of) == (person_named("karim"), feasts())
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "hat:complaints.reported")).one()
    assert (entry.actor_id, entry.on_id) == (person_named("jean").id, person_named("karim").id)
    assert entry.details == {"organisation": hat}


def test_whoever_is_erased_leaves_no_name_of_what_they_ran(marquee: Item, town: Town) -> None:
    """Their things, loans and reports say no more in whose name they were."""
    karim = person_named("karim")
    theo = person_named("theo")
    other = Item(owner=theo, quarter=theo.quarter, title="Remorque bâchée")
    other.offer()
    days = period_of("days", date(2026, 6, 20), date(2026, 6, 21))
    loan = Loan.ask(other, karim, days, on_behalf_of=feasts())
    report = Complaint.report(karim, "roads", REPORT["words"], None, on_behalf_of=feasts())
    theirs = [(type(thing), thing.id) for thing in (marquee, loan, report)]
    erase(karim)
    for model, number in theirs:
        assert db.session.scalar(select(model.id).where(model.id == number, model.on_behalf_of_id.is_(None))), model
    db.session.rollback()
