"""Postcards: how often they are asked for, printed and typed in, and that no guess and no theft gets through."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from tests.cast import person_named
from town.commons.audit import AuditEntry
from town.commons.people.models import Person
from town.commons.trust.codes import ALPHABET, make_code, read_code
from town.commons.trust.models import AlreadyCertified, HouseholdFull, certify
from town.commons.trust.moves import moved
from town.commons.trust.postcards import (
    AddressChanged,
    CardExpired,
    CardLocked,
    CardSpent,
    LetterboxBusy,
    NoCard,
    NotPrinted,
    Postcard,
    TooManyCards,
    TooSoon,
    WrongCode,
    ask_for_card,
    cards_in,
    current_card,
    enter_code,
    expire_cards,
    forget_cards,
)
from town.demo import DEMO_SLUG
from town.kernel.db import db, now
from town.kernel.language import local
from town.kernel.registry import Town
from town.kernel.signals import person_erased
from town.kernel.tenancy import enter
from town.kernel.web import TownApp


def newcomer(name: str, home_of: str = "lucas") -> Person:
    person = Person(first_name=name, last_name="Quentin", address=person_named(home_of).address)
    db.session.add(person)
    db.session.flush()
    return person


def printed(person: Person) -> tuple[Postcard, str]:
    """A card that has reached the letterbox of `person`, and its code."""
    card, code = ask_for_card(person), make_code()
    card.print_with(code, person_named("jean"))
    db.session.commit()
    return card, code


def other_than(code: str) -> str:
    return code[:-1] + next(sign for sign in ALPHABET if sign != code[-1])


def test_the_right_code_certifies_at_once_and_nothing_of_the_card_is_kept(town: Town) -> None:
    ines = newcomer("Inès")
    card, code = printed(ines)
    proof = enter_code(ines.id, read_code(code.lower()))
    assert proof.how == ines.certified_how == "postcard"
    assert ines.certified
    assert (card.state, card.code_hash, card.address_id) == ("used", None, None)
    with pytest.raises(NoCard):
        enter_code(ines.id, code)


def test_the_sixth_try_is_refused_even_with_the_right_code(town: Town) -> None:
    ines = newcomer("Inès")
    card, code = printed(ines)
    for _ in range(4):
        with pytest.raises(WrongCode):
            enter_code(ines.id, other_than(code))
    with pytest.raises(CardLocked):
        enter_code(ines.id, other_than(code))
    with pytest.raises(CardLocked):
        enter_code(ines.id, code)
    assert not ines.certified
    assert card.tries == 5
    assert db.session.scalar(select(func.count()).where(AuditEntry.event == "cert:postcard:exhausted")) == 1


def test_the_fifth_try_may_be_the_right_one(town: Town) -> None:
    ines = newcomer("Inès")
    _card, code = printed(ines)
    for _ in range(4):
        with pytest.raises(WrongCode):
            enter_code(ines.id, other_than(code))
    assert enter_code(ines.id, code).person is ines


def test_a_hundred_tries_at_once_are_five(app: TownApp, town: Town) -> None:
    ines = newcomer("Inès")
    _card, code = printed(ines)
    number = ines.id
    db.session.rollback()  # the lock is for the others

    def guess(_: int) -> str:
        with enter(app, DEMO_SLUG):
            try:
                enter_code(number, other_than(code))
            except (WrongCode, CardLocked) as refusal:
                return type(refusal).__name__
        return "certified"

    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(guess, range(100)))
    db.session.rollback()
    card = db.session.scalars(current_card(number)).one()
    assert card.tries == 5
    assert answers.count("WrongCode") == 4  # and the fifth, which locks the card
    assert answers.count("CardLocked") == 96
    with pytest.raises(CardLocked):
        enter_code(number, code)


def test_the_right_code_sent_twice_at_once_certifies_once(app: TownApp, town: Town) -> None:
    ines = newcomer("Inès")
    _card, code = printed(ines)
    number = ines.id
    db.session.rollback()

    def try_it(_: int) -> str:
        with enter(app, DEMO_SLUG):
            try:
                enter_code(number, code)
                db.session.commit()
            except (NoCard, CardSpent, AlreadyCertified) as refusal:
                db.session.rollback()
                return type(refusal).__name__
        return "certified"

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(try_it, range(4)))
    assert answers.count("certified") == 1


def test_somebody_elses_code_is_refused_and_counts(town: Town) -> None:
    ines, basile = newcomer("Inès"), newcomer("Basile", "karim")
    _card, hers = printed(ines)
    his_card, _his = printed(basile)
    with pytest.raises(WrongCode):
        enter_code(basile.id, hers)
    assert (his_card.tries, basile.certified) == (1, False)
    stranger = newcomer("Sacha", "amadou")
    with pytest.raises(NoCard):
        enter_code(stranger.id, hers)
    assert enter_code(ines.id, hers).person is ines


def test_printing_again_kills_the_first_code_and_opens_a_locked_card(town: Town) -> None:
    ines = newcomer("Inès")
    card, first = printed(ines)
    for _ in range(5):
        with pytest.raises((WrongCode, CardLocked)):
            enter_code(ines.id, other_than(first))
    second = make_code()
    card.print_with(second, person_named("jean"))
    db.session.commit()
    with pytest.raises(WrongCode):
        enter_code(ines.id, first)
    assert enter_code(ines.id, second)


def test_a_card_that_waits_for_the_printer_has_no_code(town: Town) -> None:
    ines = newcomer("Inès")
    card = ask_for_card(ines)
    db.session.commit()
    assert (card.state, card.code_hash, card.expires_at) == ("asked", None, None)
    with pytest.raises(NotPrinted):
        enter_code(ines.id, make_code())


def test_a_card_is_worth_nothing_after_sixty_days(town: Town) -> None:
    ines = newcomer("Inès")
    card, code = printed(ines)
    with time_machine.travel(now() + timedelta(days=59)):
        expire_cards()
        db.session.commit()
        assert card.state == "printed"
    with time_machine.travel(now() + timedelta(days=61)):
        with pytest.raises(CardExpired):
            enter_code(ines.id, code)
        expire_cards()
        db.session.commit()
        assert (card.state, card.code_hash, card.address_id) == ("expired", None, None)
    with time_machine.travel(now() + timedelta(days=500)):
        forget_cards()
        db.session.commit()
    assert db.session.scalar(select(Postcard.id).where(Postcard.person_id == ines.id)) is None


def test_one_card_in_thirty_days_and_three_a_year_cancelled_ones_included(town: Town) -> None:
    ines = newcomer("Inès")
    start = now()
    ask_for_card(ines).cancel(ines)
    with pytest.raises(TooSoon) as refusal:
        ask_for_card(ines)
    assert str(local(start + timedelta(days=30)).day) in str(refusal.value)
    for days in (31, 62):
        with time_machine.travel(start + timedelta(days=days)):
            ask_for_card(ines)
    with time_machine.travel(start + timedelta(days=93)), pytest.raises(TooManyCards):
        ask_for_card(ines)
    with time_machine.travel(start + timedelta(days=366)):
        ask_for_card(ines)
    db.session.commit()


def test_asking_again_after_thirty_days_kills_the_card_that_never_came(town: Town) -> None:
    ines = newcomer("Inès")
    lost, code = printed(ines)
    with time_machine.travel(now() + timedelta(days=31)):
        ask_for_card(ines)
        db.session.commit()
        assert lost.state == "cancelled"
        with pytest.raises(NotPrinted):
            enter_code(ines.id, code)
        assert db.session.scalars(current_card(ines.id)).one() is not lost


def test_two_cards_at_most_travel_to_one_letterbox(town: Town) -> None:
    ask_for_card(newcomer("Inès"))
    ask_for_card(newcomer("Basile"))
    third = newcomer("Sacha")
    with pytest.raises(LetterboxBusy):
        ask_for_card(third)
    db.session.scalars(select(Postcard).order_by(Postcard.id.desc())).first().cancel(third)  # type: ignore[union-attr]  # there are two
    ask_for_card(third)


def test_who_is_certified_asks_for_no_card(town: Town) -> None:
    with pytest.raises(AlreadyCertified):
        ask_for_card(person_named("odile"))


def test_no_card_goes_to_a_full_household(town: Town) -> None:
    for name in ("Ada", "Bao", "Cléo", "Dina", "Élie"):
        certify(newcomer(name), "postcard")
    sacha = newcomer("Sacha")
    with pytest.raises(HouseholdFull):
        ask_for_card(sacha)


def test_a_card_certifies_only_where_it_was_sent(town: Town) -> None:
    ines = newcomer("Inès")
    _card, code = printed(ines)
    ines.address = person_named("karim").address
    db.session.commit()
    with pytest.raises(AddressChanged):
        enter_code(ines.id, code)
    moved(ines)
    db.session.commit()
    with pytest.raises(NoCard):
        enter_code(ines.id, code)


def test_cards_are_laid_out_as_the_postman_walks(town: Town) -> None:
    for name, home in (("Inès", "theo"), ("Basile", "odile"), ("Sacha", "amadou")):
        ask_for_card(newcomer(name, home))
    round_of_the_postman = [card.person for card in db.session.scalars(cards_in("asked"))]
    names = [person.first_name for person in round_of_the_postman if person.last_name == "Quentin"]
    assert names == ["Sacha", "Basile", "Inès"]


def test_who_is_erased_leaves_no_card(town: Town) -> None:
    ines = newcomer("Inès")
    printed(ines)
    person_erased.send(ines)
    assert db.session.scalar(select(Postcard.id).where(Postcard.person_id == ines.id)) is None
