"""Fifty neighbours want to pick cherries, seven are needed: over real HTTP, at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from tests.associations.conftest import Call, call_of, needed, orchard, slot
from tests.cast import person_named
from tests.crowd import CROWD, Neighbour, gather, served
from town.blueprints.associations.models import Mission
from town.commons.signups import COMING, WAITING, Signup
from town.kernel.db import db
from town.kernel.registry import Town
from town.kernel.web import TownApp


@pytest.fixture
def crowd(app: TownApp, town: Town) -> list[Neighbour]:
    return gather(app)


@pytest.fixture
def port(app: TownApp) -> Iterator[int]:
    with served(app) as number:
        yield number


@pytest.fixture
def seven(town: Town) -> Call:
    mission = Mission(association=orchard(), title="Cueillette", task="On cueille.", meeting_point="Portail bleu")
    mission.call(person_named("mathilde"), [needed(9, 11, 7)])
    return call_of(mission)


def test_of_fifty_at_once_exactly_seven_come_and_everybody_knows_where_they_stand(
    seven: Call, crowd: list[Neighbour], port: int, town: Town
) -> None:
    """AS-02: over-subscription impossible (parallel test)."""
    start = Barrier(CROWD)

    def come(neighbour: Neighbour) -> int:
        start.wait(60)
        return neighbour.post(port, f"{seven.page}/signups", slot=seven.slots[0])[0]

    with ThreadPoolExecutor(CROWD) as phones:
        assert list(phones.map(come, crowd)) == [303] * CROWD
    signups = slot(seven.slots[0]).signups
    assert sorted(signup.state for signup in signups) == [COMING] * 7 + [WAITING] * 43
    assert sorted(signup.seat for signup in signups if signup.seat) == list(range(1, 8))


def test_one_neighbour_who_taps_thirty_times_has_one_place(
    seven: Call, crowd: list[Neighbour], port: int, town: Town
) -> None:
    start, me = Barrier(30), crowd[0]

    def tap(_: int) -> int:
        start.wait(60)
        return me.post(port, f"{seven.page}/signups", slot=seven.slots[0], _key="the-key-of-one-page")[0]

    with ThreadPoolExecutor(30) as fingers:
        assert set(fingers.map(tap, range(30))) == {303}
    assert len(slot(seven.slots[0]).signups) == 1
    db.session.rollback()
    assert len(list(db.session.scalars(select(Signup).where(Signup.slot_id == slot(seven.slots[0]).id)))) == 1
