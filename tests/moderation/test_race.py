"""Two reports at the same moment count each other, on both engines."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import func, select

from town.blueprints.lending.models import Item
from town.commons.board import CERTIFIED, Card
from town.commons.holds import Hold
from town.commons.moderation import Case, Report
from town.commons.people.models import Person
from town.kernel.db import db, now
from town.kernel.tenancy import enter
from town.kernel.web import TownApp


def test_two_neighbours_report_at_once_and_it_is_hidden_once(trial: TownApp) -> None:
    with enter(trial, "a"):
        people = [Person(first_name=f"Voisin{number}", last_name="Untel") for number in range(3)]
        for person in people:
            person.certified_at, person.certified_until, person.certified_how = now(), now().replace(year=2199), "desk"
        db.session.add_all(people)
        item = Item(owner=people[0], title="Perceuse")
        item.offer()
        db.session.commit()
        public_id, reporters = item.public_id, [person.id for person in people[1:]]
    start = Barrier(2)

    def tell(person_id: int) -> None:
        with enter(trial, "a"):
            card = db.session.scalars(select(Card).where(Card.public_id == public_id)).one()
            assert card.visible_to == CERTIFIED
            person = db.session.get(Person, person_id)
            db.session.rollback()
            start.wait(30)
            card = db.session.scalars(select(Card).where(Card.public_id == public_id)).one()
            person = db.session.get(Person, person_id)
            Case.report(card, person, "privacy", "On y lit une adresse.")
            db.session.commit()

    with ThreadPoolExecutor(2) as phones:
        list(phones.map(tell, reporters))

    with enter(trial, "a"):
        assert db.session.scalar(select(func.count()).select_from(Report)) == 2
        assert db.session.scalar(select(func.count()).select_from(Case)) == 1
        assert db.session.scalar(select(func.count()).select_from(Hold)) == 1
        assert db.session.scalars(select(Card.hidden_at).where(Card.public_id == public_id)).one() is not None
        db.session.rollback()
