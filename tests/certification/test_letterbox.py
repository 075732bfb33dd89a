"""The card without a name: scanned or typed, it makes a certified neighbour, and tells a stranger nothing."""

import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.account.conftest import code_in, settings_of
from tests.cast import person_named
from tests.certification.letterboxes import card_at, delivered, door_at, other_than
from tests.client import browser_of
from tests.conftest import Browse
from town import create_app
from town.commons.people.models import Account, OneUseCode, Person
from town.commons.trust.models import certify
from town.demo import DEMO_SLUG
from town.kernel.db import db
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

EMAIL = "camille@exemple.fr"
HOUSE = "1 Rue Haute"


@pytest.fixture
def card(app: TownApp) -> tuple[str, str]:
    """What lies in the letterbox of 1 rue Haute: where its square leads, and its code."""
    with enter(app, DEMO_SLUG):
        codes = delivered("Rue Haute")[1]
        return f"/certification/letterbox/{door_at(1, 'Rue Haute').public_id}", codes[HOUSE]


@pytest.fixture
def mailed(work: Callable[[], int], outbox: Callable[[], list[EmailMessage]]) -> Callable[[], str]:
    """The newest e-mail to Camille."""

    def read() -> str:
        work()
        body = next(mail for mail in reversed(outbox()) if mail["To"] == EMAIL).get_body(("plain",))
        assert body is not None
        return str(body.get_content()).replace("\r\n", "\n")

    return read


def say(browser: FlaskClient, address: str, /, here: str = "/join/you", **other: str) -> TestResponse:
    """Fill in the form of that page as Camille, its hidden fields included, and send it."""
    page = browser.get(address).text.partition(f'action="{here}"')[2].partition("</form>")[0]
    hidden = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]*)"[^>]*value="([^"]*)"', page))
    hidden |= dict(re.findall(r'<input[^>]*name="([^"]*)"[^>]*type="hidden"[^>]*value="([^"]*)"', page))
    you = {"first_name": "Camille", "last_name": "Durand", "email": EMAIL, "charter": "y"}
    return browser.post(here, data={**hidden, **(you if here == "/join/you" else {}), **other})


def joined(app: TownApp, email: str = EMAIL) -> Person | None:
    with enter(app, DEMO_SLUG):
        return db.session.scalar(select(Person).join(Account).where(Account.email == email))


def live_elsewhere(app: TownApp, name: str, number: int, street: str) -> None:
    with enter(app, DEMO_SLUG):
        person_named(name).address = door_at(number, street)
        db.session.commit()


def test_from_the_square_to_certified_without_javascript_or_password(
    app: TownApp, browse: Browse, card: tuple[str, str], mailed: Callable[[], str]
) -> None:
    """ID-03, ID-09: four short pages, no password to invent, certified when the e-mail is confirmed."""
    address, code = card
    phone = browse()
    scanned = phone.get(address)
    assert "Vous habitez 1 Rue Haute" in scanned.text
    assert scanned.headers["Cache-Control"] == "no-store"
    opened = phone.post(address, data={"code": f" {code[:4].lower()}-{code[4:]}"})
    assert opened.status_code == 303
    you = phone.get(opened.location)
    assert "Votre carte est reconnue" in you.text
    assert "Sans mot de passe" in you.text
    check = say(phone, opened.location)
    assert check.status_code == 303
    text = mailed()
    assert "/join/link/" not in text  # nothing to open without a password
    arrived = say(phone, check.location, check.location, code=code_in(text))
    assert arrived.location == "/certification/"
    welcome = phone.get("/certification/").text
    assert "par carte distribuée à domicile" in welcome
    assert "bienvenue parmi les voisins" in welcome
    assert phone.get("/neighbours/").status_code == 200
    person = joined(app)
    assert person is not None
    assert (person.certified, person.certified_how) == (True, "letterbox")
    with enter(app, DEMO_SLUG):
        assert card_at(1, "Rue Haute").certified == 1
    assert browse().post("/login", data={"email": EMAIL, "password": "x" * 12}).status_code == 422


def test_neighbours_read_how_it_was_proved_and_what_that_shows(
    app: TownApp, browse: Browse, card: tuple[str, str]
) -> None:
    """ID-07."""
    with enter(app, DEMO_SLUG):
        person = Person(first_name="Inès", last_name="Quentin", address=door_at(1, "Rue Haute"))
        db.session.add(person)
        db.session.flush()
        certify(person, "letterbox")
        number = person.public_id
        db.session.commit()
    text = browse("odile").get(f"/neighbours/{number}").text
    assert re.search(r"certifiée? par carte distribuée à domicile, \w+ 20\d\d", text, re.IGNORECASE)
    assert "elle ouvre donc cette boîte" in text
    assert "Pièce d’identité : pas demandée" in text.replace("\u202f", " ").replace("\xa0", " ")
    assert "Rue Haute" not in text


def test_the_password_and_the_link_of_the_e_mail_work_too_in_another_browser(
    app: TownApp, browse: Browse, card: tuple[str, str], mailed: Callable[[], str]
) -> None:
    address, code = card
    phone, elsewhere = browse(), browse()
    opened = phone.post(address, data={"code": code})
    say(phone, opened.location, password="trois mots bien choisis")
    link = re.search(r"(/join/link/\S+)", mailed())
    assert link
    figures = re.search(r"code=(\d{6})", link[1])
    assert figures
    there = link[1].partition("?")[0]
    answer = elsewhere.post(there, data={"code": figures[1], "password": "trois mots bien choisis"})
    assert answer.location == "/certification/"
    person = joined(app)
    assert person is not None
    assert person.certified


def test_whoever_has_no_scanner_chooses_the_address_by_hand(browse: Browse, card: tuple[str, str]) -> None:
    phone = browse()
    assert phone.get("/boite").location == "/certification/letterbox"
    assert "J’ai reçu une carte dans ma boîte" in phone.get("/certification/letterbox").text
    assert "J’ai reçu une carte dans ma boîte" in phone.get("/join").text
    wrong = phone.post("/certification/letterbox", data={"address": "1 rue de la Lune", "code": card[1]})
    assert wrong.status_code == 422
    assert "n’est pas dans la liste" in wrong.text
    answer = phone.post("/certification/letterbox", data={"address": "1, rue haute", "code": card[1]})
    assert answer.location.startswith("/join/you?address=")


def test_nadia_who_lives_there_needs_one_tap(app: TownApp, browse: Browse, card: tuple[str, str]) -> None:
    live_elsewhere(app, "nadia", 1, "Rue Haute")
    nadia = browse("nadia")
    ways = nadia.get("/certification/").text
    assert ways.index("J’ai reçu une carte dans ma boîte") < ways.index("À l’accueil de la mairie")
    assert nadia.get("/certification/letterbox").location == card[0]
    assert nadia.post(card[0], data={"code": card[1]}).location == "/certification/"
    assert "par carte distribuée à domicile" in nadia.get("/certification/").text
    assert "il n’y a rien à faire" in nadia.get(card[0]).text
    again = nadia.post(card[0], data={"code": card[1]})
    assert again.status_code == 409


def test_whoever_lives_elsewhere_is_sent_to_the_desk_and_costs_no_try(
    app: TownApp, browse: Browse, card: tuple[str, str]
) -> None:
    nadia = browse("nadia")
    shown = nadia.get(card[0]).text
    assert "pour une autre adresse que la vôtre" in shown
    assert 'name="code"' not in shown
    assert nadia.post(card[0], data={"code": card[1]}).status_code == 409
    with enter(app, DEMO_SLUG):
        assert card_at(1, "Rue Haute").tries == 0
        assert not person_named("nadia").certified
    assert "J’ai reçu une carte dans ma boîte" not in nadia.get("/certification/").text


def test_the_page_of_an_address_tells_a_stranger_nothing(app: TownApp, browse: Browse, card: tuple[str, str]) -> None:
    """T25: neither looking nor a wrong try says whether a card went there, was opened, or who lives there."""
    with enter(app, DEMO_SLUG):
        bare = f"/certification/letterbox/{door_at(2, 'Rue Basse').public_id}"
    stranger = browse()

    def without_address(text: str) -> str:
        keys = re.sub(r'name="_key" value="[^"]*"', "", text)
        return re.sub(r"(?i)letterbox/[\w-]{22}|\d+ Rue (Haute|Basse)", "", keys)

    assert without_address(stranger.get(card[0]).text) == without_address(stranger.get(bare).text)
    wrong = {"code": other_than(card[1])}
    told = [stranger.post(address, data=wrong) for address in (card[0], bare)]
    assert [answer.status_code for answer in told] == [409, 409]
    assert without_address(told[0].text) == without_address(told[1].text)
    assert told[0].text.count("ne vont pas ensemble") == 1, "on the field, and in no toast over the button"
    assert 'id="code-error"' in told[0].text
    assert 'id="errors"' in told[0].text
    assert stranger.get("/certification/letterbox/" + "x" * 22).status_code == 404


@pytest.mark.parametrize(
    ("typed", "words"),
    [("CERF482", "Il manque des caractères"), ("CERO4827", "Il n’y a jamais"), ("", "Recopiez le code")],
)
def test_a_slip_of_the_finger_costs_no_try(
    app: TownApp, browse: Browse, card: tuple[str, str], typed: str, words: str
) -> None:
    """Bad input 13."""
    answer = browse().post(card[0], data={"code": typed})
    assert answer.status_code == 422
    assert words in answer.text
    with enter(app, DEMO_SLUG):
        assert card_at(1, "Rue Haute").tries == 0


def test_a_locked_card_leads_to_the_desk(browse: Browse, card: tuple[str, str]) -> None:
    phone = browse()
    for _ in range(5):
        last = phone.post(card[0], data={"code": other_than(card[1])})
    assert "Passez à l’accueil de la mairie" in last.text
    answer = phone.post(card[0], data={"code": card[1]})
    assert answer.status_code == 409
    assert "bloquée" in answer.text


def test_a_full_household_hears_it_before_filling_in_a_form(
    app: TownApp, browse: Browse, card: tuple[str, str]
) -> None:
    with enter(app, DEMO_SLUG):
        for name in ("Ada", "Bao", "Cléo", "Dina", "Élie", "Fatou"):
            person = Person(first_name=name, last_name="Quentin", address=door_at(1, "Rue Haute"))
            db.session.add(person)
            db.session.flush()
            certify(person, "letterbox")
        db.session.commit()
    answer = browse().post(card[0], data={"code": card[1]})
    assert answer.status_code == 409
    assert "Plusieurs personnes" in answer.text


def test_a_card_cancelled_while_somebody_joins_makes_a_resident_and_no_neighbour(
    app: TownApp, browse: Browse, card: tuple[str, str], mailed: Callable[[], str]
) -> None:
    phone = browse()
    opened = phone.post(card[0], data={"code": card[1]})
    check = say(phone, opened.location)
    with enter(app, DEMO_SLUG):
        card_at(1, "Rue Haute").launch.cancel(person_named("jean"))
        db.session.commit()
    assert say(phone, check.location, check.location, code=code_in(mailed())).status_code == 303
    assert "remplacée ou annulée" in phone.get("/certification/").text
    person = joined(app)
    assert person is not None
    assert not person.certified


def test_a_card_opens_no_other_address_and_no_other_browser(
    app: TownApp, browse: Browse, card: tuple[str, str]
) -> None:
    phone, other = browse(), browse()
    opened = phone.post(card[0], data={"code": card[1]})
    with enter(app, DEMO_SLUG):
        next_door = door_at(3, "Rue Haute").public_id
    moved = say(phone, opened.location, address=next_door)
    assert moved.status_code == 422
    assert "mot de passe" in moved.text
    assert "Votre carte est reconnue" not in moved.text
    assert say(other, opened.location).status_code == 422
    say(phone, f"/join/you?address={next_door}", password="trois mots bien choisis")
    with enter(app, DEMO_SLUG):
        waiting = db.session.scalars(select(OneUseCode).where(OneUseCode.email == EMAIL)).one()
        assert waiting.details["card"] is None


# As production counts tries


@pytest.fixture
def strict(app: TownApp, card: tuple[str, str]) -> Iterator[Callable[[], FlaskClient]]:
    guarded = create_app(settings_of(app, rate_limits="on"))
    guarded.extensions["limits"].storage.reset()
    yield lambda: browser_of(guarded)
    guarded.extensions["towns"].engines.close(DEMO_SLUG)


def test_one_network_guesses_fifteen_times_a_day(
    app: TownApp, strict: Callable[[], FlaskClient], card: tuple[str, str]
) -> None:
    with enter(app, DEMO_SLUG):
        doors = [f"/certification/letterbox/{door_at(n, 'Rue Haute').public_id}" for n in (1, 3, 5, 6, 7, 8, 9, 10)]
    answers = [strict().post(door, data={"code": other_than(card[1])}).status_code for door in doors * 2]
    assert answers.count(409) == 15
    assert answers[-1] == 429


def test_phones_of_one_network_all_join_on_the_day_of_the_bulletin(
    app: TownApp, strict: Callable[[], FlaskClient], card: tuple[str, str]
) -> None:
    """Mobile networks share addresses: right codes cost none of the tries, and a card is counted by itself."""
    for number in range(18):
        phone = strict()
        opened = phone.post(card[0], data={"code": card[1]})
        assert opened.status_code == 303, number
        if number < 9:
            assert say(phone, opened.location, email=f"camille{number}@exemple.fr").status_code == 303, number
    for number in range(9, 13):
        phone = strict()
        opened = phone.post(card[0], data={"code": card[1]})
        last = say(phone, opened.location, email=f"camille{number}@exemple.fr").status_code
    assert last == 429, "and no card sends more than a dozen e-mails a day"
