"""Fifty neighbours want the same ladder on the same days, over real HTTP, at once."""

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from threading import Barrier, Thread
from typing import NamedTuple
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select
from waitress.server import create_server

from town.blueprints.lending.models import Item, Loan
from town.commons.bookings import Booking
from town.commons.people.models import Account, Person, SessionRow
from town.commons.people.sessions import IDLE, token_hash
from town.commons.places.models import Address
from town.kernel.db import db, now
from town.kernel.registry import Town
from town.kernel.web import TownApp

CROWD = 50


class Neighbour(NamedTuple):
    name: str
    cookie: str
    csrf: str


@pytest.fixture
def crowd(app: TownApp, town: Town) -> list[Neighbour]:
    """Fifty certified neighbours, each signed in on a phone of their own."""
    key = app.extensions["towns"].settings.key().encode()
    address = db.session.scalar(select(Address).limit(1))
    neighbours = []
    for number in range(CROWD):
        person = Person(first_name=f"Voisin{number}", last_name="Untel", address=address)
        person.certified_at, person.certified_until, person.certified_how = now(), now() + IDLE, "postcard"
        account = Account(person=person, email=f"v{number}@saint-loup.example", fs_uniquifier=secrets.token_hex(8))
        db.session.add(account)
        db.session.flush()
        token = secrets.token_urlsafe(32)
        data = f'{{"account_id": {account.id}}}'
        row = SessionRow(token_hash=token_hash(token), account_id=account.id, data=data, expires_at=now() + IDLE)
        db.session.add(row)
        secret = hashlib.sha256(token.encode()).hexdigest()
        csrf = hmac.new(key, f"csrf:{secret}".encode(), hashlib.sha256).hexdigest()
        neighbours.append(Neighbour(person.first_name, f"s={token}", csrf))
    db.session.commit()
    return neighbours


@pytest.fixture
def port(app: TownApp) -> Iterator[int]:
    """The town on a real server."""
    server = create_server(app, host="127.0.0.1", port=0, threads=8, connection_limit=200)
    serving = Thread(target=server.run, daemon=True)
    serving.start()
    yield int(server.effective_port)
    server.close()
    server.task_dispatcher.shutdown()
    serving.join(10)


def test_of_fifty_at_once_one_gets_the_ladder_and_49_read_so(
    ladder: Item, crowd: list[Neighbour], port: int, town: Town
) -> None:
    address, item_id = f"/lending/items/{ladder.public_id}/loans", ladder.id
    db.session.rollback()
    start = Barrier(CROWD)

    def ask(neighbour: Neighbour) -> tuple[int, str]:
        body = {
            "starts": "2026-06-20",
            "ends": "2026-06-21",
            "message": f"Un mot de {neighbour.name}.",
            "_csrf": neighbour.csrf,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": neighbour.cookie}
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        start.wait(60)
        connection.request("POST", address, urlencode(body), headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        if answer.status == 409:
            assert "Quelqu’un a été plus rapide" in text
            assert f"Un mot de {neighbour.name}." in text
        return answer.status, answer.headers.get("Location", "")

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
        body = {"starts": "2026-06-20", "ends": "2026-06-21", "_csrf": me.csrf, "_key": "the-key-of-one-page"}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": me.cookie}
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        start.wait(60)
        connection.request("POST", address, urlencode(body), headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, answer.headers.get("Location", "")

    with ThreadPoolExecutor(30) as fingers:
        answers = set(fingers.map(tap, range(30)))

    assert len(answers) == 1
    assert answers.pop()[0] == 303
    assert db.session.scalar(select(func.count()).select_from(Loan).where(Loan.item_id == item_id)) == 1
