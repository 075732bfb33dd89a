"""Limits: how often one address of the network, or one account, may try something.

A route declares them (`limits=(...)`); they are counted before its view, for all workers together. The counts lie in
one small file beside the registry, under hashed names: neither who nor from where can be read there. When it cannot
be written, what guards codes and passwords stays closed.
"""

import hashlib
import hmac
import ipaddress
import math
import random
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, abort, current_app, request
from flask_babel.speaklater import LazyString
from limits import RateLimitItem, parse_many
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from town.kernel.policy import viewer
from town.kernel.tenancy import current_town, towns

SCHEMA = "CREATE TABLE IF NOT EXISTS tried (key TEXT PRIMARY KEY, times INTEGER, until REAL) STRICT, WITHOUT ROWID"
TRY = """
INSERT INTO tried (key, times, until) VALUES (:key, :amount, :until)
ON CONFLICT (key) DO UPDATE SET
    times = max(0, CASE WHEN tried.until BETWEEN :now AND :until THEN tried.times ELSE 0 END + :amount),
    until = CASE WHEN tried.until BETWEEN :now AND :until THEN tried.until ELSE :until END
RETURNING times
"""
# A count that would last longer than its own window was begun by a clock that ran ahead: it is over too.
SWEEP_ONE_IN = 500


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries for each key: `rates` reads "10 per 5 minutes; 50 per day". An empty key is not counted.

    Routes that share a name share the count. `closed`: nothing passes while tries cannot be counted.
    """

    name: str
    rates: str
    key: Callable[[], str]
    sentence: str | LazyString | None = None
    closed: bool = True

    def items(self) -> list[RateLimitItem]:
        return parse_many(self.rates)


def by_network() -> str:
    """The visitor's address: an IPv4 one, or the /64 that a household or a phone gets."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.IPv6Network((address, 64), strict=False))
    return str(address)


def by_person() -> str:
    """Whoever is signed in."""
    return str(viewer().actor_key) if viewer().signed_in else ""


class Counts(Storage):
    """The counts in a file that all workers share. Losing it in a power cut costs nothing, so it is never synced."""

    STORAGE_SCHEME = ["town"]

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file
        self._local = threading.local()

    @property
    def base_exceptions(self) -> type[Exception]:
        return sqlite3.Error

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            if not self.file.exists():
                self.file.touch(mode=0o600)
            connection = sqlite3.connect(self.file, timeout=2, isolation_level=None)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute(SCHEMA)
            self._local.connection = connection
        return connection

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = time.time()
        if random.randrange(SWEEP_ONE_IN) == 0:
            self._connection().execute("DELETE FROM tried WHERE until <= ?", (now,))
        found = {"key": key, "amount": amount, "until": now + expiry, "now": now}
        return int(self._connection().execute(TRY, found).fetchone()[0])

    def get(self, key: str) -> int:
        row = self._row(key)
        return row[0] if row else 0

    def get_expiry(self, key: str) -> float:
        row = self._row(key)
        return row[1] if row else time.time()

    def _row(self, key: str) -> tuple[int, float] | None:
        select = "SELECT times, until FROM tried WHERE key = ? AND until > ?"
        row: tuple[int, float] | None = self._connection().execute(select, (key, time.time())).fetchone()
        return row

    def check(self) -> bool:
        return bool(self._connection().execute("SELECT 1").fetchone())

    def reset(self) -> int:
        return self._connection().execute("DELETE FROM tried").rowcount

    def clear(self, key: str) -> None:
        self._connection().execute("DELETE FROM tried WHERE key = ?", (key,))


def init_app(app: Flask) -> None:
    app.extensions["limits"] = FixedWindowRateLimiter(Counts(app.extensions["towns"].instance / "limits.sqlite"))


def check_limits() -> None:
    """Before the view: every limit that the route declares takes one try off."""
    from town.kernel.features import route_of

    route = route_of(request.endpoint)
    if route is None or request.method == "OPTIONS":
        return
    for limit in route.limits:
        spend(limit)


def spend(limit: Limit) -> None:
    """Count one try, or answer 429 and say when to come back."""
    for item, names in _counted(limit):
        try:
            free = _limiter().hit(item, *names)
            seconds = 0 if free else math.ceil(_limiter().get_window_stats(item, *names).reset_time - time.time())
        except (sqlite3.Error, OSError):
            current_app.logger.exception("tries cannot be counted")
            if limit.closed:
                from town.kernel.web import unavailable

                abort(unavailable())
            return
        if not free:
            raise TooManyRequests(str(limit.sentence) if limit.sentence else None, retry_after=max(1, seconds))


def give_back(limit: Limit) -> None:
    """Take a try back that turned out not to be a guess: the right password, a form to be corrected."""
    for item, names in _counted(limit):
        try:
            _limiter().hit(item, *names, cost=-1)
        except (sqlite3.Error, OSError):
            current_app.logger.exception("a try cannot be given back")


def _limiter() -> FixedWindowRateLimiter:
    limiter: FixedWindowRateLimiter = current_app.extensions["limits"]
    return limiter


def _counted(limit: Limit) -> list[tuple[RateLimitItem, tuple[str, str]]]:
    key = limit.key() if towns().settings.rate_limits == "on" else ""
    if not key:
        return []
    pepper = f"{towns().settings.key()}:{current_town().uid}".encode()
    hidden = hmac.new(pepper, f"{limit.name}:{key}".encode(), hashlib.sha256).hexdigest()
    return [(item, (current_town().slug, hidden)) for item in limit.items()]
