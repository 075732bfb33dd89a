"""The second factor: staff rights sleep until the phone's code, each code works once, and what matters asks again."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from passlib.totp import TOTP

from tests.cast import PASSWORD, person_named
from tests.conftest import Browse
from town.commons.people.access import role
from town.commons.people.second_factor import SecondFactors, forget_second_factor
from town.commons.people.visit import visitor
from town.demo import DEMO_SLUG
from town.kernel.db import db, now
from town.kernel.features import Route
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

JEAN = {"email": "jean@saint-loup.example", "password": PASSWORD}


def csrf(page: str) -> str:
    found = re.search(r'name="_csrf" value="(\w+)"', page)
    assert found
    return found[1]


def send(browser: FlaskClient, path: str, page: str, **data: str) -> tuple[int, str]:
    answer = browser.post(path, data={"_csrf": csrf(browser.get(page).text), **data})
    return answer.status_code, answer.headers.get("Location", answer.text)


def key_of(browser: FlaskClient) -> str:
    found = re.search(r"<code[^>]*>([A-Z2-7 -]+)</code>", browser.get("/account/second-factor").text)
    assert found
    return re.sub("[^A-Z2-7]", "", found[1])


def code_for(key: str) -> str:
    return str(TOTP(key=key).generate(time=now()).token)


def set_up(browser: FlaskClient) -> str:
    """Sign Jean in and put the factor on his phone."""
    browser.post("/login", data=JEAN)
    assert send(browser, "/account/second-factor/new", "/account/second-factor")[0] == 303
    key = key_of(browser)
    assert send(browser, "/account/second-factor", "/account/second-factor", code=code_for(key))[0] == 303
    return key


@pytest.fixture
def staff_page(strict_app: TownApp) -> str:
    """A page of the town hall's desk that only agents open."""
    return _page_for(strict_app, "staff", role("agent"))


@pytest.fixture
def guarded_page(strict_app: TownApp) -> str:
    """A page that asks for the password again."""
    return _page_for(strict_app, "guarded", role("agent", step_up=True))


def _page_for(app: TownApp, name: str, access: object) -> str:
    app._got_first_request = False
    app.add_url_rule(f"/{name}-test", name, lambda: "open", methods=["GET", "POST"])
    app.extensions["routes"][name] = Route(access, writes=True)  # type: ignore[arg-type]  # an Access
    return f"/{name}-test"


def test_staff_signing_in_are_sent_to_set_up_their_second_factor(browse_strictly: Browse) -> None:
    jean = browse_strictly()
    answer = jean.post("/login", data={**JEAN, "next": "/account/profile"})
    assert answer.headers["Location"] == "/account/second-factor?next=/account/profile"
    assert "/account/second-factor/new" in jean.get("/account/second-factor").text


def test_a_neighbour_signing_in_is_not(browse_strictly: Browse) -> None:
    karim = browse_strictly()
    answer = karim.post("/login", data={"email": "karim@saint-loup.example", "password": PASSWORD})
    assert answer.headers["Location"] == "/"
    assert karim.get("/account/second-factor").status_code == 404


def test_without_the_second_factor_staff_are_neighbours_like_others(
    strict_app: TownApp, browse_strictly: Browse, staff_page: str
) -> None:
    jean = browse_strictly()
    jean.post("/login", data=JEAN)
    answer = jean.get(staff_page)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/account/second-factor?next=")
    cookie = jean.get_cookie("s")
    assert cookie is not None
    with strict_app.test_request_context("/account/", headers={"Cookie": f"s={cookie.value}"}):
        strict_app.preprocess_request()
        assert visitor().roles == frozenset()
        assert "agent" in visitor().waiting_roles
        assert not visitor().has_role("agent")


def test_the_phones_code_opens_the_desk_and_changes_the_token(browse_strictly: Browse, staff_page: str) -> None:
    jean = browse_strictly()
    jean.post("/login", data=JEAN)
    before = jean.get_cookie("s")
    assert send(jean, "/account/second-factor/new", "/account/second-factor")[0] == 303
    assert jean.get("/account/second-factor.svg").mimetype == "image/svg+xml"
    key = key_of(jean)
    status, place = send(
        jean, "/account/second-factor", "/account/second-factor", code=code_for(key), next="/account/profile"
    )
    assert (status, place) == (303, "/account/profile")
    after = jean.get_cookie("s")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert jean.get(staff_page).text == "open"


def test_a_wrong_code_opens_nothing(browse_strictly: Browse, staff_page: str) -> None:
    jean = browse_strictly()
    jean.post("/login", data=JEAN)
    send(jean, "/account/second-factor/new", "/account/second-factor")
    wrong = f"{(int(code_for(key_of(jean))) + 1) % 1_000_000:06}"
    assert send(jean, "/account/second-factor", "/account/second-factor", code=wrong)[0] == 422
    assert jean.get(staff_page).status_code == 303


def test_a_code_works_once_even_in_the_same_half_minute(browse_strictly: Browse) -> None:
    with time_machine.travel(now(), tick=False):
        key = set_up(browse_strictly())
        again = browse_strictly()
        again.post("/login", data=JEAN)
        status, _ = send(again, "/account/second-factor", "/account/second-factor", code=code_for(key))
        assert status == 409
    with time_machine.travel(now() + timedelta(seconds=60)):
        status, _ = send(again, "/account/second-factor", "/account/second-factor", code=code_for(key))
        assert status == 303


def test_whoever_only_has_the_password_cannot_put_another_phone_in_place(browse_strictly: Browse) -> None:
    set_up(browse_strictly())
    thief = browse_strictly()
    thief.post("/login", data=JEAN)
    page = thief.get("/account/second-factor").text
    assert "/account/second-factor/new" not in page
    answer = thief.post("/account/second-factor/new", data={"_csrf": csrf(page)})
    assert answer.status_code == 403


def test_setting_up_asks_for_the_password_again_when_the_cookie_is_old(browse_strictly: Browse) -> None:
    jean = browse_strictly()
    jean.post("/login", data=JEAN)
    with time_machine.travel(now() + timedelta(minutes=6)):
        status, page = send(jean, "/account/second-factor/new", "/account/second-factor")
        assert status == 403
        assert "/account/confirm" in page


def test_the_sixth_guess_of_a_second_factor_is_not_looked_at(browse_strictly: Browse) -> None:
    key = set_up(browse_strictly())
    thief = browse_strictly()
    thief.post("/login", data=JEAN)
    with time_machine.travel(now() + timedelta(minutes=1), tick=False):
        wrong = f"{(int(code_for(key)) + 1) % 1_000_000:06}"
        for _ in range(5):
            assert send(thief, "/account/second-factor", "/account/second-factor", code=wrong)[0] == 422
        assert send(thief, "/account/second-factor", "/account/second-factor", code=code_for(key))[0] == 429


def test_a_lost_phone_is_taken_away_by_somebody_else_and_sessions_end(
    browse_strictly: Browse, strict_app: TownApp
) -> None:
    jean = browse_strictly()
    set_up(jean)
    with enter(strict_app, DEMO_SLUG):
        account = person_named("jean").account
        assert account is not None
        forget_second_factor(account, by=person_named("helene"))
        db.session.commit()
    assert jean.get("/account/").status_code == 303
    jean.post("/login", data=JEAN)
    assert "/account/second-factor/new" in jean.get("/account/second-factor").text


def test_what_matters_asks_for_the_password_after_five_idle_minutes(browse_strictly: Browse, guarded_page: str) -> None:
    jean = browse_strictly()
    set_up(jean)
    start = now()
    for minutes in (4, 8, 12):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            assert jean.get(guarded_page).text == "open"
    with time_machine.travel(start + timedelta(minutes=18)):
        asked = jean.get(guarded_page)
        assert asked.headers["Location"] == f"/account/confirm?next={guarded_page}"
        token = csrf(jean.get("/account/").text)
        written = jean.post(guarded_page, data={"answer": "Je valide ce voisin", "_csrf": token})
        assert written.status_code == 403
        assert "Je valide ce voisin" in written.text
        assert send(jean, "/account/confirm", "/account/confirm", password="not his")[0] == 422
        assert jean.get(guarded_page).status_code == 303
        status, place = send(jean, "/account/confirm", "/account/confirm", password=PASSWORD, next=guarded_page)
        assert (status, place) == (303, guarded_page)
        assert jean.get(guarded_page).text == "open"


def test_a_neighbour_gets_no_step_up_page_but_a_refusal(browse_strictly: Browse, guarded_page: str) -> None:
    karim = browse_strictly()
    karim.post("/login", data={"email": "karim@saint-loup.example", "password": PASSWORD})
    assert karim.get(guarded_page).status_code == 403


def test_the_secret_in_the_file_is_encrypted_and_outlives_the_key(browse_strictly: Browse, strict_app: TownApp) -> None:
    key = set_up(browse_strictly())
    with enter(strict_app, DEMO_SLUG):
        account = person_named("jean").account
        assert account is not None
        kept = account.tf_totp_secret
    assert kept is not None
    assert key not in kept
    former = strict_app.config["SECRET_KEY"]
    rotated = SecondFactors(["another key of at least thirty-two characters", former])
    with strict_app.app_context():
        assert rotated.step(kept, code_for(key)) is not None


def test_staff_hear_of_a_sign_in_from_another_device(browse: Browse, last_mail: Callable[[str], str]) -> None:
    here, there = browse(), browse()
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    here.post("/login", data=JEAN, headers={"User-Agent": firefox})
    phone = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Mobile Safari/537.36"
    there.post("/login", data=JEAN, headers={"User-Agent": phone})
    assert "Chrome, Android" in last_mail("jean@saint-loup.example")


def test_a_code_by_e_mail_does_not_replace_the_phone(
    browse_strictly: Browse, strict_app: TownApp, figures: Callable[[str], str], staff_page: str
) -> None:
    jean = browse_strictly()
    page = jean.post("/login/code", data={"email": JEAN["email"]}).headers["Location"]
    answer = jean.post(page, data={"code": figures(JEAN["email"])})
    assert answer.headers["Location"].startswith("/account/second-factor")
    assert jean.get(staff_page).status_code == 303
