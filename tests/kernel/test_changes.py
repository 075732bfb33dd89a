"""A page that nobody changed is not made again; whatever changes it, and whoever else asks, gets a page made anew."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import delete, insert, literal, select, text, update
from werkzeug.test import TestResponse

from tests.cast import person_named
from tests.client import browser_of
from tests.conftest import Browse
from town.blueprints.lending.models import Item
from town.commons.board import Card, publish
from town.commons.moderation.things import hide
from town.commons.people.models import Person, RoleGrant, SessionRow
from town.commons.places.models import Quarter
from town.demo import DEMO_SLUG
from town.kernel.changes import ChangeCount
from town.kernel.db import db, new_public_id, now
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

LADDER = "Échelle télescopique"
MORNING = now().replace(hour=9, minute=30, second=10) + timedelta(days=1)
"""Not at the end of a minute: pages are made again in the next."""


@pytest.fixture(autouse=True)
def clock(request: pytest.FixtureRequest) -> Any:
    with time_machine.travel(MORNING, tick=False) as moved:
        yield moved


def look(browser: FlaskClient, path: str = "/", **headers: str) -> TestResponse:
    answer = browser.get(path, headers=headers)
    assert answer.status_code == 200
    return answer


def look_again(browser: FlaskClient, before: TestResponse, path: str = "/", **headers: str) -> TestResponse:
    """The same address, by a browser that kept the page it got."""
    return browser.get(path, headers={"If-None-Match": before.headers["ETag"], **headers})


def change(app: TownApp, verb: Callable[[], object]) -> None:
    with enter(app, DEMO_SLUG):
        verb()
        db.session.commit()


def count(app: TownApp, slug: str) -> int:
    with enter(app, slug):
        return db.session.scalars(select(ChangeCount.number)).one()


def ladder() -> Item:
    return db.session.scalars(select(Item).where(Item.title.startswith("Échelle"))).one()


@pytest.fixture
def _put_up(app: TownApp) -> None:
    """Karim’s ladder is the newest thing of home."""

    def put_up() -> None:
        ladder().created_at = now()
        publish(ladder())

    change(app, put_up)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Of which home a page was made, each time one was."""
    from town.blueprints.home import views

    asked: list[str] = []
    gather = views.home_sections

    def note(viewer: Any, *rest: Any) -> Any:
        asked.append(viewer.first_name)
        return gather(viewer, *rest)

    monkeypatch.setattr(views, "home_sections", note)
    return asked


@pytest.mark.parametrize("name", ["karim", None])
def test_a_page_that_nobody_changed_is_known_before_it_is_made(
    browse: Browse, made: list[str], name: str | None
) -> None:
    browser = browse(name)
    first = look(browser)
    again = look_again(browser, first)
    assert (again.status_code, again.data, len(made)) == (304, b"", 1)
    assert again.headers["ETag"] == first.headers["ETag"]
    for header in ("Cache-Control", "X-Offline", "Vary"):
        assert again.headers[header] == first.headers[header]


WRITES: dict[str, Callable[[], object]] = {
    "a record": lambda: db.session.add(Quarter(name="Bel-Air")),
    "many rows at once": lambda: db.session.execute(insert(Quarter), [{"name": "X", "public_id": new_public_id()}]),
    "an update without records": lambda: db.session.execute(update(Quarter).values(name=Quarter.name + "!")),
    "a statement of one's own": lambda: db.session.execute(text("UPDATE quarter SET name = 'Z'")),
}


@pytest.mark.parametrize("how", WRITES)
def test_whatever_writes_is_counted_in_its_own_town_alone(trial: TownApp, how: str) -> None:
    with enter(trial, "a"):
        db.session.add(Quarter(name="Bourg"))
        db.session.commit()
    before = count(trial, "a")
    with enter(trial, "a"):
        WRITES[how]()
        db.session.commit()
    assert count(trial, "a") == before + 1
    assert count(trial, "b") == 0


def test_what_changed_nothing_or_was_taken_back_is_not_counted(trial: TownApp) -> None:
    with enter(trial, "a"):
        db.session.scalars(select(Quarter)).all()
        db.session.commit()
        db.session.add(Quarter(name="Bourg"))
        db.session.flush()
        db.session.rollback()
    assert count(trial, "a") == 0


@pytest.mark.usefixtures("_put_up")
def test_what_is_hidden_is_gone_at_once_from_a_page_that_was_kept(app: TownApp, browse: Browse) -> None:
    odile, karim = browse("odile"), browse("karim")
    pages = [(browser, look(browser, "/lending/")) for browser in (odile, karim)]
    homes = [(browser, look(browser)) for browser in (odile, karim)]
    assert all(LADDER in page.text for _, page in pages + homes)
    change(app, lambda: hide(ladder(), "decided"))
    assert all(LADDER not in look_again(browser, page, "/lending/").text for browser, page in pages)
    assert LADDER not in look_again(odile, homes[0][1]).text


@pytest.mark.usefixtures("_put_up")
def test_a_badge_that_falls_falls_from_pages_that_were_kept(app: TownApp, browse: Browse) -> None:
    theo = browse("theo")
    first = look(theo)
    change(app, lambda: setattr(person_named("theo"), "certified_until", now() - timedelta(seconds=1)))
    again = look_again(theo, first)
    assert again.status_code == 200
    assert LADDER in first.text
    assert LADDER not in again.text


def test_a_role_given_or_taken_changes_the_next_page(app: TownApp, browse: Browse) -> None:
    odile, of_odile = browse("odile"), Person.first_name == "Odile"
    first = look(odile)
    grant = insert(RoleGrant).from_select(["person_id", "role"], select(Person.id, literal("agent")).where(of_odile))
    change(app, lambda: db.session.execute(grant))
    second = look_again(odile, first)
    assert second.status_code == 200
    assert 'href="/desk/"' in second.text
    assert 'href="/desk/"' not in first.text
    taken = delete(RoleGrant).where(RoleGrant.person_id.in_(select(Person.id).where(of_odile)))
    change(app, lambda: db.session.execute(taken))
    assert 'href="/desk/"' not in look_again(odile, second).text


def test_nobody_is_answered_with_the_page_of_somebody_else(browse: Browse, made: list[str]) -> None:
    karims = look(browse("karim"))
    for name, word in (("odile", "Bonjour Odile"), (None, "Bienvenue")):
        assert word in look_again(browse(name), karims).text
    assert made == ["Karim", "Odile", ""]


def test_another_device_of_the_same_person_gets_its_own_page(browse: Browse) -> None:
    """Their pages carry another token."""
    assert look_again(browse("karim"), look(browse("karim"))).status_code == 200


def test_after_signing_out_a_kept_page_is_not_confirmed(app: TownApp, browse: Browse) -> None:
    karim = browse("karim")
    first = look(karim)
    karim.post("/logout")
    assert "Bonjour Karim" not in look_again(karim, first).text
    lost = browse("karim")
    second = look(lost)
    change(app, lambda: db.session.execute(SessionRow.__table__.delete()))
    assert "Bonjour Karim" not in look_again(lost, second).text


def test_another_language_is_another_page(browse: Browse) -> None:
    visitor = browse()
    first = look(visitor)
    assert visitor.post("/language/en").status_code == 303
    again = look_again(visitor, first)
    assert again.status_code == 200
    assert '<html lang="en">' in again.text


def test_the_same_address_in_another_town_is_another_page(trial: TownApp) -> None:
    first = look(browser_of(trial, "a.localhost"), "/help")
    again = look_again(browser_of(trial, "b.localhost"), first, "/help")
    assert again.status_code == 200
    assert "<title>Aide · A</title>" in first.text
    assert "<title>Aide · B</title>" in again.text


@pytest.mark.usefixtures("_put_up")
def test_a_feature_switched_off_leaves_pages_that_were_kept(app: TownApp, browse: Browse) -> None:
    odile = browse("odile")
    first = look(odile)
    app.extensions["towns"].registry.change(DEMO_SLUG, features_off=["lending"])
    assert LADDER not in look_again(odile, first).text


@pytest.mark.usefixtures("_put_up")
def test_what_is_over_leaves_within_the_minute(app: TownApp, browse: Browse, clock: Any) -> None:
    soon = update(Card).where(Card.title.startswith("Échelle")).values(expires_at=now() + timedelta(seconds=5))
    change(app, lambda: db.session.execute(soon))
    odile = browse("odile")
    first = look(odile)
    assert LADDER in first.text
    assert look_again(odile, first).status_code == 304
    clock.move_to(MORNING + timedelta(seconds=60))
    over = look_again(odile, first)
    assert over.status_code == 200
    assert LADDER not in over.text
    change(app, lambda: publish(ladder()))


def test_a_page_that_is_made_again_and_is_the_same_is_not_sent_again(browse: Browse, made: list[str]) -> None:
    visitor = browse()
    first = look(visitor, "/help")
    with time_machine.travel(MORNING + timedelta(minutes=5), tick=False):
        assert look_again(visitor, first, "/help").status_code == 304


def test_a_form_is_made_anew_each_time_for_its_key_is_used_once(browse: Browse) -> None:
    karim = browse("karim")
    first = look(karim, "/complaints/new")
    assert look_again(karim, first, "/complaints/new").status_code == 200


def test_a_sentence_said_once_is_not_said_again(browse: Browse) -> None:
    karim = browse("karim")
    data = {"category": "roads", "nowhere": "y", "words": "Un nid-de-poule.", "readers": "all"}
    place = karim.post("/complaints/new", data=data).location
    said = look(karim, place)
    assert "Merci" in said.text
    assert "Merci. Votre" not in look_again(karim, said, place).text


def test_htmx_is_not_answered_with_what_a_page_was(browse: Browse) -> None:
    karim = browse("karim")
    first = look(karim)
    part = look_again(karim, first, **{"HX-Request": "true", "HX-Target": "section#feed"})
    assert part.text.lstrip().startswith('<section id="feed"')


@pytest.mark.usefixtures("_put_up")
def test_a_card_kept_for_one_reader_is_not_shown_to_another(app: TownApp, browse: Browse) -> None:
    """Its owner cannot report it, and only the certified are led to the page of who lends."""
    flag = re.compile(rf"Signaler un abus\W+{LADDER}")
    assert flag.search(look(browse("odile")).text)
    assert not flag.search(look(browse("karim")).text)
    assert flag.search(look(browse("theo")).text)
    nadia, visitor = look(browse("nadia")), look(browse())
    assert LADDER not in nadia.text + visitor.text
    assert look(browse("theo")).text.count('href="/neighbours/') > nadia.text.count('href="/neighbours/')
