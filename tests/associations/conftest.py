"""The orchard looks for arms, on a Thursday in June."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

import pytest
import time_machine
from sqlalchemy import select

from tests.cast import person_named
from town.blueprints.associations.models import Association, Mission, Needed
from town.commons.people.organisations import Organisation
from town.commons.signups import Slot, slots_of
from town.demo import DEMO_SLUG
from town.kernel.db import db
from town.kernel.jobs import run_due
from town.kernel.registry import Town
from town.kernel.web import TownApp

THURSDAY = datetime(2026, 6, 18, 7, 0, tzinfo=UTC)  # 9 h in Saint-Loup
SATURDAY = date(2026, 6, 20)


class Call(NamedTuple):
    """A mission as browsers know it: its page, its slots by public id, and its association."""

    page: str
    slots: list[str]
    association: str


@pytest.fixture(autouse=True)
def clock(filled_instance: object) -> Iterator[time_machine.Traveller]:
    """`clock.move_to(...)` and `clock.shift(...)`. The demo town was opened before, in its own time."""
    with time_machine.travel(THURSDAY, tick=False) as travelling:
        yield travelling


def needed(start: int, end: int, seats: int, words: str = "") -> Needed:
    at = datetime.combine(SATURDAY, time(), UTC)
    return Needed(at + timedelta(hours=start - 2), at + timedelta(hours=end - 2), seats, words)


def orchard() -> Association:
    """Les Amis du Verger: Mathilde runs it, Jeanne helps."""
    found = select(Association).join(Organisation).where(Organisation.name == "Les Amis du Verger")
    return db.session.scalars(found).one()


def call_of(mission: Mission) -> Call:
    """Commit what was made, and let go of the lock."""
    slots = [slot.public_id for slot in db.session.scalars(slots_of(mission))]
    found = Call(f"/associations/missions/{mission.public_id}", slots, mission.association.public_id)
    db.session.commit()
    return found


@pytest.fixture
def cherries(town: Town) -> Call:
    """Two places from 9 h to 11 h, one from 11 h to 13 h."""
    mission = Mission(
        association=orchard(), title="Cueillette de juin", task="On cueille.", meeting_point="Portail bleu"
    )
    mission.call(person_named("mathilde"), [needed(9, 11, 2, "Cueillette"), needed(11, 13, 1, "Tri")])
    return call_of(mission)


@pytest.fixture
def work(app: TownApp, town: Town) -> Callable[[], int]:
    """The worker looks after the town: what was changed is committed before, and read again after."""

    def once() -> int:
        db.session.commit()
        done = run_due(app, DEMO_SLUG)
        db.session.expire_all()
        return done

    return once


def slot(public_id: str) -> Slot:
    return db.session.scalars(select(Slot).where(Slot.public_id == public_id)).one()
