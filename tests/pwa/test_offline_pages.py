"""PW-02: what a device keeps for days without network, as the town tells it."""

from sqlalchemy import select

from tests.cast import person_named
from tests.conftest import Browse
from town.blueprints.lending.models import Item, Loan
from town.blueprints.lending.queries import under_way
from town.commons.holds import DECIDED
from town.commons.moderation.things import hide
from town.kernel.db import db
from town.kernel.registry import Town


def told(browse: Browse, name: str | None = None) -> list[str]:
    answer = browse(name).get("/offline/pages", headers={"Accept": "application/json"})
    assert answer.headers["Cache-Control"] == "no-store"
    pages: list[str] = answer.get_json()["pages"]
    return pages


def test_a_visitor_keeps_the_notices_and_nothing_that_needs_a_name(browse: Browse, town: Town) -> None:
    pages = told(browse)
    assert "/town-hall/" in pages
    assert len([page for page in pages if page.startswith("/town-hall/notices/")]) >= 2
    assert not {"/complaints/new", "/lending/loans", "/messages/"} & set(pages)


def test_odile_keeps_her_bookings_her_messages_and_the_form_that_waits_for_a_network(
    browse: Browse, town: Town
) -> None:
    open_now: list[Loan] = list(db.session.scalars(under_way(person_named("odile").id)))
    addresses = {f"/lending/loans/{loan.public_id}" for loan in open_now}
    db.session.rollback()
    pages = told(browse, "odile")
    assert {"/complaints/new", "/lending/loans", "/messages/", *addresses} <= set(pages)
    browser = browse("odile")
    for page in pages:
        answer = browser.get(page)
        assert answer.status_code == 200, page
        assert answer.headers["X-Offline"] == "private", page


def test_no_device_keeps_more_than_its_shelf_holds(browse: Browse, town: Town) -> None:
    assert len(told(browse, "odile")) <= 50


def test_devices_are_told_what_has_been_hidden_by_ids_that_say_nothing(browse: Browse, town: Town) -> None:
    """AD-02."""
    found = "/offline/hidden"
    assert browse().get(found).get_json() == {"hidden": []}
    item = db.session.scalars(select(Item)).first()
    assert item is not None
    hide(item, DECIDED)
    db.session.commit()
    assert browse().get(found).get_json() == {"hidden": [item.public_id]}


def test_pages_fetched_for_later_do_not_swallow_what_is_to_be_said_now(browse: Browse) -> None:
    """The device fetches them two seconds after a visit begins, perhaps between a gesture and the page it leads to."""
    odile, said = browse("odile"), "Votre choix est gardé"
    assert odile.post("/messages/preferences", data={"official": "y"}).status_code == 303
    fetched = odile.get("/town-hall/", headers={"Sec-Fetch-Dest": "empty", "HX-Request-Type": "full"})
    assert said not in fetched.text
    assert said in odile.get("/messages/", headers={"Sec-Fetch-Dest": "document"}).text
    assert said not in odile.get("/messages/").text, "once"
