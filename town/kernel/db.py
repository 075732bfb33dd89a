"""The database of the current town: base class, column types, transactions and the verbs' endings."""

import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar, cast

from flask import abort, g, has_app_context
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import DateTime, Dialect, Engine, MetaData, Select, String, TypeDecorator, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from town.kernel.refusals import Refused


def now() -> datetime:
    """The present moment, in UTC. Tests move it with time-machine."""
    return datetime.now(UTC)


def new_public_id() -> str:
    """128 random bits in 22 characters that fit into an address."""
    return secrets.token_urlsafe(16)


class UTCDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, naive UTC in SQLite (which has no time zones), `timestamptz` in PostgreSQL."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored moment must say its time zone")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


Moment = Annotated[datetime, mapped_column(UTCDateTime())]
"""Write `at: Mapped[Moment]` or `at: Mapped[Moment | None]`."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """A row of the town's file. Its integer key stays inside; addresses carry a public id."""

    metadata = MetaData(naming_convention=NAMING)

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-100)


class PublicId:
    """A thing that has an address of its own."""

    public_id: Mapped[str] = mapped_column(String(22), default=new_public_id, unique=True, sort_order=-90)


_writing: ContextVar[bool] = ContextVar("town_writing", default=True)


def writing() -> bool:
    """Whether a transaction begun now takes the write lock at once (commands and jobs do, GET requests do not)."""
    return _writing.get()


@contextmanager
def _meanwhile(variable: ContextVar[Any], value: object) -> Iterator[None]:
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)


def reading_only() -> AbstractContextManager[None]:
    """Transactions begun inside read a snapshot and never wait for a writer."""
    return _meanwhile(_writing, False)


def set_writing(value: bool) -> None:
    """Choose for the rest of this context; a request does it once, before its first query."""
    _writing.set(value)


_hurry: ContextVar[float | None] = ContextVar("town_hurry", default=None)


def hurrying(seconds: float) -> AbstractContextManager[None]:
    """What is written inside is given up, as a busy file, where it would have to wait longer for its turn."""
    return _meanwhile(_hurry, seconds)


def patience(usual: float) -> float:
    """Seconds that a writer waits now, who usually waits so long."""
    hurry = _hurry.get()
    return usual if hurry is None else min(hurry, usual)


_at_most: ContextVar[float | None] = ContextVar("town_query_seconds", default=None)


def query_seconds() -> float | None:
    """How long one query may work before it is broken off; None outside requests."""
    return _at_most.get()


def set_query_seconds(seconds: float | None) -> None:
    _at_most.set(seconds)


class NoTown(RuntimeError):
    """Something asked for the database outside any town."""


class TownSession(FlaskSession):
    """The session of one municipality. It refuses to work for none, or to change towns half-way."""

    def get_bind(self, mapper: Any = None, clause: Any = None, bind: Any = None, **kwargs: Any) -> Engine:
        if not has_app_context() or g.get("engine") is None:
            raise NoTown("no town is open here")
        if self.info.setdefault("engine", g.engine) is not g.engine:
            raise NoTown("this session belongs to another town")
        return cast(Engine, g.engine)


db = SQLAlchemy(session_options={"class_": TownSession}, disable_autonaming=True, metadata=Base.metadata)


@event.listens_for(TownSession, "before_flush")
def _refuse_to_write_while_reading(session: TownSession, *_: object) -> None:
    if not writing() and (session.new or session.dirty or session.deleted):
        raise RuntimeError("a GET request changes something: declare it with writes=True")


def holding_the_lock() -> bool:
    """Whether this town's single writer is us, right now."""
    return writing() and has_app_context() and g.get("engine") is not None and db.session().in_transaction()


class SlowWorkInsideTheLock(RuntimeError):
    """Decoding, hashing or the network while every other writer of the town waits."""


def guard_slow(what: str) -> None:
    """Call before slow work. One slow decode inside the write lock held a whole town for 5 s."""
    if holding_the_lock():
        raise SlowWorkInsideTheLock(f"{what} while holding the write lock: do it before the verb, or call let_go()")


def let_go() -> None:
    """End the transaction that only read, so that slow work may follow. What a verb decides on is read again after."""
    session = db.session()
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("let_go() would lose changes")
    session.rollback()


def flush(lost: type[Refused] | None = None) -> None:
    """End a verb: send it to the database. A promise that the database keeps is the refusal `lost` when it breaks."""
    if lost is None:
        db.session.flush()
        return
    try:
        db.session.flush()
    except IntegrityError as broken:
        db.session.rollback()
        raise lost from broken


T = TypeVar("T")


def get_or_404(found: Select[T], **by: object) -> T:
    """The one record of `found` with these values; whoever may not see it learns only that there is nothing here."""
    for value in by.values():
        if isinstance(value, str) and "\x00" in value:
            abort(404)  # PostgreSQL refuses NUL in text: nothing can be called that
    # Of the thing asked for, not of whatever the query joins to it.
    model = found.column_descriptions[0]["entity"]
    wanted = [getattr(model, name) == value for name, value in by.items()]
    record = db.session.scalars(found.where(*wanted).limit(1)).first()
    if record is None:
        abort(404)
    return record
