"""Signing in and out: with a password, with a code by e-mail, and never anywhere else than here."""

import re
from collections.abc import Callable

import flask_login
import pytest
from sqlalchemy import event, select

from tests.cast import PASSWORD, person_named
from tests.conftest import Browse
from town.commons.people.access import CERTIFIED
from town.commons.people.models import SessionRow
from town.demo import DEMO_SLUG
from town.kernel.db import db, now
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

KARIM = {"email": "karim@saint-loup.example", "password": PASSWORD}
Code = Callable[[str], str]


def test_karim_signs_in_and_is_home(browse: Browse) -> None:
    karim = browse()
    answer = karim.post("/login", data=KARIM)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"
    assert "Karim Benali" in karim.get("/account/").text


def test_flask_login_knows_the_same_person(app: TownApp, browse: Browse) -> None:
    karim = browse()
    karim.post("/login", data=KARIM)
    cookie = karim.get_cookie("s")
    assert cookie is not None
    with app.test_request_context("/account/", headers={"Cookie": f"s={cookie.value}"}):
        app.preprocess_request()
        assert flask_login.current_user.email == "karim@saint-loup.example"


def test_a_page_does_not_load_the_account_beside_the_visitor(app: TownApp, browse: Browse) -> None:
    karim = browse()
    karim.post("/login", data=KARIM)
    asked: list[str] = []
    with enter(app, DEMO_SLUG):
        engine = db.session.get_bind()
    listener = lambda *args: asked.append(args[2])  # noqa: E731  # removed below by the same name
    event.listen(engine, "before_cursor_execute", listener)
    try:
        karim.get("/charter")
    finally:
        event.remove(engine, "before_cursor_execute", listener)
    asked = [statement for statement in asked if "FROM" in statement]
    assert sum("FROM session" in statement for statement in asked) == 1
    assert not [statement for statement in asked if "FROM account" in statement]


def test_an_unknown_e_mail_and_a_wrong_password_get_the_same_answer(browse: Browse) -> None:
    wrong = browse().post("/login", data={"email": "karim@saint-loup.example", "password": "pas celui de Karim"})
    unknown = browse().post("/login", data={"email": "karin@saint-loup.example", "password": "pas celui de Karim"})
    assert wrong.status_code == unknown.status_code == 422
    assert _without_keys(wrong.text).replace("karim@", "karin@") == _without_keys(unknown.text)
    assert "karin@saint-loup.example" in unknown.text  # what was typed is not lost
    assert "pas celui" not in unknown.text


def _without_keys(page: str) -> str:
    return re.sub(r'name="_key" value="[^"]+"', "", page)


@pytest.mark.parametrize("password", ["", "x" * 2000, "\x00" * 12, "🐎" * 300])
def test_an_odd_password_is_refused_politely(browse: Browse, password: str) -> None:
    answer = browse().post("/login", data={"email": "karim@saint-loup.example", "password": password})
    assert answer.status_code == 422


def test_a_megabyte_of_password_is_too_large(browse: Browse) -> None:
    assert browse().post("/login", data={"email": "a@b.fr", "password": "x" * 1_000_000}).status_code == 413


@pytest.mark.parametrize(
    "wish",
    ["//evil.example", "/\\evil.example", "https:evil.example", "https://evil.example/", "%2f%2fevil.example",
     "javascript:alert(1)", "/\t/evil.example", "\n//evil.example", "evil.example"],
)  # fmt: skip
def test_signing_in_never_leads_to_another_site(browse: Browse, wish: str) -> None:
    answer = browse().post("/login", data={**KARIM, "next": wish})
    assert answer.headers["Location"] == "/"
    shown = browse().get("/login", query_string={"next": wish}).text
    assert "evil" not in shown
    assert "javascript:alert" not in shown


def test_signing_in_leads_on_to_where_one_was_going(browse: Browse) -> None:
    karim = browse()
    sent = karim.get("/account/sessions?x=1")
    assert sent.headers["Location"] == "/login?next=/account/sessions?x%3D1"
    assert 'value="/account/sessions?x=1"' in karim.get(sent.headers["Location"]).text
    answer = karim.post("/login", data={**KARIM, "next": "/account/sessions?x=1"})
    assert answer.headers["Location"] == "/account/sessions?x=1"


def test_who_wrote_before_signing_in_keeps_what_was_written(browse: Browse) -> None:
    answer = browse().post("/account/profile", data={"bio": "Je répare les vélos", "password": "secret-words"})
    assert answer.status_code == 403
    assert "Je répare les vélos" in answer.text
    assert "secret-words" not in answer.text
    assert "/login" in answer.text


def test_somebody_elses_site_cannot_sign_anybody_in(browse: Browse) -> None:
    karim = browse()
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert karim.post("/login", data=KARIM, headers=headers).status_code == 403


def test_a_visitor_reading_pages_gets_no_cookie(browse: Browse) -> None:
    visitor = browse()
    for path in ("/", "/join", "/join?q=12+rue", "/login", "/login/code", "/login/forgotten", "/charter"):
        assert "Set-Cookie" not in visitor.get(path).headers


def test_a_cookie_that_was_there_before_is_not_the_one_after(app: TownApp, browse: Browse) -> None:
    karim = browse()
    karim.set_cookie("s", "chosen-by-an-attacker", domain="localhost")
    karim.post("/login", data=KARIM)
    mine = karim.get_cookie("s")
    assert mine is not None
    assert mine.value != "chosen-by-an-attacker"
    attacker = browse()
    attacker.set_cookie("s", "chosen-by-an-attacker", domain="localhost")
    assert attacker.get("/account/").status_code == 303


def test_signing_in_again_makes_a_new_token(browse: Browse) -> None:
    karim = browse()
    karim.post("/login", data=KARIM)
    first = karim.get_cookie("s")
    karim.environ_base["HTTP_X_CSRF_TOKEN"] = _csrf_of(karim.get("/account/").text)
    karim.post("/login", data=KARIM)
    second = karim.get_cookie("s")
    assert first is not None
    assert second is not None
    assert first.value != second.value
    old = browse()
    old.set_cookie("s", first.value, domain="localhost")
    assert old.get("/account/").status_code == 303


def _csrf_of(page: str) -> str:
    found = re.search(r'name="_csrf" value="(\w+)"', page)
    assert found
    return found[1]


def test_signing_out_asks_first_and_then_the_token_is_dead(app: TownApp, browse: Browse) -> None:
    karim = browse()
    karim.post("/login", data=KARIM)
    token = karim.get_cookie("s")
    assert token is not None
    asked = karim.get("/logout")
    assert asked.status_code == 200
    assert karim.get("/account/").status_code == 200
    left = karim.post("/logout", data={"_csrf": _csrf_of(asked.text)})
    assert left.status_code == 303
    assert left.headers["Location"] == "/"
    assert left.headers["Clear-Site-Data"] == '"cache"'
    assert karim.get_cookie("s") is None
    thief = browse()
    thief.set_cookie("s", token.value, domain="localhost")
    assert thief.get("/account/").status_code == 303
    with enter(app, DEMO_SLUG):
        account = person_named("karim").account
        assert account is not None
        assert not db.session.scalars(select(SessionRow).where(SessionRow.account_id == account.id)).all()


def test_signing_out_without_the_token_of_the_page_is_refused(browse: Browse) -> None:
    karim = browse()
    karim.post("/login", data=KARIM)
    assert karim.post("/logout").status_code == 403


def test_a_code_by_e_mail_signs_in_once(browse: Browse, figures: Code) -> None:
    yvonne = browse()
    page = yvonne.post("/login/code", data={"email": "yvonne@saint-loup.example", "next": "/account/profile"})
    code = figures("yvonne@saint-loup.example")
    assert yvonne.get(page.headers["Location"]).status_code == 200
    answer = yvonne.post(page.headers["Location"], data={"code": code.replace(" ", "  - ")})
    assert answer.headers["Location"] == "/account/profile"
    assert "Yvonne Le Goff" in yvonne.get("/account/").text
    assert browse().post(page.headers["Location"], data={"code": code}).status_code == 422


def test_asking_for_a_code_tells_nobody_who_has_an_account(browse: Browse) -> None:
    known = browse().post("/login/code", data={"email": "yvonne@saint-loup.example"})
    unknown = browse().post("/login/code", data={"email": "yvette@saint-loup.example"})
    assert known.status_code == unknown.status_code == 303
    strip = re.compile(r"[\w-]{22}|yv\w+@saint-loup.example")
    pages = [strip.sub("", browse().get(answer.headers["Location"]).text) for answer in (known, unknown)]
    assert pages[0] == pages[1]
    tries = [browse().post(answer.headers["Location"], data={"code": "000000"}) for answer in (known, unknown)]
    assert tries[0].status_code == tries[1].status_code == 422


def test_a_forgotten_password_is_replaced_by_a_code_and_every_other_device_is_out(
    browse: Browse, figures: Code, last_mail: Code
) -> None:
    elsewhere = browse("yvonne")
    yvonne = browse()
    page = yvonne.post("/login/forgotten", data={"email": "yvonne@saint-loup.example"}).headers["Location"]
    code = figures("yvonne@saint-loup.example")
    weak = yvonne.post(page, data={"code": code, "password": "yvonnelegoff"})
    assert weak.status_code == 422
    chosen = yvonne.post(page, data={"code": code, "password": "les volets bleus du four"})
    assert chosen.status_code == 303
    assert yvonne.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 303
    assert "/login/forgotten" in last_mail("yvonne@saint-loup.example")
    again = browse()
    assert again.post("/login", data={"email": "yvonne@saint-loup.example", "password": PASSWORD}).status_code == 422
    with_new = {"email": "yvonne@saint-loup.example", "password": "les volets bleus du four"}
    assert again.post("/login", data=with_new).status_code == 303


def test_a_code_asked_at_an_evil_host_is_refused_and_none_sent(
    app: TownApp, browse: Browse, work: Callable[[], int], outbox: Callable[[], list[object]]
) -> None:
    work()
    before = len(outbox())
    evil = browse(host="evil.example")
    assert evil.post("/login/code", data={"email": "yvonne@saint-loup.example"}).status_code == 421
    work()
    assert len(outbox()) == before


def test_somebody_who_left_town_cannot_sign_in(app: TownApp, browse: Browse) -> None:
    signed_in = browse("karim")
    with enter(app, DEMO_SLUG):
        person_named("karim").left_at = now()
        db.session.commit()
    assert signed_in.get("/account/").status_code == 303
    assert browse().post("/login", data=KARIM).status_code == 422


def test_where_nobody_is_proved_yet_a_certified_page_says_why(app: TownApp, browse: Browse) -> None:
    nadia = browse("nadia")
    door = next(
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint in app.extensions["routes"]
        and app.extensions["routes"][rule.endpoint].access is CERTIFIED
        and not rule.arguments
        and rule.methods is not None
        and "GET" in rule.methods
    )
    answer = nadia.get(door)
    assert answer.status_code == 403
    assert browse("karim").get(door).status_code in {200, 302}
    assert "prouv" in answer.text or "proved" in answer.text
