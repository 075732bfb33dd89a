"""The page of one's own proof: only ways that work today, what they cost, what is erased."""

from datetime import timedelta

import time_machine

from tests.cast import person_named
from tests.conftest import Browse
from town.commons.people.models import RoleGrant
from town.commons.trust.postcards import current_card
from town.demo import DEMO_SLUG
from town.kernel.db import db, now
from town.kernel.tenancy import enter
from town.kernel.web import TownApp


def settle(app: TownApp, name: str, **values: object) -> None:
    with enter(app, DEMO_SLUG):
        person = person_named(name)
        for key, value in values.items():
            setattr(person, key, value)
        card = db.session.scalar(current_card(person.id))
        if card is not None:
            db.session.delete(card)
        db.session.commit()


def test_a_newcomer_is_offered_a_postcard_first_then_the_desk(app: TownApp, browse: Browse) -> None:
    settle(app, "nadia")
    words = browse("nadia").get("/certification/").text
    assert words.index("Une carte postale avec un code") < words.index("À l’accueil de la mairie")
    assert "9 Rue de l’Église" in words
    assert "Ce que nous effaçons" in words
    for not_yet in ("justificatif en photo", "voisins se portent garants", "Identité numérique"):
        assert not_yet not in words


def test_a_card_is_asked_for_in_one_tap_and_once(app: TownApp, browse: Browse) -> None:
    settle(app, "nadia")
    nadia = browse("nadia")
    assert nadia.post("/certification/postcard").status_code == 303
    words = nadia.get("/certification/").text
    assert "Demandée le" in words
    assert "Recevoir ma carte postale" not in words
    again = nadia.post("/certification/postcard")
    assert again.status_code == 409
    assert "moins de 30 jours" in again.text
    assert nadia.post("/certification/postcard/cancellation").status_code == 303
    assert "Vous pourrez en redemander une" in nadia.get("/certification/").text
    assert nadia.post("/certification/postcard/cancellation").status_code == 409


def test_a_card_that_never_came_is_asked_for_again_after_thirty_days(browse: Browse) -> None:
    nadia = browse("nadia")
    assert "Imprimée le" in nadia.get("/certification/").text
    with time_machine.travel(now() + timedelta(days=28)):
        assert "Demander une autre carte" in browse("nadia").get("/certification/").text


def test_who_has_no_address_in_the_list_is_sent_to_the_desk(app: TownApp, browse: Browse) -> None:
    settle(app, "nadia", address=None, address_words="Le cabanon du Moulin")
    nadia = browse("nadia")
    words = nadia.get("/certification/").text
    assert "Le cabanon du Moulin" in words
    assert "Recevoir ma carte postale" not in words
    assert nadia.post("/certification/postcard").status_code == 409


def test_a_town_without_staff_or_that_prints_nothing_offers_no_such_way(app: TownApp, browse: Browse) -> None:
    settle(app, "nadia")
    registry = app.extensions["towns"].registry
    registry.change(DEMO_SLUG, proofs=["desk"])
    try:
        words = browse("nadia").get("/certification/").text
        assert "À l’accueil de la mairie" in words
        assert "Une carte postale" not in words
    finally:
        registry.change(DEMO_SLUG, proofs=["postcard", "desk"])
    with enter(app, DEMO_SLUG):
        for grant in db.session.query(RoleGrant):
            db.session.delete(grant)
        db.session.commit()
    words = browse("nadia").get("/certification/").text
    assert "n’est pas encore prête" in words
    assert "À l’accueil" not in words


def test_a_certified_neighbour_reads_how_and_until_when(browse: Browse) -> None:
    words = browse("odile").get("/certification/").text
    assert "par carte postale" in words
    assert "Valable jusqu’au" in words
    assert "Recevoir ma carte" not in words


def test_visitors_sign_in_first_and_nothing_of_this_is_kept(browse: Browse) -> None:
    assert browse().get("/certification/").status_code == 303
    assert browse("nadia").get("/certification/").headers["Cache-Control"] == "no-store"
