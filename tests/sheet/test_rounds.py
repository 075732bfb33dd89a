"""TH-12: who cannot be told is said street by street, and paper goes there."""

import re

from sqlalchemy import select

from tests.cast import person_named
from tests.conftest import Browse
from tests.sheet.reading import nothing_runs_off, pages_of
from tests.townhall.conftest import statements
from town.blueprints.sheet.composing import MARGIN
from town.blueprints.sheet.queries import Stretch, stretches
from town.blueprints.sheet.roundlist import Heading, draw_round
from town.commons.board import Card
from town.commons.notices.reach import reach_of
from town.commons.people.models import Account, Person
from town.commons.places.concerns import Concerns
from town.commons.places.models import Address, Street
from town.demo import DEMO_SLUG
from town.kernel.db import db
from town.kernel.registry import Town
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

TO_THE_ROUND = '<a class="cover" href="/desk/round"'
WATER = "Eau coupée demain, rue des Tanneries"


def water(app: TownApp) -> str:
    """The address of the notice of the demo town that concerns one street."""
    with enter(app, DEMO_SLUG):
        return db.session.scalars(select(Card.public_id).where(Card.title == WATER)).one()


def street(name: str) -> Concerns:
    return Concerns(streets=(db.session.scalars(select(Street.id).where(Street.name == name)).one(),))


def test_the_streets_add_up_to_the_households_that_nobody_can_tell(town: Town) -> None:
    for concerns in (Concerns(), street("Rue des Tanneries")):
        reach, found = reach_of(concerns), stretches(concerns, numbers=True)
        assert sum(stretch.boxes for stretch in found) == reach.untold
        assert all(0 < stretch.boxes <= stretch.households for stretch in found)
        assert all(len(stretch.numbers) <= stretch.boxes for stretch in found)
    assert [(stretch.street, stretch.boxes, stretch.households) for stretch in found] == [("Rue des Tanneries", 37, 40)]


def test_a_neighbour_with_an_account_takes_their_door_off_the_list(town: Town) -> None:
    odile = person_named("odile").address
    assert odile is not None
    (before,) = stretches(street("Rue des Tanneries"), numbers=True)
    assert str(odile.number) not in before.numbers
    door = db.session.scalars(select(Address).where(Address.street_id == odile.street_id, Address.number == 2)).one()
    assert "2" in before.numbers
    silent = Person(first_name="Léon", last_name="Rault", address=door)
    db.session.add(silent)
    db.session.flush()
    assert "2" in stretches(street("Rue des Tanneries"), numbers=True)[0].numbers, "he has no account"
    silent.account = Account(email=None, fs_uniquifier="léon", active=True)
    db.session.flush()
    (after,) = stretches(street("Rue des Tanneries"), numbers=True)
    assert "2" not in after.numbers
    assert after.boxes == before.boxes - 1
    db.session.rollback()


def test_the_notice_says_how_many_sheets_and_leads_to_its_streets(app: TownApp, browse: Browse) -> None:
    public_id, jean = water(app), browse("jean")
    page = jean.get(f"/town-hall/notices/{public_id}").text
    assert "Feuilles à distribuer" in page
    assert re.search(rf'href="/desk/round/{public_id}">37\s+boîtes', page)
    assert "Feuilles à distribuer" not in browse("karim").get(f"/town-hall/notices/{public_id}").text
    text = jean.get(f"/desk/round/{public_id}").text
    assert "37 feuilles à distribuer" in text.replace("\u00a0", " ").replace("\u202f", " ")
    assert "Rue des Tanneries" in text
    assert "Grande Rue" not in text


def test_the_list_names_streets_and_doors_and_nobody(app: TownApp, browse: Browse) -> None:
    public_id, jean = water(app), browse("jean")
    plain = pages_of(jean.get("/desk/round.pdf", query_string={"notice": public_id}).data)
    (doors,) = pages_of(jean.get("/desk/round.pdf", query_string={"notice": public_id, "numbers": 1}).data)
    assert len(plain) == 1
    assert "Rue des Tanneries" in plain[0]
    assert " 37" in plain[0]
    assert "2, 3" not in plain[0]
    assert re.search(r"\b2, 3\b", doors) or re.search(r"\b2, 4\b", doors)
    town = " ".join(pages_of(jean.get("/desk/round.pdf?numbers=1").data))
    with enter(app, DEMO_SLUG):
        people = db.session.scalars(select(Person)).all()
        names = {person.last_name for person in people if len(person.last_name) > 3}
    assert not [name for name in names if name in doors or name in town]


def test_a_town_with_many_streets_fills_several_pages_and_loses_none(town: Town) -> None:
    numbers = tuple(f"{n}\u00a0bis" for n in range(1, 150))
    names = [f"Rue {'très ' * (n % 20)}longue {n}" for n in range(120)]
    found = [Stretch(f"Quartier {n // 9}", name, n, 200, numbers[:n]) for n, name in enumerate(names) if n]
    heading = Heading("Saint-Loup", "Tournée du vendredi 19 juin", "La feuille de la semaine", "x " * 300, "7 boîtes")
    paper = draw_round(heading, found)
    nothing_runs_off(paper, MARGIN)
    pages = pages_of(paper.file())
    assert len(pages) > 5
    said = " ".join(pages)
    assert all(f"longue {n} " in f"{said} " for n in range(1, 120))


def test_a_round_is_marked_once_and_leaves_the_morning(app: TownApp, browse: Browse) -> None:
    jean, public_id = browse("jean"), water(app)

    def waiting() -> int:
        found = re.search(r'>(\d+)</span><div class="grow"><h2 class="h3">' + TO_THE_ROUND, jean.get("/desk/").text)
        return int(found[1]) if found else 0

    before = waiting()
    assert before > 1
    assert jean.post(f"/desk/round/{public_id}").status_code == 303
    assert waiting() == before - 1
    page = jean.get(f"/desk/round/{public_id}").text
    assert "37" in page
    assert "C’est distribué" not in page
    again = browse("claire").post(f"/desk/round/{public_id}")
    assert again.status_code == 409
    assert "déjà notée comme faite" in again.text
    assert jean.post("/desk/round").status_code == 303
    assert waiting() == 0, "the weekly sheet brings all that was published before it"


def test_where_everybody_can_be_told_no_paper_waits(app: TownApp, browse: Browse) -> None:
    with enter(app, DEMO_SLUG):
        reached = select(Person.address_id).join(Account).where(Person.address_id.is_not(None))
        for door in db.session.scalars(select(Address).where(Address.id.not_in(reached))):
            person = Person(first_name="Anne", last_name="Onyme", address=door)
            person.account = Account(email=None, fs_uniquifier=f"door {door.id}", active=True)
            db.session.add(person)
        db.session.commit()
    jean = browse("jean")
    assert TO_THE_ROUND not in jean.get("/desk/").text
    assert "Chaque foyer peut être prévenu" in jean.get("/desk/round").text


def test_a_round_is_the_town_halls_business(app: TownApp, browse: Browse) -> None:
    public_id = water(app)
    for address in ("/desk/round", f"/desk/round/{public_id}", "/desk/round.pdf"):
        assert browse("karim").get(address).status_code == 403
        assert browse().get(address).location.startswith("/login")
    assert browse("karim").post("/desk/round").status_code == 403
    assert browse("jean").get("/desk/round/AAAAAAAAAAAAAAAAAAAAAA").status_code == 404
    with enter(app, DEMO_SLUG):
        lent = db.session.scalars(select(Card.public_id).where(Card.kind == "lend")).first()
    assert browse("jean").get(f"/desk/round/{lent}").status_code == 404, "a neighbour's thing is no notice"


def test_the_pages_of_paper_ask_as_few_questions_in_a_large_town(app: TownApp, browse: Browse) -> None:
    jean, public_id = browse("jean"), water(app)
    for address, most in (("/sheet/", 5), ("/desk/sheet", 5), ("/desk/round", 5), (f"/desk/round/{public_id}", 5)):
        jean.get(address)
        with statements(app) as asked:
            assert jean.get(address).status_code == 200
        assert len(asked) <= most, "\n".join(asked)
    with statements(app) as asked:
        jean.get("/desk/round.pdf?numbers=1")
    assert len(asked) <= 5, "\n".join(asked)
