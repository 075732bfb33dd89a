"""At the counter: who may certify whom, what is noted, and what never happens."""

from collections.abc import Callable
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from tests.cast import person_named
from tests.conftest import Browse
from town.commons.audit import AuditEntry
from town.commons.people.models import Person
from town.commons.trust.models import Certification
from town.demo import DEMO_SLUG
from town.kernel.db import db
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

SEEN = {"seen": "y"}


def number_of(app: TownApp, name: str) -> str:
    with enter(app, DEMO_SLUG):
        return person_named(name).public_id


def events(app: TownApp) -> list[str]:
    with enter(app, DEMO_SLUG):
        return list(db.session.scalars(select(AuditEntry.event).order_by(AuditEntry.id)))


def certified(app: TownApp, name: str) -> bool:
    with enter(app, DEMO_SLUG):
        return person_named(name).certified


def test_the_secretary_certifies_nadia_in_three_gestures(
    app: TownApp, browse: Browse, work: Callable[[], int], outbox: Callable[[], list[EmailMessage]]
) -> None:
    jean = browse("jean")
    nadia = number_of(app, "nadia")
    found = jean.get("/certification/desk?q=chérif")
    assert f"/certification/desk/{nadia}" in found.text
    assert "9 Rue de l’Église" not in found.text
    assert "9 Rue de l’Église" in jean.get(f"/certification/desk/{nadia}").text
    assert jean.post(f"/certification/desk/{nadia}/certification", data=SEEN).status_code == 303
    assert certified(app, "nadia")
    assert events(app)[-3:] == ["cert:desk:search", "address:view", "cert:desk:ok"]
    work()
    assert "Votre adresse est prouvée" in [mail["Subject"] for mail in outbox() if "nadia@" in mail["To"]]
    with enter(app, DEMO_SLUG):
        proof = db.session.scalars(select(Certification).order_by(Certification.id.desc())).first()
        assert proof is not None
        assert (proof.how, proof.by_id) == ("desk", person_named("jean").id)


def test_nothing_is_certified_unless_the_papers_were_seen(app: TownApp, browse: Browse) -> None:
    answer = browse("jean").post(f"/certification/desk/{number_of(app, 'nadia')}/certification")
    assert answer.status_code == 422
    assert "Regardez les deux papiers" in answer.text
    assert not certified(app, "nadia")


def test_nobody_certifies_their_own_household_nor_themselves(app: TownApp, browse: Browse) -> None:
    with enter(app, DEMO_SLUG):
        person_named("nadia").address = person_named("jean").address
        db.session.commit()
    jean = browse("jean")
    nadia = number_of(app, "nadia")
    assert "un ou une collègue" in jean.get(f"/certification/desk/{nadia}").text
    assert jean.post(f"/certification/desk/{nadia}/certification", data=SEEN).status_code == 409
    assert not certified(app, "nadia")
    assert (
        jean.post(f"/certification/desk/{number_of(app, 'jean')}/revocation", data={"reason": "mistake"}).status_code
        == 403
    )
    assert browse("helene").post(f"/certification/desk/{nadia}/certification", data=SEEN).status_code == 303


@pytest.mark.parametrize("name", ["odile", "nadia", "claire", None])
def test_the_desk_is_for_those_who_certify(app: TownApp, browse: Browse, name: str | None) -> None:
    nadia = number_of(app, "nadia")
    browser = browse(name)
    refused = {303, 403} if name is None else {403}
    for address in (
        "/certification/desk",
        "/certification/desk?q=a",
        "/certification/desk/new",
        f"/certification/desk/{nadia}",
    ):
        assert browser.get(address).status_code in refused
    for verb in ("certification", "revocation", "address"):
        assert browser.post(f"/certification/desk/{nadia}/{verb}", data=SEEN).status_code == 403
    assert browser.post("/certification/desk/new", data=SEEN).status_code == 403
    assert not certified(app, "nadia")


def test_somebody_without_e_mail_is_entered_at_the_counter(app: TownApp, browse: Browse) -> None:
    jean = browse("jean")
    form = {"first_name": "Marcel", "last_name": "Dubois", "address": "14 rue des tanneries", **SEEN}
    answer = jean.post("/certification/desk/new", data=form)
    assert answer.status_code == 303
    assert "14 Rue des Tanneries" in jean.get(answer.location).text
    with enter(app, DEMO_SLUG):
        marcel = db.session.scalars(select(Person).where(Person.folded == "marcel dubois")).one()
        assert marcel.certified
        assert marcel.account is None
    again = jean.post("/certification/desk/new", data=form)
    assert again.status_code == 409
    assert "Dubois" in again.text  # what was typed is not lost
    assert "déjà inscrite" in again.text


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("address", "3 rue de la Lune", "n’est pas dans la liste"),
        ("address", "Rue des Tanneries", "n’est pas dans la liste"),
        ("first_name", "", "prénom"),
        ("seen", "", "Regardez les deux papiers"),
    ],
)
def test_an_entry_that_lacks_something_is_explained(
    app: TownApp, browse: Browse, field: str, value: str, words: str
) -> None:
    form = {"first_name": "Marcel", "last_name": "Dubois", "address": "14 rue des Tanneries", **SEEN, field: value}
    answer = browse("jean").post("/certification/desk/new", data={k: v for k, v in form.items() if v})
    assert answer.status_code == 422
    assert words in answer.text


def test_an_address_that_was_not_in_the_list_is_put_right(app: TownApp, browse: Browse) -> None:
    with enter(app, DEMO_SLUG):
        nadia = person_named("nadia")
        nadia.address, nadia.address_words = None, "le cabanon derrière l’église"
        db.session.commit()
    jean, number = browse("jean"), number_of(app, "nadia")
    page = jean.get(f"/certification/desk/{number}").text
    assert "le cabanon derrière l’église" in page
    assert "Certifier Nadia" not in page
    answer = jean.post(f"/certification/desk/{number}/address", data={"address": "7, Rue de l'Eglise"})
    assert answer.status_code == 303
    with enter(app, DEMO_SLUG):
        nadia = person_named("nadia")
        assert nadia.address is not None
        assert (nadia.address.line, nadia.address_words) == ("7 Rue de l’Église", "")
    assert "address:correct" in events(app)


def test_another_address_ends_the_proof_of_the_first(app: TownApp, browse: Browse) -> None:
    answer = browse("jean").post(
        f"/certification/desk/{number_of(app, 'odile')}/address", data={"address": "14 rue des Tanneries"}
    )
    assert answer.status_code == 303
    assert not certified(app, "odile")


def test_a_revoked_neighbour_loses_badge_and_rights_at_the_next_click(
    app: TownApp, browse: Browse, work: Callable[[], int], outbox: Callable[[], list[EmailMessage]]
) -> None:
    there = browse("odile")
    assert "Odile M." in browse("theo").get("/neighbours/?in=town").text
    number = number_of(app, "odile")
    assert browse("jean").post(f"/certification/desk/{number}/revocation", data={}).status_code == 422
    answer = browse("jean").post(f"/certification/desk/{number}/revocation", data={"reason": "fraud"})
    assert answer.status_code == 303
    assert "Odile M." not in browse("theo").get("/neighbours/?in=town").text
    assert "Adresse non vérifiée" in browse("theo").get(f"/neighbours/{number}").text
    assert there.get(f"/neighbours/{number}").status_code == 403
    work()
    assert "Votre adresse n’est plus prouvée" in [mail["Subject"] for mail in outbox() if "odile@" in mail["To"]]


def test_what_waits_for_the_desk_is_on_its_morning_page(app: TownApp, browse: Browse) -> None:
    with enter(app, DEMO_SLUG):
        nadia = person_named("nadia")
        nadia.address, nadia.address_words = None, "le cabanon derrière l’église"
        db.session.commit()
    jean = browse("jean")
    morning = jean.get("/desk/").text
    assert "1 carte postale à imprimer" in morning
    assert "1 adresse à trouver" in morning
    found = jean.get("/certification/desk?missing=address").text
    assert "Nadia Cherif" in found
    assert "Inès Delorme" not in found
