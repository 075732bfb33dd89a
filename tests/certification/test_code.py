"""Typing a card's code in, and what a resident reads on the way."""

import pytest

from tests.cast import person_named
from tests.conftest import Browse
from town.blueprints.certification.demo import CODE
from town.commons.trust.postcards import TRIES, Postcard, current_card
from town.demo import DEMO_SLUG
from town.kernel.db import db
from town.kernel.features import Route
from town.kernel.tenancy import enter
from town.kernel.web import TownApp


def card_of(app: TownApp, name: str) -> Postcard | None:
    with enter(app, DEMO_SLUG):
        return db.session.scalar(current_card(person_named(name).id))


def test_nadia_types_her_code_and_is_a_neighbour_at_the_next_page(app: TownApp, browse: Browse) -> None:
    nadia = browse("nadia")
    assert "Il manque" not in nadia.get("/certification/code").text
    assert nadia.post("/certification/code", data={"code": CODE}).location == "/certification/"
    assert "Voisin certifié" in nadia.get("/certification/").text
    assert nadia.get("/neighbours/").status_code == 200
    assert "Toute la commune" in nadia.get("/neighbours/").text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("CERF482", "Il manque des caractères"),
        ("CERO4827", "Il n’y a jamais de «\u00a0O\u202f»"),
        ("CERF48270", "«\u00a00\u202f»"),
        ("", "Recopiez le code"),
    ],
)
def test_a_slip_of_the_finger_costs_no_try(app: TownApp, browse: Browse, typed: str, words: str) -> None:
    answer = browse("nadia").post("/certification/code", data={"code": typed})
    assert answer.status_code == 422
    assert words in answer.text
    card = card_of(app, "nadia")
    assert card is not None
    assert card.tries == 0


def test_a_wrong_code_says_how_many_tries_are_left_and_the_sixth_is_refused(app: TownApp, browse: Browse) -> None:
    nadia = browse("nadia")
    first = nadia.post("/certification/code", data={"code": "CERF4828"})
    assert first.status_code == 409
    assert "Ce n’est pas le code de votre carte" in first.text
    assert f"{TRIES - 1} essais" in first.text
    for _ in range(TRIES - 1):
        assert nadia.post("/certification/code", data={"code": "CERF4828"}).status_code == 409
    last = nadia.post("/certification/code", data={"code": CODE})
    assert last.status_code == 409
    assert "bloquée" in last.text
    assert "bloquée" in nadia.get("/certification/").text
    with enter(app, DEMO_SLUG):
        assert not person_named("nadia").certified


def test_the_code_of_nadia_is_worth_nothing_to_odile_or_to_a_visitor(app: TownApp, browse: Browse) -> None:
    assert browse("odile").post("/certification/code", data={"code": CODE}).status_code == 409
    answer = browse().post("/certification/code", data={"code": CODE})
    assert answer.status_code in {303, 403}
    assert CODE not in answer.text
    assert card_of(app, "nadia") is not None


def test_the_outbox_learns_the_outcome_without_a_page(browse: Browse) -> None:
    nadia = browse("nadia")
    wrong = nadia.post("/certification/code", data={"code": "CERF4828"}, headers={"Accept": "application/json"})
    assert (wrong.status_code, wrong.json["error"]) == (409, "WrongCode")  # type: ignore[index]  # it is JSON
    slip = nadia.post("/certification/code", data={"code": "CERF"}, headers={"Accept": "application/json"})
    assert slip.status_code == 422
    assert "code" in slip.json["errors"]  # type: ignore[index]  # it is JSON
    right = nadia.post("/certification/code", data={"code": CODE}, headers={"Accept": "application/json"})
    assert right.status_code == 201


def test_the_short_addresses_of_the_card_lead_to_the_code(browse: Browse) -> None:
    for short in ("/c", "/carte"):
        assert browse().get(short).location == "/certification/code"
    assert browse("nadia").get("/adresse").location == "/certification/"


def test_whoever_scans_signed_out_finds_the_way_in(browse: Browse) -> None:
    answer = browse().get("/certification/code")
    assert answer.status_code == 200
    assert "/login?next=/certification/code" in answer.text
    assert 'name="code"' not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_script_of_the_card_is_small_and_speaks_to_nobody() -> None:
    from pathlib import Path

    import town as package

    script = (Path(package.__file__).parent / "static/js/code.js").read_text()
    assert len(script.splitlines()) < 15
    for word in ("fetch", "XMLHttp", "sendBeacon", "localStorage", "http"):
        assert word not in script


def test_one_network_address_tries_fifteen_codes_a_day(app: TownApp) -> None:
    route: Route = app.extensions["routes"]["certification.enter"]
    (limit,) = route.limits
    assert [(item.amount, item.get_expiry()) for item in limit.items()] == [(15, 86400)]
    assert limit.closed  # when tries cannot be counted, none is taken
