"""Receipts: a resend, a double tap or a lost answer is one thing.

A creating form carries a key. With the thing, in the same transaction, the town keeps which key of which actor led
where; the same key again is answered with that place instead of making the thing twice.
"""

import hashlib
import json
from datetime import datetime
from typing import Any

from flask import g, request
from flask_babel import lazy_gettext as _l
from sqlalchemy import PrimaryKeyConstraint, String, delete, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, mapped_column

from town.kernel.db import Base, Moment, db, now
from town.kernel.inventory import not_mine
from town.kernel.policy import viewer
from town.kernel.retention import Span, forgets
from town.kernel.signals import person_erased

KEY_FIELD = "_key"
UNHASHED = frozenset({KEY_FIELD, "_csrf", "_form"})


class Receipt(Base):
    """What one key of one actor led to: an endpoint and its values, not bytes."""

    __tablename__ = "receipt"
    __table_args__ = (PrimaryKeyConstraint("actor", "key"),)

    id = None  # type: ignore[assignment]  # the key is (actor, key)
    actor: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(String(64))
    endpoint: Mapped[str]
    place: Mapped[str]
    at: Mapped[Moment]

    @property
    def values(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.place)
        return found


def request_key() -> str | None:
    """The one-use key of this request: the outbox sends a header, a page its hidden field."""
    key = request.headers.get("Idempotency-Key") or request.form.get(KEY_FIELD)
    return key[:64] if key else None


def body_hash() -> str:
    """A hash of the address, the sorted fields and the files' bytes: the same gesture gives the same hash."""
    digest = hashlib.sha256(request.path.encode())
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in UNHASHED]
    digest.update(json.dumps(sorted(fields), ensure_ascii=True).encode())
    for name, file in sorted(request.files.items(multi=True), key=lambda pair: pair[0]):
        digest.update(name.encode())
        digest.update(hashlib.file_digest(file.stream, "sha256").digest())  # type: ignore[arg-type]  # a spooled file is one
        file.stream.seek(0)
    return digest.hexdigest()


def earlier() -> tuple[Receipt, bool] | None:
    """The receipt of this request's key, if any, and whether the body was the same."""
    key = request_key()
    if key is None:
        return None
    found = db.session.get(Receipt, (viewer().actor_key, key))
    return (found, found.body == g.body_hash) if found else None


def keep(endpoint: str, values: dict[str, Any]) -> bool:
    """Keep the receipt of this request. False when the same key was kept meanwhile, by the same gesture sent twice."""
    key = request_key()
    if key is None or not hasattr(g, "body_hash"):
        return True
    insert = postgres_insert if db.session.get_bind().dialect.name == "postgresql" else sqlite_insert
    row = {
        "actor": viewer().actor_key,
        "key": key,
        "body": g.body_hash,
        "endpoint": endpoint,
        "place": json.dumps(values),
        "at": now(),
    }
    done = db.session.execute(insert(Receipt).values(**row).on_conflict_do_nothing().returning(Receipt.key)).first()
    return done is not None


@forgets(
    "kernel.receipts",
    what=_l("That a form was sent, and where it led"),
    why=_l("So that a form sent twice, by a double tap or a bad network, does one thing"),
    then=_l("It is erased"),
    lasts=Span(days=180),
    rows=lambda: select(Receipt.key),
    over=lambda limit: Receipt.at < limit,
    guarded=False,
)
def forget_old_receipts(limit: datetime) -> None:
    """An outbox item is at most some months old: then its key may be forgotten."""
    db.session.execute(delete(Receipt).where(Receipt.at < limit))


@person_erased.connect
def forget_theirs(person: Any, **_: Any) -> None:
    db.session.execute(delete(Receipt).where(Receipt.actor == f"person:{person.id}"))


not_mine(Receipt.actor, "the thing that was sent is in the copy; this only recognises the form")
