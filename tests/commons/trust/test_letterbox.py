"""Letterbox cards: opened by address and code together, five wrong tries, six people, and no code left behind."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from tests.cast import person_named
from tests.certification.letterboxes import card_at, delivered, door_at, other_than
from town.commons.audit import AuditEntry
from town.commons.people.leaving import erase
from town.commons.people.models import Person
from town.commons.places.concerns import Concerns
from town.commons.places.models import Address, Quarter, Street
from town.commons.trust.codes import make_code
from town.commons.trust.launches import (
    Launch,
    LaunchOver,
    LetterboxCard,
    NoLetterbox,
    cards_of,
    expire_letterbox_cards,
    forget_launches,
    plan,
    prepare,
)
from town.commons.trust.letterbox import (
    CardReplaced,
    LetterboxLocked,
    LivesElsewhere,
    Ticket,
    WrongPair,
    certify_by_card,
    try_code,
)
from town.commons.trust.models import HOUSEHOLD, HouseholdFull, certify
from town.kernel.db import db, now
from town.kernel.refusals import Refused
from town.kernel.registry import Town
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

STREET = "Rue Haute"


def newcomer(name: str, door: Address) -> Person:
    person = Person(first_name=name, last_name="Quentin", address=door)
    db.session.add(person)
    db.session.flush()
    return person


def test_the_right_code_for_the_right_address_certifies(town: Town) -> None:
    _launch, codes = delivered(STREET)
    door = door_at(1, STREET)
    ines = newcomer("Inès", door)
    proof = certify_by_card(ines, try_code(door.id, codes["1 Rue Haute"]))
    assert (proof.how, ines.certified_how, ines.certified) == ("letterbox", "letterbox", True)
    card = card_at(1, STREET)
    assert (card.state, card.certified, card.tries) == ("printed", 1, 0)
    assert card.opened_at is not None
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.event, entry.on_id) == ("cert:letterbox:ok", ines.id)


def test_the_code_of_one_address_is_refused_for_another_and_counts_there(town: Town) -> None:
    """Bad input 16."""
    _launch, codes = delivered(STREET)
    with pytest.raises(WrongPair):
        try_code(door_at(3, STREET).id, codes["1 Rue Haute"])
    assert (card_at(3, STREET).tries, card_at(1, STREET).tries) == (1, 0)
    with pytest.raises(WrongPair):
        try_code(door_at(1, "Rue Basse").id, codes["1 Rue Haute"])


def test_the_sixth_try_is_refused_even_with_the_right_code(town: Town) -> None:
    """Bad input 14."""
    _launch, codes = delivered(STREET)
    door = door_at(1, STREET).id
    for _ in range(4):
        with pytest.raises(WrongPair):
            try_code(door, other_than(codes["1 Rue Haute"]))
    for code in (other_than(codes["1 Rue Haute"]), codes["1 Rue Haute"]):
        with pytest.raises(LetterboxLocked):
            try_code(door, code)
    events = select(func.count()).where(AuditEntry.event == "cert:letterbox:exhausted")
    assert db.session.scalar(events) == 1


def test_right_tries_are_given_back_so_that_a_household_fits(town: Town) -> None:
    _launch, codes = delivered(STREET)
    door = door_at(1, STREET)
    for name in ("Ada", "Bao", "Cléo", "Dina", "Élie", "Fatou"):
        certify_by_card(newcomer(name, door), try_code(door.id, codes["1 Rue Haute"]))
    with pytest.raises(HouseholdFull):
        certify_by_card(newcomer("Gaël", door), try_code(door.id, codes["1 Rue Haute"]))
    assert (card_at(1, STREET).certified, card_at(1, STREET).tries) == (HOUSEHOLD, 0)


def test_a_card_certifies_only_whoever_lives_there(town: Town) -> None:
    _launch, codes = delivered(STREET)
    ticket = try_code(door_at(1, STREET).id, codes["1 Rue Haute"])
    with pytest.raises(LivesElsewhere):
        certify_by_card(person_named("nadia"), ticket)


def test_printing_again_or_cancelling_kills_the_code_and_the_tickets(town: Town) -> None:
    first, codes = delivered(STREET)
    door = door_at(1, STREET)
    ines = newcomer("Inès", door)
    old = try_code(door.id, codes["1 Rue Haute"])
    again = {card.id: make_code() for card in db.session.scalars(cards_of(first))}
    first.print_with(again, person_named("jean"))
    with pytest.raises(CardReplaced):
        certify_by_card(ines, old)
    with pytest.raises(WrongPair):
        try_code(door.id, codes["1 Rue Haute"])
    ticket = try_code(door.id, again[card_at(1, STREET).id])
    first.cancel(person_named("jean"))
    db.session.commit()
    with pytest.raises(CardReplaced):
        certify_by_card(ines, ticket)
    with pytest.raises(WrongPair):
        try_code(door.id, again[card_at(1, STREET).id])
    with pytest.raises(LaunchOver):
        first.print_with(again, person_named("jean"))
    with pytest.raises(LaunchOver):
        first.cancel(person_named("jean"))


def test_cards_of_an_earlier_launch_are_good_until_those_of_the_next_are_printed(town: Town) -> None:
    _first, codes = delivered(STREET)
    street = db.session.scalars(select(Street).where(Street.name == STREET)).one()
    second = prepare(plan(Concerns(streets=(street.id,))), person_named("jean"))
    assert try_code(door_at(1, STREET).id, codes["1 Rue Haute"])
    second.print_with({card.id: make_code() for card in db.session.scalars(cards_of(second))}, person_named("jean"))
    with pytest.raises(WrongPair):
        try_code(door_at(1, STREET).id, codes["1 Rue Haute"])


def test_a_card_is_worth_nothing_after_sixty_days_and_its_code_is_forgotten_at_night(town: Town) -> None:
    _launch, codes = delivered(STREET)
    door = door_at(1, STREET).id
    with time_machine.travel(now() + timedelta(days=59)):
        expire_letterbox_cards()
        assert try_code(door, codes["1 Rue Haute"])
    with time_machine.travel(now() + timedelta(days=61)):
        with pytest.raises(WrongPair):
            try_code(door, codes["1 Rue Haute"])
        expire_letterbox_cards()
        db.session.commit()
        card = card_at(1, STREET)
        assert (card.state, card.code_hash) == ("expired", None)
        assert card.opened_at is not None
        kept = select(func.count()).where(LetterboxCard.code_hash.is_not(None))
        assert db.session.scalar(kept) == 0
    with time_machine.travel(now() + timedelta(days=500)):
        forget_launches()
        db.session.commit()
        assert db.session.scalar(select(func.count()).select_from(LetterboxCard)) == 0
        assert db.session.scalar(select(func.count()).select_from(Launch)) == 0


def test_full_households_and_retired_addresses_get_no_card_and_are_counted(town: Town) -> None:
    street = db.session.scalars(select(Street).where(Street.name == STREET)).one()
    chosen = Concerns(streets=(street.id,))
    before = plan(chosen).cards
    for name in ("Ada", "Bao", "Cléo", "Dina", "Élie", "Fatou"):
        certify(newcomer(name, door_at(1, STREET)), "postcard")
    door_at(3, STREET).retired_at = now()
    db.session.flush()
    planned = plan(chosen)
    assert (planned.cards, planned.without_full, planned.without_retired) == (before - 2, 1, 1)
    launch = prepare(planned, person_named("jean"))
    assert (launch.places, launch.without_full, launch.without_retired) == ([STREET], 1, 1)
    quarter = db.session.scalars(select(Quarter).where(Quarter.name == "Bel-Air")).one()
    for door in db.session.scalars(select(Address).where(Address.quarter_id == quarter.id)):
        door.retired_at = now()
    db.session.flush()
    with pytest.raises(NoLetterbox):
        prepare(plan(Concerns(quarters=(quarter.id,))), person_named("jean"))


def test_who_printed_and_is_erased_is_named_nowhere(town: Town) -> None:
    number = delivered(STREET)[0].id
    erase(person_named("jean"))
    db.session.commit()
    launch = db.session.scalars(select(Launch).where(Launch.id == number)).one()
    assert launch.prepared_by_id is None
    assert {card.printed_by_id for card in db.session.scalars(cards_of(launch))} == {None}


# Races, on both engines


@pytest.fixture
def letterbox(trial: TownApp) -> Callable[[], tuple[int, str, int]]:
    """A town of one house, whose card is in its letterbox: the address, the code and the card's id."""

    def deliver() -> tuple[int, str, int]:
        with enter(trial, "a"):
            quarter = Quarter(name="Le Bourg")
            street = Street(name="Rue Haute", folded="rue haute", quarter=quarter)
            door = Address(key="1", street=street, quarter=quarter, number=1, folded="1 rue haute")
            agent = Person(first_name="Jean", last_name="Le Goff")
            db.session.add_all([door, agent])
            db.session.flush()
            launch = prepare(plan(Concerns()), agent)
            (card,) = db.session.scalars(cards_of(launch)).all()
            code = make_code()
            launch.print_with({card.id: code}, agent)
            found = door.id, code, card.id
            db.session.commit()
        return found

    return deliver


def at_once(app: TownApp, times: int, act: Callable[[int], object]) -> list[str]:
    """What became of so many doing it at the same time."""

    def one(number: int) -> str:
        with enter(app, "a"):
            try:
                act(number)
                db.session.commit()
            except Refused as refusal:
                db.session.rollback()
                return type(refusal).__name__
        return "done"

    with ThreadPoolExecutor(12) as threads:
        return list(threads.map(one, range(times)))


def test_a_hundred_guesses_at_once_are_five(trial: TownApp, letterbox: Callable[[], tuple[int, str, int]]) -> None:
    """Bad input 15."""
    door, code, card = letterbox()
    answers = at_once(trial, 100, lambda _: try_code(door, other_than(code)))
    assert (answers.count("WrongPair"), answers.count("LetterboxLocked")) == (4, 96)
    with enter(trial, "a"):
        found = db.session.get(LetterboxCard, card)
        assert found is not None
        assert found.tries == 5
        with pytest.raises(LetterboxLocked):
            try_code(door, code)


def test_a_family_of_twelve_that_scans_at_once_is_six_certified(
    trial: TownApp, letterbox: Callable[[], tuple[int, str, int]]
) -> None:
    door, _code, card = letterbox()
    with enter(trial, "a"):
        people = [Person(first_name=f"Ada {n}", last_name="Quentin", address_id=door) for n in range(12)]
        db.session.add_all(people)
        db.session.flush()
        ids = [person.id for person in people]
        db.session.commit()
    ticket = Ticket(card=card, prints=1, address=door, until=0)

    def scan(number: int) -> None:
        certify_by_card(db.session.scalars(select(Person).where(Person.id == ids[number])).one(), ticket)

    answers = at_once(trial, 12, scan)
    assert (answers.count("done"), answers.count("HouseholdFull")) == (HOUSEHOLD, 12 - HOUSEHOLD)
    with enter(trial, "a"):
        found = db.session.get(LetterboxCard, card)
        assert found is not None
        assert found.certified == HOUSEHOLD
        assert db.session.scalar(select(func.count()).where(Person.certified)) == HOUSEHOLD
