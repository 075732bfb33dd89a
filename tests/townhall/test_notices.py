"""Notices: who reads, who writes, what a page shows, what a refusal says."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from tests.cast import person_named
from tests.conftest import Browse
from tests.townhall.conftest import (
    TITLE,
    Told,
    here,
    kept,
    place_of,
    published,
    quarter,
    statements,
    street,
    typed,
    written,
)
from town.blueprints.townhall.models import (
    ALERT,
    DRAFT,
    WORKS,
    AlreadyPublished,
    NoLongerPublished,
    Notice,
    OnlyUrgentIsPinned,
    changes,
)
from town.blueprints.townhall.patterns import PATTERNS
from town.commons.audit import AuditEntry, first_broken_entry
from town.commons.board import Card, CardReach
from town.commons.people.models import RoleGrant
from town.commons.places.concerns import Concerns
from town.kernel.db import db, now
from town.kernel.language import today
from town.kernel.registry import Town
from town.kernel.web import TownApp

Work = Callable[[], int]
JSON = {"Accept": "application/json"}


def _key(page: str) -> str:
    found = re.search(r'name="_key" value="([^"]+)"', page)
    assert found is not None
    return found[1]


# Reading


def test_anybody_reads_every_notice_without_account_or_cookie(town: Town, browse: Browse) -> None:
    notice = published()
    visitor = browse()
    board = visitor.get("/town-hall/")
    assert TITLE in board.text
    page = visitor.get(here(notice))
    assert page.status_code == 200
    assert "Rue des Tanneries" in page.text
    assert "Mme Claire Vasseur, adjointe" in page.text
    assert "Set-Cookie" not in page.headers
    assert page.headers["X-Offline"] == "public"


@pytest.mark.parametrize("address", ["/avis", "/mairie"])
def test_the_short_addresses_of_paper_lead_to_the_notices(browse: Browse, address: str) -> None:
    answer = browse().get(address)
    assert answer.status_code == 302
    assert answer.location == "/town-hall/"


def test_a_short_address_takes_no_word_that_belongs_to_the_machinery(browse: Browse) -> None:
    answer = browse().get("/avis?endpoint=home.index&_external=1&before=1-1")
    assert answer.location == "/town-hall/?before=1-1"


@pytest.mark.parametrize("name", [None, "odile", "nadia"])
def test_a_draft_does_not_exist_for_residents(town: Town, browse: Browse, name: str | None) -> None:
    draft = written()
    db.session.commit()
    assert browse(name).get(here(draft)).status_code == 404
    assert TITLE not in browse(name).get("/town-hall/").text


def test_a_withdrawn_notice_leaves_the_board_the_home_and_the_search_and_its_address_says_so(
    town: Town, claire: FlaskClient, browse: Browse
) -> None:
    notice = published(title="Fanfare annulée")
    assert claire.post(here(notice, "withdrawal")).status_code == 303
    for page in ("/town-hall/", "/", "/search/?q=fanfare"):
        assert "Fanfare annulée" not in browse("odile").get(page).text
    gone = browse().get(here(notice))
    assert gone.status_code == 410
    assert "Fanfare" not in gone.text
    assert "a été retiré" in gone.text


def test_a_notice_leaves_home_after_its_last_day_but_stays_readable(town: Town, browse: Browse) -> None:
    notice = published(ends_on=today())
    with time_machine.travel(now() + timedelta(days=2), tick=False):
        assert TITLE not in browse().get("/").text
        assert "Terminé" in browse().get("/town-hall/").text
        assert "est terminé" in browse().get(here(notice)).text


def test_people_who_do_not_live_there_find_it_under_the_town_only(town: Town) -> None:
    notice = published()
    card = db.session.scalars(select(Card).where(Card.public_id == notice.public_id)).one()
    assert (card.visible_to, card.official, card.kind) == ("public", True, "notice")
    tokens = set(db.session.scalars(select(CardReach.token).where(CardReach.card_id == card.id)))
    assert tokens == {f"street:{street().id}", f"quarter:{quarter('Les Tanneries').id}", "town"}


def test_every_notice_offers_its_text_and_link_for_elsewhere(town: Town, browse: Browse) -> None:
    notice = published()
    page = browse().get(here(notice)).text
    share = re.search(r'<textarea class="in" id="share"[^>]*>(.*?)</textarea>', page, re.S)
    assert share is not None
    assert share[1].splitlines()[0] == TITLE
    assert share[1].splitlines()[-1] == f"http://saint-loup.localhost/town-hall/notices/{notice.public_id}"


def test_what_a_councillor_types_stays_words(town: Town, claire: FlaskClient, browse: Browse) -> None:
    nasty = '<img src=x onerror=alert(1)>"{{ 7*7 }}'
    words = "<script>alert(1)</script>\n\njavascript:alert(1) https://example.org/?a=1&b=2"
    number = place_of(claire.post("/town-hall/notices", data=typed(title=nasty, words=words)))
    claire.post(f"/town-hall/notices/{number}/publication")
    for page in (f"/town-hall/notices/{number}", "/town-hall/", "/"):
        text = browse("odile").get(page).text
        assert "<img src=x" not in text
        assert "<script>alert" not in text
        assert "49" not in re.findall(r"onerror=alert\(1\)&gt;[^<]*", text)[0]
    page_text = browse().get(f"/town-hall/notices/{number}").text
    assert '<a href="https://example.org/?a=1&amp;b=2" rel="nofollow noopener">' in page_text
    assert 'href="javascript' not in page_text


# Writing


@pytest.mark.parametrize("address", ["/town-hall/notices/new"])
@pytest.mark.parametrize(
    ("name", "status"), [(None, 303), ("odile", 403), ("nadia", 403), ("claire", 200), ("jean", 200), ("helene", 200)]
)
def test_only_the_town_hall_writes(browse: Browse, address: str, name: str | None, status: int) -> None:
    assert browse(name).get(address).status_code == status


@pytest.mark.parametrize("deed", ["publication", "pin", "pin/end", "withdrawal", "edit"])
def test_a_resident_can_do_nothing_to_a_notice(town: Town, browse: Browse, deed: str) -> None:
    notice = published(kind=ALERT)
    assert browse("odile").post(here(notice, deed), data=typed()).status_code == 403
    assert (kept(notice, "state"), kept(notice, "words")) == ("published", "De 8 h à 17 h.")


def test_a_councillor_whose_role_was_taken_back_is_refused_at_the_next_request(town: Town, claire: FlaskClient) -> None:
    assert claire.get("/town-hall/notices/new").status_code == 200
    db.session.execute(delete(RoleGrant).where(RoleGrant.person_id == person_named("claire").id))
    db.session.commit()
    assert claire.get("/town-hall/notices/new").status_code == 403


def test_three_fields_are_enough(claire: FlaskClient, town: Town) -> None:
    page = claire.get("/town-hall/notices/new").text
    ticked = dict(re.findall(r'name="(scope|kind)" id="[^"]+" value="([^"]+)" checked', page))
    signed = re.search(r'name="signature"[^>]*value="([^"]+)"', page)
    assert signed is not None
    answer = claire.post(
        "/town-hall/notices", data={"title": TITLE, "words": "Demain.", "signature": signed[1], **ticked}
    )
    assert Notice.drafted is not None
    notice = db.session.scalars(select(Notice).where(Notice.public_id == place_of(answer))).one()
    assert notice.concerns.whole_town
    assert notice.state == DRAFT


def test_the_form_signs_as_the_last_time(claire: FlaskClient) -> None:
    assert "Mme Claire Vasseur, adjointe au cadre de vie" in claire.get("/town-hall/notices/new").text


@pytest.mark.parametrize("name", PATTERNS)
def test_a_half_written_notice_is_not_published_with_its_brackets(claire: FlaskClient, name: str) -> None:
    page = claire.get(f"/town-hall/notices/new?pattern={name}").text
    title = re.search(r'name="title"[^>]*value="([^"]+)"', page)
    words = re.search(r'<textarea[^>]*name="words"[^>]*>\s*(.*?)</textarea>', page, re.S)
    assert title is not None
    assert words is not None
    assert len(title[1]) <= 80
    answer = claire.post("/town-hall/notices", data=typed(title=title[1], words=words[1]))
    assert answer.status_code == 422
    assert "entre crochets" in answer.text
    assert title[1] in answer.text


def test_there_are_twelve_of_them_in_french(claire: FlaskClient) -> None:
    page = claire.get("/town-hall/notices/new?pattern=water-cut").text
    assert len(PATTERNS) == 12
    assert "Eau coupée [jour], [rue]" in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": ""}, "ce qui se passe"),
        ({"title": "x" * 81}, "title-error"),
        ({"words": "  "}, "ce qui se passe, où et quand"),
        ({"words": "x" * 2001}, "words-error"),
        ({"street": ""}, "au moins un quartier ou une rue"),
        ({"street": "Rue de Nulle Part"}, "Aucune rue de la commune"),
        ({"quarters": ["inconnu"]}, "quarters-error"),
        ({"kind": "royal"}, "kind-error"),
        ({"scope": "world", "street": ""}, "scope-error"),
        ({"starts_on": "2126-01-02", "ends_on": "2126-01-01"}, "avant le premier"),
        ({"ends_on": "2020-01-01"}, "déjà passé"),
        ({"ends_on": "demain"}, "ends_on-error"),
        ({"signature": ""}, "qui signe"),
    ],
)
def test_a_mistake_is_answered_in_plain_words_and_keeps_what_was_typed(
    town: Town, claire: FlaskClient, wrong: dict[str, str], said: str
) -> None:
    answer = claire.post("/town-hall/notices", data=typed(**wrong))
    assert answer.status_code == 422
    assert said in answer.text
    kept = [value for name, value in typed().items() if name in ("title", "words", "signature") and name not in wrong]
    assert all(value in answer.text for value in kept)
    assert db.session.scalar(select(Notice.id).where(Notice.title == TITLE)) is None


def test_looking_before_publishing_keeps_nothing_and_shows_who_would_be_told(town: Town, claire: FlaskClient) -> None:
    answer = claire.post("/town-hall/notices/look", data=typed(title="", words=""))
    assert answer.status_code == 200
    page = answer.text.replace("\u00a0", " ").replace("\u202f", " ")
    assert "40 foyers" in page
    assert "37 foyers n’ont pas encore de compte" in page
    assert "checked><span>Rue des Tanneries" in page
    assert db.session.scalar(select(Notice.id).where(Notice.title == "")) is None


def test_the_reach_follows_the_ticks_without_a_new_page(town: Town, claire: FlaskClient) -> None:
    data = typed(street="", quarters=[quarter("Le Puits").public_id])
    headers = {"HX-Request": "true", "HX-Target": "aside#preview"}
    answer = claire.post("/town-hall/notices/look", data=data, headers=headers)
    assert "<html" not in answer.text
    assert answer.text.lstrip().startswith('<aside class="flow" id="preview"')
    assert "54 foyers" in answer.text.replace("\u00a0", " ")


def test_a_street_added_by_its_name_is_ticked_in_place(claire: FlaskClient) -> None:
    headers = {"HX-Request": "true", "HX-Target": "div#write"}
    answer = claire.post("/town-hall/notices/look", data=typed(street="RUE DES TANNERIES"), headers=headers)
    assert answer.text.lstrip().startswith('<div class="with-aside" id="write">')
    assert "checked><span>Rue des Tanneries" in answer.text


def test_a_draft_shows_its_exact_look_its_reach_and_the_button_that_says_so(claire: FlaskClient) -> None:
    number = place_of(claire.post("/town-hall/notices", data=typed()))
    page = claire.get(f"/town-hall/notices/{number}").text.replace("\u00a0", " ")
    assert "Publier à 40 foyers" in page
    assert "Pas encore joignables" in page
    assert "seule la mairie le voit" in page


def test_a_draft_is_kept_changed_and_thrown_away(town: Town, claire: FlaskClient) -> None:
    answer = claire.post("/town-hall/notices", data=typed(keep="1"))
    assert answer.location == "/town-hall/"
    assert TITLE in claire.get("/town-hall/").text
    notice = db.session.scalars(select(Notice).where(Notice.title == TITLE)).one()
    place = here(notice)
    assert "checked><span>Rue des Tanneries" in claire.get(f"{place}/edit").text
    claire.post(f"{place}/edit", data=typed(title="Rue barrée mardi"))
    assert kept(notice, "title") == "Rue barrée mardi"
    assert kept(notice, "corrections") == []
    claire.post(f"{place}/withdrawal")
    assert claire.get(place).status_code == 404


def test_the_outbox_gets_the_same_answers_as_json(town: Town, claire: FlaskClient) -> None:
    made = claire.post("/town-hall/notices", data=typed(), headers=JSON)
    assert made.status_code == 201
    assert made.json is not None
    number = made.json["location"].rpartition("/")[2]
    wrong = claire.post("/town-hall/notices", data=typed(title=""), headers=JSON)
    assert wrong.status_code == 422
    assert wrong.json == {"errors": {"title": ["Dites en quelques mots ce qui se passe."]}}
    assert claire.post(f"/town-hall/notices/{number}/publication", headers=JSON).status_code == 201
    late = claire.post(f"/town-hall/notices/{number}/publication", headers=JSON)
    assert late.status_code == 409
    assert late.json is not None
    assert late.json["error"] == "AlreadyPublished"


def test_publishing_shows_its_result_in_place_to_htmx(claire: FlaskClient) -> None:
    number = place_of(claire.post("/town-hall/notices", data=typed()))
    headers = {"HX-Request": "true", "HX-Target": "div#notice"}
    answer = claire.post(f"/town-hall/notices/{number}/publication", headers=headers)
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<div class="with-aside" id="notice">')
    assert "Copier pour Facebook, WhatsApp" in answer.text
    assert answer.headers["HX-Push-Url"] == f"/town-hall/notices/{number}"


# Pinning, correcting, withdrawing


def test_an_urgent_notice_stands_in_red_on_home_and_takes_the_place_of_the_one_before(
    town: Town, browse: Browse
) -> None:
    def red() -> list[str]:
        home = browse().get("/").text
        return re.findall(r'<article class="card urgent".*?<h2>(?:<a[^>]*>)?([^<]+)', home, re.S)

    assert red() == ["Eau coupée demain, rue des Tanneries"]
    published(kind=ALERT)
    assert red() == [TITLE]
    pinned = db.session.scalars(select(Notice.title).where(Notice.pinned_until.is_not(None))).all()
    assert pinned == [TITLE]


def test_an_ordinary_notice_is_not_pinned(town: Town) -> None:
    notice = published()
    with pytest.raises(OnlyUrgentIsPinned):
        notice.pin(person_named("claire"))


def test_an_urgent_notice_is_taken_down_and_pinned_again(town: Town, claire: FlaskClient) -> None:
    notice = published(kind=ALERT)
    place = here(notice)
    claire.post(f"{place}/pin/end")
    assert kept(notice, "pinned_until") is None
    claire.post(f"{place}/pin")
    assert kept(notice, "pinned")


def test_the_red_card_goes_by_itself(town: Town) -> None:
    notice = published(kind=ALERT)
    with time_machine.travel(now() + timedelta(hours=49), tick=False):
        assert not notice.pinned
    dated = published(kind=ALERT, title="Eau coupée", ends_on=today() + timedelta(days=1))
    assert dated.pinned_until == dated.ends_at


def test_a_correction_shows_what_became_of_the_text(town: Town, claire: FlaskClient, browse: Browse) -> None:
    notice = published()
    place = here(notice)
    claire.post(f"{place}/edit", data=typed(words="De 9 h à 17 h.", ends_on=str(today() + timedelta(days=3))))
    page = browse().get(place).text
    assert re.search(r"De <del>8</del> <ins>9</ins> h", page)
    assert "aucune date" in page


def test_a_correction_without_a_change_leaves_no_trace(town: Town, claire: FlaskClient) -> None:
    notice = published()
    claire.post(here(notice, "edit"), data=typed())
    assert kept(notice, "corrections") == []


def test_what_is_withdrawn_is_neither_corrected_nor_pinned_nor_withdrawn_again(town: Town, claire: FlaskClient) -> None:
    notice = published(kind=ALERT)
    notice.withdraw(person_named("claire"))
    db.session.commit()
    for deed in ("pin", "withdrawal"):
        answer = claire.post(here(notice, deed))
        assert answer.status_code in (409, 410)
    answer = claire.post(here(notice, "edit"), data=typed(words="Encore."))
    assert answer.status_code == 409
    assert "Encore." in answer.text
    with pytest.raises(NoLongerPublished):
        notice.correct(person_named("claire"), important=False)
    with pytest.raises(AlreadyPublished):
        notice.publish(person_named("claire"))


def test_every_act_of_the_town_hall_is_noted_in_the_audit(town: Town, claire: FlaskClient) -> None:
    number = place_of(claire.post("/town-hall/notices", data=typed(kind="alert")))
    place = f"/town-hall/notices/{number}"
    claire.post(f"{place}/publication")
    claire.post(f"{place}/pin/end")
    claire.post(f"{place}/edit", data=typed(kind="alert", words="De 8 h à 18 h."))
    claire.post(f"{place}/withdrawal")
    acts = (
        select(AuditEntry.event).where(AuditEntry.actor_id == person_named("claire").id).order_by(AuditEntry.id.desc())
    )
    assert list(db.session.scalars(acts.limit(5)))[::-1] == [
        "townhall:notice:publish",
        "townhall:notice:pin",
        "townhall:notice:unpin",
        "townhall:notice:correct",
        "townhall:notice:withdraw",
    ]
    assert first_broken_entry() is None


def test_i_have_read_it_marks_the_urgent_notice_read(town: Town, browse: Browse, work: Work, told: Told) -> None:
    notice = published(kind=ALERT)
    work()
    place = here(notice)
    odile = browse("odile")
    assert "J’ai bien lu" in odile.get(place).text
    answer = odile.post(f"{place}/reading", data={"_key": _key(odile.get(place).text)})
    assert answer.status_code == 303
    assert "J’ai bien lu" not in odile.get(place).text
    assert told(unread=True) == ["Jeanne", "Théo"]
    assert "J’ai bien lu" not in browse("karim").get(place).text
    assert "J’ai bien lu" not in browse().get(place).text


# What pages cost


@pytest.mark.parametrize("name", [None, "odile", "claire"])
def test_the_board_asks_the_database_four_things_at_most(
    app: TownApp, town: Town, browse: Browse, name: str | None
) -> None:
    for n in range(45):
        published(title=f"Avis {n}")
    browser = browse(name)
    browser.get("/town-hall/")
    with statements(app) as asked:
        page = browser.get("/town-hall/").text
    assert len(asked) <= 4, asked
    titles = re.findall(r">(Avis \d+)</a>", page)
    older = re.search(r'rel="next" href="([^"]+)"', page)
    while older is not None:
        page = browser.get(older[1].replace("&amp;", "&")).text
        titles += re.findall(r">(Avis \d+)</a>", page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
    assert titles == [f"Avis {n}" for n in range(44, -1, -1)]


@pytest.mark.parametrize("before", ["x", "1-", "-1", "99999999999999999-1", "1-99999999999999999999", "²-1", "0-0"])
def test_a_tampered_page_address_shows_notices_or_none(browse: Browse, before: str) -> None:
    assert browse().get("/town-hall/", query_string={"before": before}).status_code == 200


def test_what_became_of_a_text_is_said_in_pieces() -> None:
    assert changes("De 8 h à 17 h", "De 9 h à 17 h précises") == [
        ("same", "De"),
        ("gone", "8"),
        ("new", "9"),
        ("same", "h à 17 h"),
        ("new", "précises"),
    ]
    assert changes("", "Bonjour") == [("new", "Bonjour")]


def test_a_notice_of_works_for_a_quarter_colours_its_streets_on_the_map(town: Town, browse: Browse) -> None:
    notice = published(kind=WORKS, concerns=Concerns(quarters=(quarter("La Gare").id,)))
    page = browse().get(here(notice)).text
    map_address = re.search(r'data-points="([^"]+)"', page)
    assert map_address is not None
    assert len(re.split(r"%2C|,", map_address[1].partition("streets=")[2])) == 5
    assert browse().get(map_address[1].replace("&amp;", "&")).status_code == 200
