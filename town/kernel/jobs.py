"""Jobs: work promised in a business transaction and done after it, at least once.

`enqueue()` writes a row beside what it is about; a worker leases it, does it and deletes it. A worker that dies leaves
a lease that runs out. So every handler must be able to run twice.
"""

import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import JSON, Index, String, and_, event, or_, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, mapped_column

from town.kernel import disk
from town.kernel.db import Base, Moment, TownSession, db, now
from town.kernel.tenancy import current_town, enter, towns

Handler = Callable[[dict[str, Any]], None]

LEASE = timedelta(seconds=60)
ATTEMPTS = 8
LONGEST_PAUSE = 3600
_handlers: dict[str, Handler] = {}
_attempts: dict[str, int] = {}
_nightly: list[Callable[[], None]] = []


class WorkerDied(RuntimeError):
    """Whoever did this job was gone before its end, each time."""


class Job(Base):
    """Work to be done. `failed_at` marks the dead letters, kept for somebody to read."""

    __tablename__ = "job"
    __table_args__ = (
        Index(
            "ix_job_due", "run_at", sqlite_where=text("failed_at IS NULL"), postgresql_where=text("failed_at IS NULL")
        ),
        # Never a number twice: a handler that takes back its own promise and makes another would see that one deleted.
        {"sqlite_autoincrement": True},
    )

    name: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    key: Mapped[str | None] = mapped_column(String(120), unique=True)
    run_at: Mapped[Moment]
    leased_until: Mapped[Moment | None]
    attempts: Mapped[int] = mapped_column(default=0)
    failed_at: Mapped[Moment | None]
    error: Mapped[str | None]


def job(name: str, *, attempts: int = ATTEMPTS) -> Callable[[Handler], Handler]:
    """Declare the handler of jobs of that name, and how often it is tried before the job is a dead letter."""

    def declare(handler: Handler) -> Handler:
        _handlers[name] = handler
        _attempts[name] = attempts
        return handler

    return declare


def enqueue(name: str, payload: dict[str, Any], *, at: datetime | None = None, key: str | None = None) -> None:
    """Promise work in the current transaction. With a `key`, a promise that already stands is not made twice."""
    if name not in _handlers:
        raise LookupError(f"nobody handles {name}")
    when = at or now()
    if key is not None and db.session.scalar(select(Job.id).where(Job.key == key)) is not None:
        return
    db.session.add(Job(name=name, payload=payload, run_at=when, key=key))
    # Before COMMIT, in case we die after it; and after, because a look in between sees nothing yet.
    towns().registry.wake(current_town().slug, when)
    pending = db.session().info
    pending["wake"] = min(when, pending.get("wake", when))


@event.listens_for(TownSession, "after_commit")
def _call_the_worker(session: TownSession) -> None:
    when = session.info.pop("wake", None)
    if when is not None:
        towns().registry.wake(current_town().slug, when)


@event.listens_for(TownSession, "after_rollback")
def _call_nobody(session: TownSession) -> None:
    session.info.pop("wake", None)


def cancel(key: str) -> None:
    """Take back the promise of that key, if it has not been kept yet."""
    promise = db.session.scalar(select(Job).where(Job.key == key))
    if promise is not None:
        db.session.delete(promise)


def forget_promises(person_id: int, words: Sequence[str]) -> None:
    """Take back every promise that tells of this person: made to them, or holding these words of theirs."""
    for promise in db.session.scalars(select(Job)):
        told = json.dumps(promise.payload, ensure_ascii=False)
        if promise.payload.get("person") == person_id or any(word in told for word in words):
            db.session.delete(promise)
    db.session.flush()


def nightly(task: Callable[[], None]) -> Callable[[], None]:
    """Declare work for every town once a night, such as forgetting what has been kept long enough."""
    _nightly.append(task)
    return task


def _lease() -> Job | None:
    # A clock that had run ahead leaves leases and pauses that no worker would give: they are over too.
    free = or_(Job.leased_until.is_(None), Job.leased_until < now(), Job.leased_until > now() + 2 * LEASE)
    paused_too_long = and_(Job.attempts > 0, Job.run_at > now() + timedelta(seconds=2 * LONGEST_PAUSE))
    due = (
        select(Job.id)
        .where(Job.failed_at.is_(None), or_(Job.run_at <= now(), paused_too_long), free)
        .order_by(Job.run_at)
        .limit(1)
    )
    if db.session.get_bind().dialect.name == "postgresql":
        due = due.with_for_update(skip_locked=True)
    leased = db.session.execute(
        update(Job)
        .where(Job.id == due.scalar_subquery())
        .values(leased_until=now() + LEASE, attempts=Job.attempts + 1)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    ).scalar()
    db.session.commit()
    return db.session.get(Job, leased) if leased is not None else None


def run_due(app: Flask, slug: str, limit: int = 1000, stopping: threading.Event | None = None) -> int:
    """Do what is due in one town and return how many jobs were done. Once `stopping` is set none is begun."""
    done = 0
    with enter(app, slug), _heart(app, slug) as heart:
        while done < limit and not (stopping and stopping.is_set()) and (found := _lease()) is not None:
            heart.beats_for = found.id
            done += _run(app, found)
            heart.beats_for = None
            db.session.expunge_all()
        following = db.session.scalar(select(Job.run_at).where(Job.failed_at.is_(None)).order_by(Job.run_at).limit(1))
        db.session.rollback()
        if following is not None:
            towns().registry.wake(slug, max(following, now() + timedelta(seconds=1)))
    return done


class _Heart:
    """Which job is being done right now, for the thread that makes its lease longer."""

    beats_for: int | None = None


@contextmanager
def _heart(app: Flask, slug: str) -> Iterator[_Heart]:
    """While inside, the lease of the job at hand is made longer: work that lasts is not begun by another worker too."""
    heart, stop = _Heart(), threading.Event()

    def beat() -> None:
        while not stop.wait(LEASE.total_seconds() / 3):
            if (number := heart.beats_for) is None:
                continue
            try:
                with enter(app, slug):
                    mine = update(Job).where(Job.id == number, Job.leased_until.is_not(None))
                    db.session.execute(mine.values(leased_until=now() + LEASE))
                    db.session.commit()
            except DBAPIError:  # the handler holds the lock: then nobody else can take its job either
                app.logger.warning("the lease of a job could not be made longer")

    thread = threading.Thread(target=beat, name="heart", daemon=True)
    thread.start()
    try:
        yield heart
    finally:
        stop.set()
        thread.join()


def _run(app: Flask, found: Job) -> int:
    number, name, payload, attempts = found.id, found.name, found.payload, found.attempts
    db.session.commit()
    try:
        if attempts > _attempts.get(name, ATTEMPTS):
            raise WorkerDied  # so often that the work itself must be what kills it
        _handlers[name](payload)
        promise = db.session.get(Job, number)
        if promise is not None:
            db.session.delete(promise)
        db.session.commit()
        return 1
    except Exception as broken:  # a handler may fail in any way: the job is kept and tried again
        db.session.rollback()
        app.logger.warning("job %s failed (%s), attempt %s", name, type(broken).__name__, attempts)
        promise = db.session.get(Job, number)
        if promise is not None:
            promise.leased_until = None
            promise.error = type(broken).__name__
            if attempts >= _attempts.get(name, ATTEMPTS):
                promise.failed_at = now()
            else:
                pause = min(2 ** (attempts + 2), LONGEST_PAUSE)
                promise.run_at = now() + timedelta(seconds=random.uniform(0.5, 1.5) * pause)
        db.session.commit()
        return 0


def run_nightly(app: Flask, slug: str) -> None:
    """The night's work of one town."""
    with enter(app, slug):
        for task in _nightly:
            task()
            db.session.commit()


class Worker:
    """Looks after every town of the installation: at once when hinted, and all of them once an hour."""

    def __init__(self, app: Flask, pause: float = 0.5) -> None:
        self.app = app
        self.pause = pause
        self.stopping = threading.Event()
        self._swept_at = 0.0
        self._full = False
        self._nights: dict[str, Any] = {}

    def run(self) -> None:
        """Work until `stopping` is set."""
        while not self.stopping.is_set():
            try:
                self.once()
            except Exception:  # one bad town or a full disk must not end the service of the others
                self.app.logger.exception("the worker stumbled")
            self.stopping.wait(self.pause)

    def once(self) -> int:
        """One look at the hints, and at everything if an hour has passed. On a full disk nothing is begun."""
        if self._no_room():
            return 0
        with self.app.app_context():
            registry = towns().registry
            slugs = registry.due(now())
            if time.monotonic() - self._swept_at > 3600 or self._swept_at == 0.0:
                slugs = [town.slug for town in registry.towns()]
                self._swept_at = time.monotonic()
        done = 0
        for slug in slugs:
            try:
                done += run_due(self.app, slug, stopping=self.stopping)
                self._tonight(slug)
            except Exception:  # the next town must not wait for this one's repair
                self.app.logger.exception("a town's jobs could not be done")
                with self.app.app_context():
                    towns().registry.wake(slug, now() + timedelta(seconds=10))
        return done

    def _no_room(self) -> bool:
        """A job whose end cannot be noted would be done again and again: better none."""
        with self.app.app_context():
            full = disk.free(towns().instance) < disk.LEAST_FOR_JOBS
        if full and not self._full:
            self.app.logger.error("the disk is full: no job is begun")
        self._full = full
        return full

    def _tonight(self, slug: str) -> None:
        from town.kernel.language import local

        with enter(self.app, slug):
            there = local(now())
        if there.hour >= 3 and self._nights.get(slug) != there.date():
            self._nights[slug] = there.date()
            run_nightly(self.app, slug)
