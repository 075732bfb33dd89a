"""My account: what I show, my name, my address, my e-mail, and the language I read."""

import io
from collections.abc import Callable

from PIL import Image
from sqlalchemy import select

from tests.account.conftest import WORDS, a_door
from tests.cast import PASSWORD, person_named
from tests.conftest import Browse
from town.commons.people.models import Account, Person
from town.commons.trust.models import certify
from town.demo import DEMO_SLUG
from town.kernel.db import db
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

Code = Callable[[str], str]


def a_photo() -> tuple[io.BytesIO, str]:
    picture = io.BytesIO()
    Image.new("RGB", (400, 400), "teal").save(picture, "JPEG")
    picture.seek(0)
    return picture, "moi.jpg"


def test_a_neighbour_introduces_herself(app: TownApp, browse: Browse) -> None:
    nadia = browse("nadia")
    data = {"bio": "Je fais du pain le samedi.", "listed": "y", "language": "fr"}
    assert nadia.post("/account/profile", data=data).status_code == 303
    assert "Je fais du pain le samedi." in nadia.get("/account/").text


def test_words_about_oneself_have_an_end(browse: Browse) -> None:
    nadia = browse("nadia")
    long = nadia.post("/account/profile", data={"bio": "a" * 601, "listed": "y", "language": "fr"})
    assert long.status_code == 422
    assert "a" * 601 in long.text


def test_who_does_not_want_to_be_listed_is_not(app: TownApp, browse: Browse) -> None:
    browse("karim").post("/account/profile", data={"bio": "", "language": "fr"})
    with enter(app, DEMO_SLUG):
        assert not person_named("karim").listed


def test_a_face_is_for_certified_neighbours(app: TownApp, browse: Browse) -> None:
    karim = browse("karim")
    data = {"bio": "", "listed": "y", "language": "fr", "portrait": a_photo()}
    answer = karim.post("/account/profile", data=data, content_type="multipart/form-data")
    assert answer.status_code == 303
    with enter(app, DEMO_SLUG):
        portrait = person_named("karim").portrait
    assert portrait is not None
    photo = f"/media/{portrait}/small.webp"
    assert karim.get(photo).status_code == 200
    assert browse("odile").get(photo).status_code == 200
    assert browse("nadia").get(photo).status_code == 404
    assert browse().get(photo).status_code == 404
    assert photo in karim.get("/account/").text
    karim.post("/account/profile", data={"bio": "", "listed": "y", "language": "fr", "no_portrait": "y"})
    assert karim.get(photo).status_code == 404


def test_a_name_that_was_proved_is_changed_at_the_town_hall_only(app: TownApp, browse: Browse) -> None:
    karim = browse("karim")
    assert "<form" not in karim.get("/account/name").text.partition("<main")[2].partition("</main>")[0]
    answer = karim.post("/account/name", data={"first_name": "Carim", "last_name": "Benali"})
    assert answer.status_code == 409
    with enter(app, DEMO_SLUG):
        assert person_named("karim").first_name == "Karim"


def test_a_name_nobody_checked_yet_is_corrected(app: TownApp, browse: Browse) -> None:
    nadia = browse("nadia")
    assert nadia.post("/account/name", data={"first_name": "Nadia", "last_name": "Chérif"}).status_code == 303
    assert "Nadia Chérif" in nadia.get("/account/").text


def test_nobody_but_the_town_hall_is_called_town_hall(browse: Browse) -> None:
    answer = browse("nadia").post("/account/name", data={"first_name": "Mairie", "last_name": "de Saint-Loup"})
    assert answer.status_code == 422


def test_moving_ends_the_proof_of_the_former_address(app: TownApp, browse: Browse) -> None:
    with enter(app, DEMO_SLUG):
        assert person_named("karim").certified
    karim = browse("karim")
    door = a_door(browse(), "12 rue des tanneries")
    assert karim.post("/account/address", data={"address": door}).status_code == 303
    with enter(app, DEMO_SLUG):
        moved = person_named("karim")
        assert not moved.certified
        assert moved.address is not None
        assert moved.address.public_id == door


def test_choosing_the_same_address_again_changes_nothing(app: TownApp, browse: Browse) -> None:
    with enter(app, DEMO_SLUG):
        home = person_named("karim").address
        assert home is not None
        door = home.public_id
    browse("karim").post("/account/address", data={"address": door})
    with enter(app, DEMO_SLUG):
        assert person_named("karim").certified


def test_an_e_mail_changes_when_the_new_mailbox_answers(
    app: TownApp, browse: Browse, figures: Code, last_mail: Code
) -> None:
    karim = browse("karim")
    asked = karim.post("/account/email", data={"email": "Karim@Exemple.fr", "password": PASSWORD})
    assert asked.status_code == 303
    with enter(app, DEMO_SLUG):
        account = person_named("karim").account
        assert account is not None
        assert account.email == "karim@saint-loup.example"
    answer = karim.post(asked.headers["Location"], data={"code": figures("karim@exemple.fr")})
    assert answer.status_code == 303
    with enter(app, DEMO_SLUG):
        assert db.session.scalar(select(Account.id).where(Account.email == "karim@exemple.fr"))
    assert "karim@exemple.fr" not in last_mail("karim@saint-loup.example")


def test_an_e_mail_is_not_changed_without_the_password(browse: Browse) -> None:
    answer = browse("karim").post("/account/email", data={"email": "karim@exemple.fr", "password": WORDS})
    assert answer.status_code == 422
    assert "karim@exemple.fr" in answer.text


def test_an_e_mail_of_somebody_else_looks_the_same_and_changes_nothing(
    app: TownApp, browse: Browse, last_mail: Code
) -> None:
    karim = browse("karim")
    asked = karim.post("/account/email", data={"email": "odile@saint-loup.example", "password": PASSWORD})
    assert asked.status_code == 303
    assert "odile@saint-loup.example" in karim.get(asked.headers["Location"]).text
    assert "000 000" not in last_mail("odile@saint-loup.example")


def test_the_page_of_a_new_e_mail_is_its_askers_alone(browse: Browse) -> None:
    asked = browse("karim").post("/account/email", data={"email": "karim@exemple.fr", "password": PASSWORD})
    assert browse("odile").get(asked.headers["Location"]).status_code == 404


def test_pages_speak_the_persons_language_then_the_towns(app: TownApp, browse: Browse) -> None:
    english = {"Accept-Language": "en"}
    assert 'lang="fr"' in browse().get("/login", headers=english).text
    karim = browse("karim")
    karim.post("/language/en", headers={"Referer": "http://localhost/account/"})
    assert '<html lang="en"' in karim.get("/account/").text
    with enter(app, DEMO_SLUG):
        assert person_named("karim").language == "en"
    assert '<html lang="fr"' in browse("odile").get("/account/").text


def test_a_visitor_keeps_the_language_they_chose(browse: Browse) -> None:
    visitor = browse()
    answer = visitor.post("/language/en", headers={"Referer": "http://localhost/join?q=12"})
    assert answer.headers["Location"] == "/join?q=12"
    assert '<html lang="en"' in visitor.get("/join").text
    evil = visitor.post("/language/fr", headers={"Referer": "http://evil.example//evil.example/x"})
    assert evil.headers["Location"] == "/"


def test_an_unknown_language_changes_nothing(browse: Browse) -> None:
    visitor = browse()
    assert "Set-Cookie" not in visitor.post("/language/xx").headers


def test_nobody_sees_another_persons_account(browse: Browse) -> None:
    for path in ("/account/", "/account/profile", "/account/sessions", "/account/email", "/account/password"):
        assert browse().get(path).status_code == 303
        page = browse("odile").get(path).text
        assert "Karim" not in page


def test_the_account_page_of_somebody_certified_and_of_somebody_not(app: TownApp, browse: Browse) -> None:
    assert 'class="house wait"' in browse("nadia").get("/account/").text
    assert 'class="house wait"' not in browse("karim").get("/account/").text
    with enter(app, DEMO_SLUG):
        certify(person_named("nadia"), "desk", person_named("jean"))
        db.session.commit()
        assert db.session.scalar(select(Person).where(Person.first_name == "Nadia")) is not None
    assert 'class="house wait"' not in browse("nadia").get("/account/").text
