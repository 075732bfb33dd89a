"""AS-01 Visibility of associations: found by theme and by search, told by those who run them, named as they choose."""

import re

import pytest
from sqlalchemy import event, select

from tests.associations.conftest import Call, orchard
from tests.cast import person_named
from tests.conftest import Browse
from town.blueprints.associations.models import Association, association_of
from town.blueprints.associations.themes import THEMES, theme_of
from town.commons.board import Card, stale_cards
from town.commons.holds import DECIDED
from town.commons.moderation.things import hide, show
from town.commons.people.organisations import ASSOCIATION, Membership, Organisation
from town.kernel.db import db
from town.kernel.registry import Town

PAGE = {
    "name": "Les Amis du Verger",
    "purpose": "On greffe des pruniers et on presse le jus.",
    "theme": "nature",
    "schedule": "Le samedi",
    "website": "www.verger.example",
    "email": "verger@saint-loup.example",
}


@pytest.fixture
def verger(town: Town) -> str:
    found = f"/associations/{orchard().public_id}"
    db.session.rollback()
    return found


def test_anybody_finds_an_association_by_theme_and_by_search(verger: str, browse: Browse) -> None:
    anybody = browse()
    everything, nature = anybody.get("/associations/").text, anybody.get("/associations/?theme=nature").text
    assert "Judo-club du Bourg" in everything
    assert "Les Amis du Verger" in nature
    assert "Judo-club du Bourg" not in nature
    assert "Les Amis du Verger" in anybody.get("/search/?q=pommier").text
    shown = anybody.get(verger)
    assert shown.status_code == 200
    assert "numéro W991000101" in shown.text
    assert anybody.get("/associations/?theme=nowhere&after=%00").status_code == 200


def test_a_page_that_is_always_there_is_no_news(verger: str, browse: Browse) -> None:
    home = browse("karim").get("/").text
    assert "Récolte des cerises" in home
    assert 'data-kind="association"' not in home


def test_officers_are_named_only_if_they_agree(verger: str, browse: Browse, town: Town) -> None:
    """ID-18: « Présidente » with "Prénom N.", only if she says so; Jeanne has not."""
    anybody = browse()
    assert "Mathilde R." in anybody.get(verger).text
    assert "Présidente" in anybody.get(verger).text
    assert "Jeanne" not in anybody.get(verger).text
    assert "Roux" not in anybody.get(verger).text
    hers = db.session.scalars(select(Membership).where(Membership.title == "Présidente", Membership.shown)).one()
    hers.introduce("Présidente", False)
    db.session.commit()
    assert "Mathilde" not in anybody.get(verger).text


@pytest.mark.parametrize(
    ("name", "status"), [(None, 303), ("lucas", 403), ("claire", 403), ("jeanne", 200), ("jean", 200)]
)
def test_its_page_is_changed_by_who_runs_it_or_an_agent(
    name: str | None, status: int, verger: str, browse: Browse
) -> None:
    """Matrix 37."""
    assert browse(name).get(f"{verger}/edit").status_code == status
    posted = browse(name).post(verger, data=PAGE).status_code
    assert posted == (303 if status == 200 else 403)
    assert ("on presse le jus" in browse().get(verger).text) == (status == 200)


def test_what_mathilde_writes_is_found_and_shown_with_its_links(verger: str, browse: Browse) -> None:
    assert browse("mathilde").post(verger, data={**PAGE, "name": "Les Amis du grand Verger"}).status_code == 303
    shown = browse().get(verger).text
    assert "Les Amis du grand Verger" in shown
    assert 'href="https://www.verger.example" rel="nofollow noopener ugc"' in shown
    assert "Les Amis du grand Verger" in browse().get("/search/?q=greffer").text
    assert "Les Amis du grand Verger" in browse().get("/").text, "the name on its calls follows"


@pytest.mark.parametrize(
    "typed",
    [
        {"name": ""},
        {"name": "Mairie de Saint-Loup"},
        {"purpose": " "},
        {"website": "javascript:alert(1)"},
        {"website": "https://user@evil.example"},
        {"accounts": "ftp://comptes.example"},
        {"email": "verger"},
        {"theme": "magic"},
    ],
    ids=str,
)
def test_what_cannot_stand_on_a_page_is_refused(typed: dict[str, str], verger: str, browse: Browse) -> None:
    assert browse("mathilde").post(verger, data={**PAGE, **typed}).status_code == 422


def test_an_agent_opens_a_page_and_its_first_manager_is_asked(browse: Browse, town: Town) -> None:
    jean, data = (
        browse("jean"),
        {"sort": ASSOCIATION, "name": "La Chorale du lavoir", "email": "jeanne@saint-loup.example"},
    )
    answer = jean.post("/organisations/new", data={**data, "registration": "W991000999"})
    assert answer.status_code == 303
    assert "La Chorale du lavoir" in browse().get("/associations/").text
    assert "La Chorale du lavoir" in browse("jeanne").get("/organisations/").text
    assert jean.post("/organisations/new", data={**data, "registration": "W991000999"}).status_code == 409
    assert jean.post("/organisations/new", data={**data, "registration": "12"}).status_code == 422
    for name in ("karim", "claire"):
        assert browse(name).post("/organisations/new", data=data).status_code == 403


def test_a_closed_association_is_nowhere_and_its_calls_end(verger: str, browse: Browse, town: Town) -> None:
    orchard().organisation.close(person_named("jean"))
    db.session.commit()
    assert browse().get(verger).status_code == 404
    assert "Les Amis du Verger" not in browse().get("/associations/").text
    assert "Récolte des cerises" not in browse("karim").get("/").text
    kinds = set(
        db.session.scalars(select(Card.thing).where(Card.title.in_(["Les Amis du Verger", "Récolte des cerises"])))
    )
    assert not kinds
    db.session.rollback()


def test_the_directory_goes_on_by_name_whatever_its_length(browse: Browse, town: Town) -> None:
    for number in range(60):
        organisation = Organisation(sort=ASSOCIATION, name=f"Club {number:02}")
        db.session.add(organisation)
        association_of(organisation).purpose = "On joue."
        organisation.show()
    db.session.commit()
    address, seen = "/associations/", []
    while address:
        text = browse().get(address).text
        seen += re.findall(r'class="cover" href="/associations/[\w-]{22}">([^<]+)<', text)
        older = re.search(r'rel="next" href="([^"]+)"', text)
        address = older[1].replace("&amp;", "&") if older else ""
    assert len(seen) == len(set(seen)) == 65
    assert seen == sorted(seen, key=lambda name: name.replace("é", "e").lower())


@pytest.mark.parametrize("address", ["/associations/", "/associations/missions", "page"])
def test_lists_cost_six_queries_and_a_page_ten_whatever_their_length(
    address: str, verger: str, browse: Browse, town: Town
) -> None:
    asked: list[str] = []
    engine = db.session.get_bind()
    address = verger if address == "page" else address
    browser = browse("karim")
    browser.get(address)

    def count(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        assert browser.get(address).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", count)
    limit = 6 if address != verger else 10
    assert len(asked) <= limit, asked


def test_the_page_of_an_organisation_that_has_none_yet_is_made_once(town: Town) -> None:
    organisation = Organisation(sort=ASSOCIATION, name="Les Boulistes")
    db.session.add(organisation)
    organisation.show()
    organisation.show()
    found = db.session.scalars(select(Association).where(Association.organisation_id == organisation.id)).all()
    assert [one.public_id for one in found] == [organisation.public_id]
    db.session.commit()


@pytest.mark.parametrize(
    ("code", "theme"),
    [
        ("006030", "music"),
        ("006070", "culture"),
        ("011180", "sport"),
        ("024000", "nature"),
        ("040510", "other"),
        ("", "other"),
    ],
)
def test_the_register_s_purpose_gives_the_theme(code: str, theme: str) -> None:
    assert theme_of(code) == theme
    assert theme in THEMES


def test_its_calls_are_hidden_with_an_association_and_come_back_with_it(cherries: Call, browse: Browse) -> None:
    lists = ("/search/?q=cueillette+de+juin", "/associations/missions")

    def seen() -> list[bool]:
        db.session.rollback()
        return ["Cueillette de juin" in browse("odile").get(page).text for page in lists]

    assert seen() == [True, True]
    hide(orchard(), DECIDED)
    db.session.commit()
    assert seen() == [False, False]
    report = f"/moderation/report/{cherries.page.rpartition('/')[2]}"
    assert [browse("odile").get(page).status_code for page in (cherries.page, report)] == [404, 404]
    assert list(stale_cards()) == []
    show(orchard())
    db.session.commit()
    assert seen() == [True, True]
