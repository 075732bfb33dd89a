"""Fifty neighbours, each with a phone, and the town on a real server: for what happens when all tap at once."""

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from threading import Thread
from typing import NamedTuple
from urllib.parse import urlencode

from sqlalchemy import select
from waitress.server import create_server

from town.commons.people.models import Account, Person, SessionRow
from town.commons.people.sessions import IDLE, token_hash
from town.commons.places.models import Address
from town.kernel.db import db, now
from town.kernel.web import TownApp

CROWD = 50


class Neighbour(NamedTuple):
    """Somebody signed in on a phone of their own."""

    name: str
    cookie: str
    csrf: str

    def post(self, port: int, address: str, **fields: str) -> tuple[int, str, str]:
        """Over HTTP: the status, where it leads, and the page."""
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": self.cookie}
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("POST", address, urlencode({"_csrf": self.csrf, **fields}), headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, answer.headers.get("Location", ""), text


def gather(app: TownApp) -> list[Neighbour]:
    """Fifty certified neighbours of the town that is open, committed."""
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


@contextmanager
def served(app: TownApp) -> Iterator[int]:
    """The town on a real server; the port."""
    server = create_server(app, host="127.0.0.1", port=0, threads=8, connection_limit=200)
    serving = Thread(target=server.run, daemon=True)
    serving.start()
    yield int(server.effective_port)
    server.close()
    server.task_dispatcher.shutdown()
    serving.join(10)
