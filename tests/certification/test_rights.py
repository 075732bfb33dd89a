"""What a resident whose letter is on its way may not do yet, and that no form makes anybody certified."""

import pytest
from flask import url_for

from tests.cast import person_named
from tests.conftest import Browse
from town.commons.people.access import CERTIFIED
from town.demo import DEMO_SLUG
from town.kernel.features import Route, discover
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

CERTIFIED_ROUTES = sorted(
    endpoint for feature in discover() for endpoint, route in feature.routes.items() if route.access is CERTIFIED
)


def address_of_route(app: TownApp, endpoint: str) -> tuple[str, str]:
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)
    with app.test_request_context(base_url="http://localhost"):
        address = url_for(endpoint, **dict.fromkeys(rule.arguments, "1"))  # type: ignore[arg-type]  # parts of the path
    return address, "POST" if "POST" in (rule.methods or ()) else "GET"


def test_there_are_pages_for_certified_neighbours() -> None:
    assert "neighbours.person" in CERTIFIED_ROUTES


@pytest.mark.parametrize("endpoint", CERTIFIED_ROUTES)
def test_a_neighbour_whose_letter_is_on_its_way_reads_why_and_where_to_prove(
    app: TownApp, browse: Browse, endpoint: str
) -> None:
    address, method = address_of_route(app, endpoint)
    answer = browse("nadia").open(address, method=method)
    assert answer.status_code == 403
    assert "adresse" in answer.text
    assert 'href="/certification/"' in answer.text


def test_certifying_and_printing_ask_for_the_password_again(app: TownApp) -> None:
    routes: dict[str, Route] = app.extensions["routes"]
    for verb in (
        "letters",
        "print_letters",
        "desk",
        "register",
        "person",
        "certify_here",
        "revoke_here",
        "correct_address",
    ):
        assert routes[f"certification.{verb}"].access.name == "certifier or agent or admin, confirmed"


def test_no_form_of_the_town_makes_anybody_certified(app: TownApp, browse: Browse) -> None:
    claims = {
        "certified": "1",
        "certified_at": "2026-01-01",
        "certified_until": "2036-01-01T00:00:00",
        "certified_how": "desk",
        "how": "desk",
        "role": "admin",
        "roles": "admin",
        "seen": "y",
    }
    nadia = browse("nadia")
    routes: dict[str, Route] = app.extensions["routes"]
    with enter(app, DEMO_SLUG):
        number = person_named("nadia").public_id
    tried = 0
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or "logout" in rule.endpoint:
            continue
        with app.test_request_context(base_url="http://localhost"):
            address = url_for(rule.endpoint, **dict.fromkeys(rule.arguments, number))  # type: ignore[arg-type]  # likewise
        for kind in ({"data": claims}, {"json": claims}, {"data": claims, "headers": {"Accept": "application/json"}}):
            nadia.post(address, **kind)
        tried += routes[rule.endpoint].writes
    assert tried > 8
    with enter(app, DEMO_SLUG):
        nobody = person_named("nadia")
        assert not nobody.certified
        assert nobody.certified_how is None
        assert nobody.roles == frozenset()
