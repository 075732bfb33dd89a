"""« À faire ce matin »."""

import pytest
from flask import Flask

from tests.conftest import Browse
from town.kernel.features import DeskPage, Feature, register
from town.kernel.web import TownApp


def test_residents_and_visitors_do_not_enter_the_desk(browse: Browse) -> None:
    assert browse("odile").get("/desk/").status_code == 403
    assert browse().get("/desk/").location.startswith("/login")


def test_a_feature_that_is_off_leaves_nothing_to_do(app: TownApp, browse: Browse) -> None:
    jean = browse("jean")
    assert "/desk/complaints" in jean.get("/desk/").text
    app.extensions["towns"].registry.change("saint-loup-des-tilleuls", features_off=["complaints"])
    text = jean.get("/desk/")
    assert text.status_code == 200
    assert "/desk/complaints" not in text.text
    assert jean.get("/desk/complaints").status_code == 404


def test_each_of_the_staff_finds_the_desk_pages_they_may_open(browse: Browse) -> None:
    councillor, agent = browse("claire").get("/desk/").text, browse("jean").get("/desk/").text
    assert 'href="/town-hall/notices/new"' in councillor
    assert 'href="/town-hall/notices/new"' in agent
    assert 'href="/certification/desk"' not in councillor, "she does not certify"
    assert 'href="/certification/desk"' in agent, "offered before the password is asked again"


def test_the_desk_page_of_a_feature_that_is_off_is_not_linked(app: TownApp, browse: Browse) -> None:
    app.extensions["towns"].registry.change("saint-loup-des-tilleuls", features_off=["townhall"])
    assert "/town-hall/notices/new" not in browse("jean").get("/desk/").text


def test_a_desk_page_that_does_not_exist_stops_the_start(app: TownApp) -> None:
    sheds = Feature("sheds", __name__, title="Sheds", icon="key", desk=[DeskPage("board", "Requests", "key")])
    with pytest.raises(KeyError, match=r"sheds\.board"):
        register(Flask("town"), sheds)
