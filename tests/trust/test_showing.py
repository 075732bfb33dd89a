"""The page of one's own facts, for somebody who does not live here: signed, live, and over after thirty days."""

import re
from datetime import timedelta

import time_machine

from tests.cast import person_named
from tests.conftest import Browse
from town.blueprints.trust.showing import token_for
from town.demo import DEMO_SLUG
from town.kernel.db import db, now
from town.kernel.signals import person_left
from town.kernel.tenancy import enter
from town.kernel.web import TownApp


def address_of(browse: Browse, name: str) -> str:
    text = browse(name).get("/trust/mine").text
    found = re.search(r'href="http://[^"/]+(/trust/verify/[^"]+)"', text)
    assert found is not None
    return found[1]


def test_whoever_has_the_address_reads_the_facts_of_today(browse: Browse) -> None:
    """ID-19 A signed page to show elsewhere."""
    answer = browse().get(address_of(browse, "karim"))
    assert answer.status_code == 200
    assert "Karim B." in answer.text
    assert "Adresse vérifiée" in answer.text
    assert "3 prêts, 3 retours" in answer.text
    assert "Benali" not in answer.text
    assert "karim@" not in answer.text
    assert "Avenue de Bel-Air" not in answer.text
    assert "noindex" in answer.text
    assert "no-store" in answer.headers["Cache-Control"]


def test_it_is_over_after_thirty_days_or_when_its_owner_leaves(app: TownApp, browse: Browse) -> None:
    address = address_of(browse, "karim")
    with time_machine.travel(now() + timedelta(days=30)):
        assert browse().get(address).status_code == 200
    with time_machine.travel(now() + timedelta(days=31)):
        over = browse().get(address)
    assert over.status_code == 404
    assert "Cette adresse ne montre rien" in over.text
    with enter(app, DEMO_SLUG):
        karim = person_named("karim")
        karim.left_at = now()
        person_left.send(karim)
        db.session.commit()
    assert browse().get(address).status_code == 404


def test_nobody_makes_one_for_another_person(app: TownApp, browse: Browse) -> None:
    address = address_of(browse, "karim")
    token = address.rpartition("/")[2]
    for forged in (token[:-2], token[::-1], "x", token.swapcase(), "a.b.c", "é" * 40):
        assert browse().get(f"/trust/verify/{forged}").status_code == 404
    with enter(app, DEMO_SLUG):
        theo = person_named("theo").public_id
        assert token_for(theo) != token
    assert browse().get("/trust/mine").status_code == 303


def test_a_page_of_its_own_is_kept_and_says_how_to_check_it(browse: Browse) -> None:
    answer = browse("karim").get("/trust/mine/page")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="karim.html"'
    assert "3 prêts, 3 retours" in answer.text
    assert address_of(browse, "karim") in answer.text
    assert not re.search(r"<(?:script|link|img|style)\b", answer.text)


def test_who_is_not_certified_shows_just_that(browse: Browse) -> None:
    text = browse().get(address_of(browse, "nadia")).text
    assert "non vérifiée" in text
    assert "Voisin certifié" not in text
