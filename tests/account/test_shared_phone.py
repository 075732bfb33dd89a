"""PW-08: a phone that a household shares. Each comes back with a few figures; a child who guesses gets five tries."""

import re
from threading import Thread

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.cast import PASSWORD, person_named
from tests.conftest import Browse
from town.commons.people import pins
from town.commons.people.models import Pin, RoleGrant
from town.commons.people.pins import guessable
from town.demo import DEMO_SLUG
from town.kernel.db import db
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

PIN = "7294"


def come_in(phone: FlaskClient, name: str) -> None:
    """With the password, by the form that everybody uses, and the token of the session that begins."""
    phone.environ_base.pop("HTTP_X_CSRF_TOKEN", None)
    phone.post("/login", data={"email": f"{name}@saint-loup.example", "password": PASSWORD})
    carry_the_token(phone)


def carry_the_token(phone: FlaskClient) -> None:
    said = phone.get("/session").json
    assert said is not None
    phone.environ_base["HTTP_X_CSRF_TOKEN"] = said["csrf"]


def leave(phone: FlaskClient) -> None:
    phone.post("/logout")
    phone.environ_base.pop("HTTP_X_CSRF_TOKEN", None)


def doors(phone: FlaskClient) -> dict[str, str]:
    """First names on the sign-in page, and where the PIN of each is sent."""
    page = phone.get("/login/who").text
    names = re.findall(r"</span> (\w+)</summary>", page) or re.findall(r"(\w+)</summary>", page)
    return dict(zip(names, re.findall(r'action="(/login/pin/[^"]+)"', page), strict=True))


@pytest.fixture
def phone(browse: Browse) -> FlaskClient:
    """The phone of Karim's house, where Karim and Odile have each chosen a PIN."""
    phone = browse()
    for name in ("karim", "odile"):
        come_in(phone, name)
        assert phone.post("/account/pin", data={"pin": PIN, "password": PASSWORD}).status_code == 303
        leave(phone)
    return phone


def test_each_comes_back_with_a_few_figures_and_the_other_leaves(phone: FlaskClient) -> None:
    assert phone.get("/login?next=/lending/").location == "/login/who?next=/lending/"
    here = doors(phone)
    assert set(here) == {"Karim", "Odile"}
    answer = phone.post(here["Karim"], data={"pin": PIN, "next": "/lending/"})
    assert (answer.status_code, answer.location) == (303, "/lending/")
    carry_the_token(phone)
    first = phone.get_cookie("s")
    assert "Au tour de quelqu’un d’autre" in phone.get("/account/").text
    assert phone.post(here["Odile"], data={"pin": PIN}).status_code == 303
    assert "Odile" in phone.get("/account/").text
    assert phone.get_cookie("s") != first
    phone.set_cookie("s", first.value if first else "", domain="localhost")
    assert phone.get("/account/").status_code == 303, "Karim's session ended when Odile's began"


def test_five_wrong_figures_and_the_password_is_asked_for(phone: FlaskClient, app: TownApp) -> None:
    door = doors(phone)["Karim"]
    for left in ("4 essais", "3 essais", "2 essais", "1 essai"):
        answer = phone.post(door, data={"pin": "1111"})
        assert answer.status_code == 422
        assert left in answer.text
    assert "Cinq codes faux" in phone.post(door, data={"pin": "1112"}).text
    assert phone.post(door, data={"pin": PIN}).status_code == 404, "the right one comes too late"
    assert set(doors(phone)) == {"Odile"}
    come_in(phone, "karim")
    assert "Karim" in phone.get("/account/").text
    with enter(app, DEMO_SLUG):
        assert person_named("karim").account is not None


def test_a_right_pin_gives_its_tries_back(phone: FlaskClient) -> None:
    door = doors(phone)["Karim"]
    for _ in range(2):
        for wrong in ("1111", "2222", "3333", "4444"):
            phone.post(door, data={"pin": wrong})
        assert phone.post(door, data={"pin": PIN}).status_code == 303
        carry_the_token(phone)
        leave(phone)


def test_twenty_tries_at_once_are_five(
    phone: FlaskClient, app: TownApp, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    door, device = doors(phone)["Karim"], phone.get_cookie("d")
    assert device is not None
    compared: list[str] = []
    monkeypatch.setattr(pins, "pin_is", lambda _kept, figures: bool(compared.append(figures)))
    children = [browse() for _ in range(20)]
    for child in children:
        child.set_cookie("d", device.value, domain="localhost")

    def try_one(n: int) -> None:
        children[n].post(door, data={"pin": f"{5000 + n}"})

    tries = [Thread(target=try_one, args=(n,)) for n in range(20)]
    for one in tries:
        one.start()
    for one in tries:
        one.join()
    assert 0 < len(compared) <= 5, "a try may find the town busy; it is never one more"
    with enter(app, DEMO_SLUG):
        account = person_named("karim").account
        assert account is not None
        assert db.session.scalar(select(Pin).where(Pin.account_id == account.id)) is None


def test_a_pin_opens_its_device_and_no_other(phone: FlaskClient, browse: Browse) -> None:
    door = doors(phone)["Karim"]
    assert doors(browse()) == {}
    assert browse().post(door, data={"pin": PIN}).status_code == 404


def test_what_asks_for_the_password_again_is_not_opened_by_a_pin(
    phone: FlaskClient, app: TownApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.extensions["towns"].settings, "staff_2fa", "on")
    phone.post(doors(phone)["Karim"], data={"pin": PIN})
    carry_the_token(phone)
    for address in ("/account/data", "/account/erase"):
        answer = phone.get(address)
        assert answer.status_code == 303, address
        assert answer.location.startswith("/account/confirm")
    leave(phone)
    come_in(phone, "karim")
    assert phone.get("/account/data").status_code == 200
    assert phone.post("/account/pin", data={"pin": "8361", "password": "not hers"}).status_code == 422


def test_staff_sign_in_with_their_password_alone(phone: FlaskClient, app: TownApp) -> None:
    come_in(phone, "jean")
    assert "avec son mot de passe" in phone.get("/account/pin").text
    assert phone.post("/account/pin", data={"pin": PIN, "password": PASSWORD}).status_code == 409
    leave(phone)
    door = doors(phone)["Karim"]
    with enter(app, DEMO_SLUG):
        db.session.add(RoleGrant(person_id=person_named("karim").id, role="agent"))
        db.session.commit()
    assert set(doors(phone)) == {"Odile"}, "a PIN chosen before is worth nothing after"
    assert phone.post(door, data={"pin": PIN}).status_code == 404


@pytest.mark.parametrize("how", ["the device is signed out", "everywhere else", "the pin is ended", "another password"])
def test_a_pin_ends_with_what_it_belongs_to(phone: FlaskClient, browse: Browse, how: str) -> None:
    phone.post(doors(phone)["Karim"], data={"pin": PIN})
    elsewhere = browse()
    come_in(elsewhere, "karim")
    devices = elsewhere.get("/account/sessions").text
    assert "Code secret sur" in devices
    if how == "the device is signed out":
        for address in re.findall(r'action="(/account/sessions/[^"/]{22}/end)"', devices):
            elsewhere.post(address)
    elif how == "everywhere else":
        elsewhere.post("/account/sessions/end")
    elif how == "the pin is ended":
        elsewhere.post(re.findall(r'action="(/account/pins/[^"]+)"', devices)[0])
    else:
        new = "une-girouette-toute-neuve-42"
        changed = elsewhere.post("/account/password", data={"password": PASSWORD, "new_password": new})
        assert changed.status_code == 303
    assert set(doors(phone)) == {"Odile"}


@pytest.mark.parametrize("figures", ["1111", "1234", "9876", "7890", "1212", "1984", "2015", "00000000"])
def test_what_a_child_tries_first_is_no_pin(figures: str) -> None:
    assert guessable(figures)


@pytest.mark.parametrize("figures", ["7294", "1985203", "4417", "90210"])
def test_other_figures_are(figures: str) -> None:
    assert not guessable(figures)


def test_nobody_ends_another_ones_pin(phone: FlaskClient, browse: Browse, app: TownApp) -> None:
    with enter(app, DEMO_SLUG):
        account = person_named("karim").account
        assert account is not None
        pin = db.session.scalar(select(Pin).where(Pin.account_id == account.id))
        assert pin is not None
        address = f"/account/pins/{pin.public_id}/end"
        assert PIN not in pin.figures
    assert browse("odile").post(address).status_code == 404
    assert "Karim" in doors(phone)
