"""Work promised with a change is done after it, at least once, whatever dies meanwhile."""

import threading
import time
from contextvars import Context
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from town.kernel import jobs
from town.kernel.db import db, now
from town.kernel.jobs import Job, Worker, cancel, enqueue, run_due
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

done: list[Any] = []


@pytest.fixture(autouse=True)
def handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    done.clear()
    monkeypatch.setitem(jobs._handlers, "ring", lambda payload: done.append(payload["bell"]))

    def fail(payload: dict[str, Any]) -> None:
        raise ConnectionError("nobody answers")

    monkeypatch.setitem(jobs._handlers, "fail", fail)


def waiting(app: TownApp) -> int:
    with enter(app, "a"):
        return db.session.scalar(select(func.count()).select_from(Job)) or 0


def promise(app: TownApp, name: str = "ring", commit: bool = True, **options: Any) -> None:
    with enter(app, "a"):
        enqueue(name, {"bell": 1}, **options)
        if commit:
            db.session.commit()


def test_a_promise_is_kept_once(trial: TownApp) -> None:
    promise(trial)
    assert run_due(trial, "a") == 1
    assert run_due(trial, "a") == 0
    assert done == [1]


def test_a_change_that_is_undone_promises_nothing(trial: TownApp) -> None:
    promise(trial, commit=False)
    assert run_due(trial, "a") == 0
    assert done == []


def test_the_same_promise_is_not_made_twice_and_can_be_taken_back(trial: TownApp) -> None:
    promise(trial, key="bell of the day", at=now() + timedelta(hours=1))
    promise(trial, key="bell of the day")
    assert waiting(trial) == 1
    with enter(trial, "a"):
        cancel("bell of the day")
        db.session.commit()
    assert waiting(trial) == 0


def test_nobody_may_promise_what_nobody_does(trial: TownApp) -> None:
    with enter(trial, "a"), pytest.raises(LookupError):
        enqueue("unknown", {})


def test_work_for_tomorrow_waits_until_tomorrow(trial: TownApp) -> None:
    promise(trial, at=now() + timedelta(days=1))
    assert run_due(trial, "a") == 0
    with time_machine.travel(now() + timedelta(days=1, minutes=1)):
        assert run_due(trial, "a") == 1


def test_a_failure_is_tried_again_later_and_ends_among_the_dead_letters(trial: TownApp) -> None:
    promise(trial, "fail")
    moment = now()
    for _ in range(jobs.ATTEMPTS + 2):
        with time_machine.travel(moment):
            run_due(trial, "a")
        moment += timedelta(days=1)
    with enter(trial, "a"):
        letter = db.session.scalars(select(Job)).one()
        assert letter.failed_at is not None
        assert (letter.attempts, letter.error) == (jobs.ATTEMPTS, "ConnectionError")


def test_a_worker_that_died_is_replaced_when_its_lease_ends(trial: TownApp) -> None:
    promise(trial)
    with enter(trial, "a"):
        assert jobs._lease() is not None  # and this worker is never seen again
    assert run_due(trial, "a") == 0
    with time_machine.travel(now() + jobs.LEASE + timedelta(seconds=1)):
        assert run_due(trial, "a") == 1
    assert done == [1]


def test_the_worker_looks_at_once_where_it_is_called(trial: TownApp) -> None:
    worker = Worker(trial)
    worker.once()
    promise(trial)
    assert worker.once() == 1
    assert done == [1]


def test_a_clock_that_ran_ahead_leaves_no_job_behind(trial: TownApp) -> None:
    promise(trial)
    promise(trial, "fail")
    with time_machine.travel(now() + timedelta(days=400)), enter(trial, "a"):
        assert jobs._lease() is not None  # a worker dies with a lease that ends in a year
        db.session.rollback()
    with time_machine.travel(now() + timedelta(days=400, hours=1)):
        run_due(trial, "a")  # and what fails is put off by that clock
    done.clear()
    promise(trial)
    assert run_due(trial, "a") == 1
    with enter(trial, "a"):
        assert db.session.scalars(select(Job.attempts)).all() == [2], "tried again today, not next year"


def test_work_that_kills_whoever_does_it_ends_among_the_dead_letters(trial: TownApp) -> None:
    promise(trial)
    for turn in range(jobs.ATTEMPTS):
        with time_machine.travel(now() + timedelta(minutes=2 * turn)), enter(trial, "a"):
            assert jobs._lease() is not None
    with time_machine.travel(now() + timedelta(hours=1)):
        assert run_due(trial, "a") == 0
    assert done == []
    with enter(trial, "a"):
        assert db.session.scalars(select(Job.error)).one() == "WorkerDied"


def test_long_work_is_not_begun_by_another_worker(trial: TownApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "LEASE", timedelta(seconds=0.6))
    begun, go_on = threading.Event(), threading.Event()

    def long(payload: dict[str, Any]) -> None:
        done.append(payload["bell"])
        begun.set()
        go_on.wait(10)

    monkeypatch.setitem(jobs._handlers, "ring", long)
    promise(trial)
    first = threading.Thread(target=Context().run, args=(run_due, trial, "a"))
    first.start()
    assert begun.wait(10)
    time.sleep(1.2)  # two leases long
    assert run_due(trial, "a") == 0
    go_on.set()
    first.join()
    assert done == [1]
    assert waiting(trial) == 0


def test_a_worker_told_to_stop_begins_nothing_more(trial: TownApp) -> None:
    promise(trial)
    stopping = threading.Event()
    stopping.set()
    assert run_due(trial, "a", stopping=stopping) == 0
    assert waiting(trial) == 1
