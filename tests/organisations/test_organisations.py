"""A page is asked for, given, shared and handed over; the town hall knows each time whom it gives it to."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import NamedTuple

import pytest
import time_machine
from sqlalchemy import func, select

from tests.cast import person_named
from tests.conftest import Browse
from town.commons.audit import AuditEntry, first_broken_entry
from town.commons.people.hats import hats_of
from town.commons.people.invitations import Invitation, forget_old_invitations
from town.commons.people.organisations import ASSOCIATION, HELPER, MANAGER, SHOP, Claim, Membership, Organisation
from town.kernel.db import db, now
from town.kernel.features import Route
from town.kernel.registry import Town
from town.kernel.signals import person_erased
from town.kernel.web import TownApp

Sent = Callable[[], list[EmailMessage]]
WORDS = "Je suis la boulangère, appelez-moi au fournil."


class Known(NamedTuple):
    """An organisation as browsers know it: a test that held the row would hold the write lock too."""

    public_id: str
    name: str


def known(organisation: Organisation) -> Known:
    db.session.flush()
    found = Known(organisation.public_id, organisation.name)
    db.session.commit()
    return found


@pytest.fixture
def shop(town: Town) -> Known:
    found = Organisation(sort=SHOP, name="Au Bon Fournil d’Été")
    db.session.add(found)
    return known(found)


@pytest.fixture
def club(town: Town) -> Known:
    """Mathilde runs it, Théo helps."""
    found = Organisation(sort=ASSOCIATION, name="Les Amis du lavoir")
    db.session.add(found)
    found.welcome(person_named("mathilde"), MANAGER, None, title="Présidente", shown=True)
    found.welcome(person_named("theo"), HELPER, None)
    return known(found)


def ask(browse: Browse, name: str, of: str) -> str:
    """The public id of a claim made in somebody's browser."""
    answer = browse(name).post(f"/organisations/{of}/claims", data={"words": WORDS})
    assert answer.status_code == 303, answer.text
    return answer.location.rpartition("/")[2]


def duty(of: str, name: str) -> str:
    """The public id of somebody's duty in an organisation."""
    found = select(Membership.public_id).join(Membership.organisation).where(Organisation.public_id == of)
    [public_id] = db.session.scalars(found.where(Membership.person_id == person_named(name).id))
    db.session.rollback()
    return public_id


def hats(name: str) -> list[str]:
    found = [hat.name for hat in hats_of(person_named(name).id)]
    db.session.rollback()
    return found


def test_amadou_asks_the_town_hall_says_yes_and_he_is_told(
    shop: Known, browse: Browse, work: Callable[[], int], outbox: Sent
) -> None:
    """NB-02, matrix 34 and 35."""
    number = ask(browse, "amadou", shop.public_id)
    jean = browse("jean")
    assert "2 pages demandées" in jean.get("/desk/").text, "Lucas asks for the judo club's"
    assert WORDS in jean.get(f"/organisations/claims/{number}").text
    assert jean.post(f"/organisations/claims/{number}/acceptance").status_code == 303
    work()
    assert shop.name in hats("amadou")
    assert "La mairie a dit oui" in browse("amadou").get("/messages/").text
    assert shop.name in browse("amadou").get("/organisations/").text
    assert [letter["To"] for letter in outbox() if "La mairie a dit oui" in letter["Subject"]] == [
        "amadou@saint-loup.example"
    ]
    assert first_broken_entry() is None


def test_a_no_has_a_reason_that_the_person_reads_and_answers_twice_for_nobody(shop: Known, browse: Browse) -> None:
    number, jean = ask(browse, "lucas", shop.public_id), browse("jean")
    address = f"/organisations/claims/{number}/refusal"
    assert jean.post(address, data={"words": "Non."}).status_code == 422
    assert jean.post(address, data={"reason": "other"}).status_code == 422, "another reason is said in words"
    assert jean.post(address, data={"reason": "proof", "words": "Votre Kbis suffira."}).status_code == 303
    page = browse("lucas").get(f"/organisations/requests/{number}").text
    assert "passez avec un justificatif. Votre Kbis suffira." in page
    assert jean.post(f"/organisations/claims/{number}/acceptance").status_code == 409
    assert shop.name not in hats("lucas")


def test_who_asks_twice_has_one_request(shop: Known, browse: Browse) -> None:
    lucas, of = browse("lucas"), shop.public_id
    address, data = f"/organisations/{of}/claims", {"words": WORDS, "_key": "one-page"}
    first, again = lucas.post(address, data=data), lucas.post(address, data=data)
    assert (first.status_code, first.location) == (again.status_code, again.location)
    assert lucas.post(address, data={"words": "Encore moi"}).status_code == 409
    assert "Vous avez demandé cette page" in lucas.get(f"/organisations/{of}/claim").text
    made = select(func.count()).select_from(Claim).join(Claim.organisation).where(Organisation.public_id == of)
    assert db.session.scalar(made) == 1
    db.session.rollback()


@pytest.mark.parametrize(("name", "status"), [(None, 303), ("nadia", 403), ("lucas", 200)])
def test_only_certified_neighbours_ask(name: str | None, status: int, shop: Known, browse: Browse) -> None:
    assert browse(name).get(f"/organisations/{shop.public_id}/claim").status_code == status


def test_nobody_reads_the_request_of_another(shop: Known, browse: Browse) -> None:
    number = ask(browse, "lucas", shop.public_id)
    assert browse("karim").get(f"/organisations/requests/{number}").status_code == 404
    for name in ("karim", "claire"):
        assert browse(name).get("/organisations/claims").status_code == 403
        assert browse(name).post(f"/organisations/claims/{number}/acceptance").status_code == 403
    assert browse().get("/organisations/claims").status_code == 303


def test_jean_does_not_answer_himself(shop: Known, browse: Browse) -> None:
    number = ask(browse, "jean", shop.public_id)
    assert browse("jean").post(f"/organisations/claims/{number}/acceptance").status_code == 403
    assert browse("helene").post(f"/organisations/claims/{number}/acceptance").status_code == 303
    assert hats("jean") == [shop.name]


def test_the_board_changes_hands_without_the_town_hall(club: Known, browse: Browse, work: Callable[[], int]) -> None:
    """AS-01: managed by several officers, with hand-over when the board changes."""
    of, mathilde, odile = club.public_id, browse("mathilde"), browse("odile")
    own = duty(of, "mathilde")
    stuck = mathilde.post(f"/organisations/{of}/departures", data={"duty": own})
    assert stuck.status_code == 409
    assert "nommez d’abord" in stuck.text
    data = {"email": "Odile@saint-loup.example", "duty": "manager"}
    assert mathilde.post(f"/organisations/{of}/invitations", data=data).status_code == 303
    work()
    assert "vous propose de tenir une page avec" in odile.get("/messages/").text
    asked = db.session.scalars(select(Invitation)).one().public_id
    db.session.rollback()
    assert browse("karim").get(f"/organisations/invitations/{asked}").status_code == 404
    accept = f"/organisations/invitations/{asked}/acceptance"
    assert odile.post(accept, data={"title": "Maire"}).status_code == 422, "titles of the town hall are its own"
    assert odile.post(accept, data={"title": "Trésorière", "shown": "y"}).status_code == 303
    assert club.name in hats("odile")
    assert mathilde.post(f"/organisations/{of}/departures", data={"duty": own}).status_code == 303
    assert club.name not in hats("mathilde")
    assert mathilde.get(f"/organisations/{of}/people").status_code == 404
    assert first_broken_entry() is None


def test_whoever_is_sent_away_does_not_come_back_by_an_invitation_of_their_own(club: Known, browse: Browse) -> None:
    of, odile = club.public_id, browse("odile")
    with_mathilde = db.session.scalars(select(Organisation).where(Organisation.public_id == of)).one()
    with_mathilde.welcome(person_named("odile"), MANAGER, None)
    db.session.commit()
    for email in ("odile@saint-loup.example", "karim@saint-loup.example"):
        answer = odile.post(f"/organisations/{of}/invitations", data={"email": email, "duty": "manager"})
        assert answer.status_code == 303
    asked = db.session.scalars(select(Invitation.public_id).order_by(Invitation.id)).all()
    db.session.rollback()
    gone = browse("mathilde").post(f"/organisations/{of}/departures", data={"duty": duty(of, "odile")})
    assert gone.status_code == 303
    for name, invitation in zip(("odile", "karim"), asked, strict=True):
        assert browse(name).post(f"/organisations/invitations/{invitation}/acceptance").status_code == 404
        assert club.name not in hats(name)


def test_asking_an_unknown_e_mail_looks_the_same(club: Known, browse: Browse, work: Callable[[], int]) -> None:
    mathilde, of = browse("mathilde"), club.public_id
    pages = []
    for email in ("odile@saint-loup.example", "nobody@saint-loup.example"):
        answer = mathilde.post(
            f"/organisations/{of}/invitations", data={"email": email, "duty": "helper"}, follow_redirects=True
        )
        work()
        pages.append(answer.text.count("Invitations sans réponse"))
    assert pages == [1, 1]
    again = mathilde.post(
        f"/organisations/{of}/invitations", data={"email": "nobody@saint-loup.example", "duty": "helper"}
    )
    assert again.status_code == 409
    asked = db.session.scalar(select(Invitation.public_id).where(Invitation.email.startswith("nobody")))
    db.session.rollback()
    assert mathilde.post(f"/organisations/{of}/withdrawals", data={"invitation": asked}).status_code == 303
    assert "nobody@" not in mathilde.get(f"/organisations/{of}/people").text


def test_who_helps_says_nothing_of_who_runs_it(club: Known, browse: Browse) -> None:
    theo, of = browse("theo"), club.public_id
    hers = duty(of, "mathilde")
    page = theo.get(f"/organisations/{of}/people")
    assert page.status_code == 200
    assert "Inviter quelqu’un" not in page.text
    assert theo.post(f"/organisations/{of}/invitations", data={"email": "a@b.fr", "duty": "helper"}).status_code == 403
    assert theo.post(f"/organisations/{of}/departures", data={"duty": hers}).status_code == 403
    assert browse("karim").get(f"/organisations/{of}/people").status_code == 404
    assert theo.post(f"/organisations/{of}/name", data={"title": "Trésorier", "shown": "y"}).status_code == 303
    assert "Trésorier" in theo.get(f"/organisations/{of}/people").text


def test_an_invitation_lasts_thirty_days_and_its_e_mail_is_forgotten(club: Known, browse: Browse) -> None:
    of = club.public_id
    browse("mathilde").post(
        f"/organisations/{of}/invitations", data={"email": "odile@saint-loup.example", "duty": "helper"}
    )
    asked = db.session.scalars(select(Invitation)).one().public_id
    db.session.rollback()
    with time_machine.travel(now() + timedelta(days=31), tick=False):
        assert browse("odile").post(f"/organisations/invitations/{asked}/acceptance").status_code == 404
        forget_old_invitations()
    assert db.session.scalar(select(Invitation.id)) is None
    db.session.commit()


def test_whoever_is_erased_is_waited_for_no_more(club: Known, browse: Browse) -> None:
    for email in ("odile@saint-loup.example", "karim@saint-loup.example"):
        browse("mathilde").post(f"/organisations/{club.public_id}/invitations", data={"email": email, "duty": "helper"})
    person_erased.send(person_named("odile"))
    person_erased.send(person_named("mathilde"))
    left = db.session.scalars(select(Invitation)).one()
    assert (left.email, left.by) == ("karim@saint-loup.example", None)
    db.session.rollback()


def test_the_town_hall_ends_a_part_and_the_person_hears_of_it(
    club: Known, browse: Browse, work: Callable[[], int]
) -> None:
    his = duty(club.public_id, "theo")
    assert browse("jean").post(f"/organisations/{club.public_id}/departures", data={"duty": his}).status_code == 303
    work()
    assert "Vous ne vous occupez plus de" in browse("theo").get("/messages/").text
    said = db.session.scalars(select(AuditEntry.event).where(AuditEntry.event == "organisation:helper:remove"))
    assert len(list(said)) == 1
    db.session.rollback()


def test_a_closed_organisation_speaks_no_more(club: Known, browse: Browse) -> None:
    of = club.public_id
    assert browse("mathilde").post(f"/organisations/{of}/closing").status_code == 404
    assert browse("jean").post(f"/organisations/{of}/closing").status_code == 303
    assert club.name not in hats("mathilde")
    assert browse("lucas").get(f"/organisations/{of}/claim").status_code == 404


def test_the_town_hall_opens_the_page_of_a_shop_and_closes_it(browse: Browse, town: Town) -> None:
    jean = browse("jean")
    assert jean.post("/organisations/new", data={"sort": SHOP, "name": "Cordonnerie du Four"}).status_code == 303
    assert "Cordonnerie du Four" in browse().get("/search/?q=cordonnerie").text
    opened = db.session.scalar(select(Organisation.public_id).where(Organisation.name == "Cordonnerie du Four"))
    db.session.rollback()
    assert jean.post(f"/organisations/{opened}/closing").status_code == 303
    assert "Cordonnerie du Four" not in browse().get("/search/?q=cordonnerie").text


def test_granting_a_page_and_naming_who_runs_it_ask_for_the_password_again(app: TownApp) -> None:
    """Matrix 35: step-up for the town hall."""
    routes: dict[str, Route] = app.extensions["routes"]
    for verb in ("claims", "claim_file", "accept_claim", "refuse_claim", "new", "create"):
        assert routes[f"organisations.{verb}"].access.name == "agent or admin, confirmed"
    for verb in ("create_invitation", "withdraw_invitation", "end_duty", "close"):
        assert routes[f"organisations.{verb}"].access.name == "signed in, confirmed for the town hall"
