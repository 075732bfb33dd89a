"""Fifty neighbours want the same ladder on the same days, over real HTTP, at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from tests.crowd import CROWD, Neighbour, gather, served
from town.blueprints.lending.models import Item, Loan
from town.commons.bookings import Booking
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


def test_of_fifty_at_once_one_gets_the_ladder_and_49_read_so(
    ladder: Item, crowd: list[Neighbour], port: int, town: Town
) -> None:
    address, item_id = f"/lending/items/{ladder.public_id}/loans", ladder.id
    db.session.rollback()
    start = Barrier(CROWD)

    def ask(neighbour: Neighbour) -> tuple[int, str]:
        start.wait(60)
        word = f"Un mot de {neighbour.name}."
        status, location, text = neighbour.post(port, address, starts="2026-06-20", ends="2026-06-21", message=word)
        if status == 409:
            assert "Quelqu’un a été plus rapide" in text
            assert word in text
        return status, location

    with ThreadPoolExecutor(CROWD) as phones:
        answers = list(phones.map(ask, crowd))

    assert sorted(status for status, _ in answers) == [303] + [409] * 49
    assert sum("/lending/loans/" in location for _, location in answers) == 1
    assert db.session.scalar(select(func.count()).select_from(Loan).where(Loan.item_id == item_id)) == 1
    booked = (
        select(func.count()).select_from(Booking).where(Booking.thing == "lending_item", Booking.thing_id == item_id)
    )
    assert db.session.scalar(booked) == 1


def test_one_neighbour_who_taps_thirty_times_has_one_loan(
    ladder: Item, crowd: list[Neighbour], port: int, town: Town
) -> None:
    address, item_id = f"/lending/items/{ladder.public_id}/loans", ladder.id
    db.session.rollback()
    start, me = Barrier(30), crowd[0]

    def tap(_: int) -> tuple[int, str]:
        start.wait(60)
        fields = {"starts": "2026-06-20", "ends": "2026-06-21", "_key": "the-key-of-one-page"}
        return me.post(port, address, **fields)[:2]

    with ThreadPoolExecutor(30) as fingers:
        answers = set(fingers.map(tap, range(30)))

    assert len(answers) == 1
    assert answers.pop()[0] == 303
    assert db.session.scalar(select(func.count()).select_from(Loan).where(Loan.item_id == item_id)) == 1
