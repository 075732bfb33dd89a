"""Two managers leave an association, or take each other off, at once: one of them is left, on both engines."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from threading import Barrier

import pytest
from sqlalchemy import select

from town.commons.people.models import Person
from town.commons.people.organisations import ASSOCIATION, HELPER, MANAGER, LastManager, Membership, Organisation, team
from town.kernel.db import db
from town.kernel.tenancy import enter
from town.kernel.web import TownApp


@pytest.mark.parametrize("whom", [(0, 1), (1, 0)], ids=["each leaves", "each takes the other off"])
def test_one_manager_is_left(trial: TownApp, whom: tuple[int, int]) -> None:
    with enter(trial, "a"):
        club = Organisation(sort=ASSOCIATION, name="Les Amis du lavoir")
        people = [Person(first_name=f"Voisin{number}", last_name="Untel") for number in range(3)]
        db.session.add_all([club, *people])
        duties = [club.welcome(p, duty, None) for p, duty in zip(people, (MANAGER, MANAGER, HELPER), strict=True)]
        db.session.commit()
        number, actors, ends = club.id, [p.id for p in people[:2]], [duties[one].id for one in whom]
    start = Barrier(2)

    def end(actor: int, duty: int) -> str:
        with enter(trial, "a"):
            start.wait(30)
            by = db.session.scalars(select(Person).where(Person.id == actor)).one()
            try:
                db.session.scalars(select(Membership).where(Membership.id == duty)).one().end(by)
                db.session.commit()
            except LastManager:
                db.session.rollback()
                return "refused"
            return "ended"

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda pair: Context().run(end, *pair), zip(actors, ends, strict=True)))
    assert sorted(done) == ["ended", "refused"]
    with enter(trial, "a"):
        assert [duty.duty for duty in db.session.scalars(team(number))] == [MANAGER, HELPER]
        db.session.rollback()
