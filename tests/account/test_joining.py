"""Joining: address first, a code by e-mail, and a resident at the end of it, never before."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from tests.account.conftest import WORDS, a_door, code_in, form_of_camille
from tests.conftest import Browse
from town.commons.people.models import Account, OneUseCode, Person
from town.demo import DEMO_SLUG
from town.kernel.db import db, now
from town.kernel.jobs import run_nightly
from town.kernel.registry import Town
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

Code = Callable[[str], str]


def somebody_with(app: TownApp, email: str) -> Person | None:
    with enter(app, DEMO_SLUG):
        found = db.session.scalar(select(Person).join(Account).where(Account.email == email))
        if found is not None:
            db.session.refresh(found, ["address"])
        return found


def test_somebody_new_joins_with_address_name_and_code_and_is_signed_in(
    app: TownApp, browse: Browse, figures: Code
) -> None:
    camille = browse()
    door = a_door(camille)
    you = camille.get("/join/you", query_string={"address": door})
    assert "12 Rue des Tanneries" in you.text
    sent = camille.post("/join/you", data=form_of_camille(door))
    assert sent.status_code == 303
    assert somebody_with(app, "camille@exemple.fr") is None
    check = sent.headers["Location"]
    assert "camille@exemple.fr" in camille.get(check).text
    confirmed = camille.post(check, data={"code": figures("camille@exemple.fr")})
    assert confirmed.status_code == 303
    assert "Camille Durand" in camille.get("/account/").text
    person = somebody_with(app, "camille@exemple.fr")
    assert person is not None
    assert not person.certified
    assert person.address is not None
    assert person.address.number == 12


def test_an_address_is_found_by_number_and_beginnings_of_words(browse: Browse) -> None:
    page = browse().get("/join", query_string={"q": "12 TANN"})
    assert "12 Rue des Tanneries" in page.text
    assert "12 Rue des Tanneries" in browse().get("/join", query_string={"q": "12, r. des tannerïes"}).text


def test_a_street_alone_leads_to_its_doors(browse: Browse) -> None:
    page = browse().get("/join", query_string={"q": "rue"}).text
    streets = re.findall(r'href="(/join/addresses\?[^"]*street=[\w-]{22})#matches"', page)
    assert streets
    doors = browse().get(streets[0].replace("&amp;", "&")).text
    assert "/join/you?address=" in doors


def test_signs_of_a_search_mean_themselves(browse: Browse) -> None:
    for typed in ("%", "_", "12 %", "'; DROP TABLE address; --", "\\", "\x00", "é" * 500):
        page = browse().get("/join", query_string={"q": typed})
        assert page.status_code == 200
        assert "/join/you?address=" not in page.text or typed.startswith("12")


def test_htmx_gets_the_matches_alone(browse: Browse) -> None:
    headers = {"HX-Request": "true", "HX-Target": "div#matches"}
    part = browse().get("/join/addresses", query_string={"q": "12 tann"}, headers=headers)
    assert part.text.lstrip().startswith('<div id="matches"')
    assert "<html" not in part.text


def test_no_address_page_names_a_resident(browse: Browse) -> None:
    page = browse().get("/join", query_string={"q": "12 rue des tanneries"}).text
    assert "Odile" not in page
    assert "Marchetti" not in page


def test_an_address_out_of_the_list_waits_for_the_town_hall(app: TownApp, browse: Browse, figures: Code) -> None:
    camille = browse()
    data = form_of_camille("", words="  Péniche L’Espérance,\n quai du Canal ")
    check = camille.post("/join/you", data=data).headers["Location"]
    camille.post(check, data={"code": figures("camille@exemple.fr")})
    person = somebody_with(app, "camille@exemple.fr")
    assert person is not None
    assert person.address is None
    assert person.address_words == "Péniche L’Espérance, quai du Canal"


def test_without_any_address_nobody_goes_on(browse: Browse) -> None:
    assert browse().get("/join/you").status_code == 422
    assert browse().post("/join/you", data=form_of_camille("")).status_code == 422
    assert browse().get("/join/you", query_string={"address": "x" * 22}).status_code == 422


@pytest.mark.parametrize(
    "wrong",
    [
        {"first_name": "Mairie"},
        {"last_name": "Маirie"},
        {"first_name": "Administrateur", "last_name": "Du Site"},
        {"first_name": " ​ "},
        {"last_name": "1234"},
        {"first_name": "Voyez https://exemple.fr/x"},
        {"last_name": "gagnez.exemple.fr"},
        {"email": "camille"},
        {"email": "camille@exemple.fr\nBcc: tous@exemple.fr"},
        {"email": "camille@exemple.fr\r\n\r\nBonjour"},
        {"email": f"{'c' * 300}@exemple.fr"},
        {"email": "камилла@exemple.fr"},
        {"password": "court"},
        {"password": "1234567890"},
        {"password": "azertyuiop"},
        {"password": "camilledurand"},
        {"password": "aaaaaaaaaaaa"},
        {"charter": ""},
    ],
)
def test_what_cannot_be_is_said_and_nothing_typed_is_lost(app: TownApp, browse: Browse, wrong: dict[str, str]) -> None:
    camille = browse()
    data = form_of_camille(a_door(camille), **wrong)
    if not data["charter"]:
        del data["charter"]
    answer = camille.post("/join/you", data=data)
    assert answer.status_code == 422
    assert 'id="errors"' in answer.text
    kept = {"first_name": "Camille", "last_name": "Durand", "email": "camille@exemple.fr"}
    for name, value in kept.items():
        if name not in wrong:
            assert f'value="{value}"' in answer.text
    assert "12 Rue des Tanneries" in answer.text
    with enter(app, DEMO_SLUG):
        assert db.session.scalar(select(func.count()).select_from(OneUseCode)) == 0


@pytest.mark.parametrize(
    "fine", ["correct horse battery", "🐎🔋 mes trois chevaux", "é" * 4 + "aînée bôcage", "trois mots " * 90 + "fin"]
)
def test_any_long_password_of_ones_own_is_taken(app: TownApp, browse: Browse, figures: Code, fine: str) -> None:
    camille = browse()
    check = camille.post("/join/you", data=form_of_camille(a_door(camille), password=fine)).headers["Location"]
    camille.post(check, data={"code": figures("camille@exemple.fr")})
    again = browse()
    again.post("/login", data={"email": "Camille@Exemple.fr ", "password": fine})
    assert "Camille Durand" in again.get("/account/").text


def test_a_name_with_a_tag_in_it_is_only_words(browse: Browse, figures: Code) -> None:
    camille = browse()
    data = form_of_camille(a_door(camille), first_name="<img src=x onerror=1>")
    check = camille.post("/join/you", data=data).headers["Location"]
    camille.post(check, data={"code": figures("camille@exemple.fr")})
    page = camille.get("/account/").text
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=1&gt;" in page


def test_who_has_an_account_is_told_so_by_e_mail_and_the_page_is_the_same(
    app: TownApp, browse: Browse, last_mail: Callable[[str], str]
) -> None:
    unknown, known = browse(), browse()
    door = a_door(unknown)
    first = unknown.post("/join/you", data=form_of_camille(door))
    second = known.post("/join/you", data=form_of_camille(door, email="karim@saint-loup.example"))
    assert first.status_code == second.status_code == 303
    ref = re.compile(r"[\w-]{22,64}|camille@exemple.fr|karim@saint-loup.example")
    pages = [
        ref.sub("", browser.get(answer.headers["Location"]).text)
        for browser, answer in ((unknown, first), (known, second))
    ]
    assert pages[0] == pages[1]
    told = last_mail("karim@saint-loup.example")
    assert "/login" in told
    assert not re.search(r"\d{3} \d{3}", told)
    with enter(app, DEMO_SLUG):
        assert (
            db.session.scalar(
                select(func.count()).select_from(Account).where(Account.email == "karim@saint-loup.example")
            )
            == 1
        )


def test_looking_at_the_link_of_the_e_mail_changes_nothing(
    app: TownApp, browse: Browse, last_mail: Callable[[str], str]
) -> None:
    camille, scanner = browse(), browse()
    camille.post("/join/you", data=form_of_camille(a_door(camille)))
    link = re.search(r"http://\S+/join/link/\S+", last_mail("camille@exemple.fr"))
    assert link
    path = link[0].partition("localhost")[2]
    for _ in range(10):
        assert scanner.get(path).status_code == 200
    assert somebody_with(app, "camille@exemple.fr") is None


def test_the_link_needs_the_password_that_was_chosen(
    app: TownApp, browse: Browse, last_mail: Callable[[str], str]
) -> None:
    stranger, owner = browse(), browse()
    stranger.post("/join/you", data=form_of_camille(a_door(stranger)))
    text = last_mail("camille@exemple.fr")
    link, code = re.search(r"(/join/link/\S+)\?code=\d+", text), code_in(text)
    assert link
    path = link[1]
    guess = owner.post(path, data={"code": code, "password": "not what the stranger chose"})
    assert guess.status_code == 422
    assert somebody_with(app, "camille@exemple.fr") is None
    right = stranger.post(path, data={"code": code, "password": WORDS})
    assert right.status_code == 303
    assert somebody_with(app, "camille@exemple.fr") is not None


def test_a_double_tap_on_confirming_makes_one_resident(app: TownApp, browse: Browse, figures: Code) -> None:
    camille = browse()
    check = camille.post("/join/you", data=form_of_camille(a_door(camille))).headers["Location"]
    code = {"code": figures("camille@exemple.fr")}
    assert browse().post(check, data=code).status_code == 303
    assert browse().post(check, data=code).status_code in {404, 409, 422}
    with enter(app, DEMO_SLUG):
        assert db.session.scalar(select(func.count()).select_from(Person).where(Person.first_name == "Camille")) == 1


def test_of_two_who_join_with_the_same_e_mail_the_first_to_confirm_has_the_account(
    app: TownApp, browse: Browse, figures: Code
) -> None:
    first, second = browse(), browse()
    door = a_door(first)
    check = first.post("/join/you", data=form_of_camille(door)).headers["Location"]
    code = figures("camille@exemple.fr")
    other = second.post("/join/you", data=form_of_camille(door, first_name="Dominique")).headers["Location"]
    first.post(check, data={"code": code})
    later = figures("camille@exemple.fr")
    assert second.post(other, data={"code": later}).status_code in {409, 422}
    person = somebody_with(app, "camille@exemple.fr")
    assert person is not None
    assert person.first_name == "Camille"


def test_an_e_mail_sent_again_makes_the_first_code_worthless(app: TownApp, browse: Browse, figures: Code) -> None:
    camille = browse()
    check = camille.post("/join/you", data=form_of_camille(a_door(camille))).headers["Location"]
    first = figures("camille@exemple.fr")
    assert camille.post(check.replace("check", "again")).status_code == 303
    second = figures("camille@exemple.fr")
    if first != second:
        assert camille.post(check, data={"code": first}).status_code == 422
    assert camille.post(check, data={"code": second}).status_code == 303


def test_what_was_said_by_somebody_who_never_confirmed_is_forgotten(app: TownApp, browse: Browse, town: Town) -> None:
    browser = browse()
    browser.post("/join/you", data=form_of_camille(a_door(browser)))
    with time_machine.travel(now() + timedelta(days=2)):
        run_nightly(app, DEMO_SLUG)
    with enter(app, DEMO_SLUG):
        assert db.session.scalar(select(func.count()).select_from(OneUseCode)) == 0


def test_nobody_becomes_staff_or_certified_by_adding_fields(app: TownApp, browse: Browse, figures: Code) -> None:
    camille = browse()
    data = form_of_camille(a_door(camille), role="admin", certified="1", certified_until="2099-01-01", grants="admin")
    check = camille.post("/join/you", data=data).headers["Location"]
    camille.post(check, data={"code": figures("camille@exemple.fr"), "role": "admin"})
    with enter(app, DEMO_SLUG):
        person = db.session.scalar(select(Person).where(Person.first_name == "Camille"))
        assert person is not None
        assert not person.certified
        assert not person.roles


def test_a_number_that_the_list_lacks_leads_to_its_street(browse: Browse) -> None:
    page = browse().get("/join/addresses?q=999+rue+des+tanneries").text
    assert "Ce numéro n’est pas dans la liste" in page
    assert "Rue des Tanneries" in page
    assert "Aucune adresse" in browse().get("/join/addresses?q=999+rue+qui+n+existe+pas").text
