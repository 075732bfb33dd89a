"""What the two of an exchange may do, when, and what nobody learns before its time."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from tests.cast import person_named
from tests.reviews.conftest import BAD, GOOD, days, lend
from town.blueprints.lending.activity import LOAN
from town.blueprints.lending.models import Item, Loan
from town.commons.activity import happenings
from town.commons.bookings import period_of
from town.commons.notices.models import InboxNotice
from town.commons.people.models import Person
from town.commons.reviews import Exchange, Review, exchange_about, open_reviews, reviews_about
from town.commons.reviews.keeping import forget_reviews, forget_unwritten
from town.commons.reviews.reading import said_by_neighbours
from town.commons.reviews.refusals import (
    AlreadyReplied,
    AlreadyReviewed,
    FactsStand,
    NobodyToReview,
    NotReadableYet,
    StandsAsWritten,
    TooLate,
)
from town.demo import DEMO_SLUG
from town.kernel.db import db, flush, now
from town.kernel.language import today
from town.kernel.registry import Town
from town.kernel.signals import person_erased
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

Work = Callable[[], int]


def kinds(exchange: Exchange) -> list[str]:
    return [happened.kind.removeprefix("reviews.") for happened in happenings(exchange)]


def told(person: Person, exchange: Exchange) -> list[str]:
    """What somebody's inbox says of this exchange, oldest first."""
    rows = select(InboxNotice).where(InboxNotice.person_id == person.id, InboxNotice.subject_id == exchange.public_id)
    known = {happened.id: happened.kind.removeprefix("reviews.") for happened in happenings(exchange)}
    return [known[notice.activity_id] for notice in db.session.scalars(rows.order_by(InboxNotice.id))]


# When it opens


def test_a_returned_ladder_may_be_reviewed_by_both(exchange: Exchange, karim: Person, odile: Person) -> None:
    """ID-17 LE-02 A review is possible after a confirmed exchange."""
    assert (exchange.first, exchange.second) == (karim, odile)
    assert exchange.waits_for(karim.id)
    assert exchange.waits_for(odile.id)
    assert str(exchange.question(karim.id)) != str(exchange.question(odile.id))


def test_nothing_may_be_said_of_a_loan_that_has_not_come_back(karim: Person, odile: Person) -> None:
    """ID-17 Asked, agreed, handed over, said by one only, cancelled, refused: no exchange was confirmed."""
    item = Item(owner=karim, quarter=karim.quarter, title="Échelle")
    item.offer()
    refused = Loan.ask(item, odile, period_of("days", today() + days(9), today() + days(9)), "")
    refused.refuse()
    cancelled = Loan.ask(item, odile, period_of("days", today() + days(9), today() + days(9)), "")
    cancelled.cancel(odile)
    loan = Loan.ask(item, odile, period_of("days", today(), today()), "")
    for verb in (loan.accept, lambda: loan.hand_over(karim), lambda: loan.hand_over(odile)):
        verb()
        assert exchange_about(loan) is None
    loan.give_back(odile)
    assert [exchange_about(each) for each in (loan, refused, cancelled)] == [None, None, None]


def test_the_silence_of_one_confirms_the_exchange_too(
    karim: Person, odile: Person, clock: time_machine.Traveller, work: Work
) -> None:
    item = Item(owner=karim, quarter=karim.quarter, title="Échelle")
    item.offer()
    loan = Loan.ask(item, odile, period_of("days", today(), today()), "")
    loan.accept("")
    loan.hand_over(karim)
    loan.hand_over(odile)
    loan.give_back(odile)
    clock.shift(days(3))
    work()

    found = exchange_about(loan)
    assert found is not None
    assert found.at == now()


def test_opening_twice_is_opening_once(karim: Person, odile: Person) -> None:
    loan = lend(karim, odile)
    assert open_reviews(LOAN, loan, between=(karim, odile)) is exchange_about(loan)
    assert open_reviews(LOAN, loan.item, between=(karim, None)) is None
    assert open_reviews(LOAN, loan.item, between=(karim, karim)) is None


def test_a_town_without_reviews_opens_none(app: TownApp) -> None:
    app.extensions["towns"].registry.change(DEMO_SLUG, features_off=["reviews"])
    with enter(app, DEMO_SLUG):
        assert exchange_about(lend(person_named("karim"), person_named("odile"))) is None
        db.session.rollback()


# Writing


def test_each_writes_once_and_within_sixty_days(
    exchange: Exchange, karim: Person, odile: Person, clock: time_machine.Traveller
) -> None:
    """ID-17 One a side, within 60 days."""
    exchange.write(odile, GOOD, "Merci")
    with pytest.raises(AlreadyReviewed):
        exchange.write(odile, BAD)
    clock.shift(days(60) - timedelta(seconds=1))
    assert exchange.waits_for(karim.id)
    clock.shift(timedelta(seconds=1))
    assert not exchange.waits_for(karim.id)
    with pytest.raises(TooLate):
        exchange.write(karim, GOOD)


def test_somebody_else_stands_on_no_side(exchange: Exchange) -> None:
    with pytest.raises(LookupError):
        exchange.write(person_named("yvonne"), BAD)


def test_the_database_keeps_one_review_a_side(exchange: Exchange, odile: Person) -> None:
    """Whatever the code forgets."""
    review = exchange.write(odile, GOOD)
    again = Review(exchange=exchange, by_first=review.by_first, writer=odile, about=review.about)
    again.kept_word = again.as_agreed = again.again = "yes"
    again.written_at = again.readable_from = now()
    db.session.add(again)
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_nobody_reviews_an_account_that_is_closed(exchange: Exchange, karim: Person, odile: Person) -> None:
    person_erased.send(karim)

    assert not exchange.waits_for(odile.id)
    with pytest.raises(NobodyToReview):
        exchange.write(odile, BAD)


# What is hidden stays hidden


def test_a_review_is_read_by_nobody_before_both_wrote(exchange: Exchange, karim: Person, odile: Person) -> None:
    """ID-17 Hidden until both wrote: neither the text, nor the figures, nor the list of a profile know of it."""
    before = (reviews_about(karim), said_by_neighbours([karim.id]))
    exchange.write(odile, BAD, "Il n’était pas là.")

    assert (reviews_about(karim), said_by_neighbours([karim.id])) == before
    assert exchange.review_about(karim.id) is None

    exchange.write(karim, GOOD, "Parfaite.")
    assert reviews_about(karim)[0].text == "Il n’était pas là."
    assert reviews_about(odile)[0].text == "Parfaite."
    assert exchange.review_about(karim.id) is not None


def test_or_before_fourteen_days_whatever_the_worker_does(
    exchange: Exchange, karim: Person, odile: Person, clock: time_machine.Traveller
) -> None:
    """ID-17 Or 14 days passed: the query asks the clock, so a worker that sleeps loses nothing."""
    known = len(reviews_about(karim))
    exchange.write(odile, GOOD, "Ponctuel.")
    clock.shift(days(14) - timedelta(seconds=1))
    assert len(reviews_about(karim)) == known
    clock.shift(timedelta(seconds=1))
    assert len(reviews_about(karim)) == known + 1


def test_the_notices_say_that_somebody_wrote_and_never_what(
    exchange: Exchange, karim: Person, odile: Person, clock: time_machine.Traveller, work: Work
) -> None:
    review = exchange.write(odile, BAD, "Secret jusqu’à quinze jours.")
    work()
    assert told(karim, exchange) == ["written"]
    assert told(odile, exchange) == []
    for happened in happenings(exchange):
        assert "Secret" not in f"{happened.title}{happened.details}"
        assert set(happened.details) <= {"whom"}
    clock.shift(days(14))
    work()
    assert told(karim, exchange) == ["written", "invited", "readable"]
    assert review.readable


def test_good_and_bad_reviews_look_the_same_until_they_are_read(
    exchange: Exchange, karim: Person, odile: Person
) -> None:
    """Neither the sentence, nor the number of notices, nor the moment tells which one it is."""
    other = exchange_about(lend(karim, odile, "Perceuse"))
    assert other is not None
    exchange.write(odile, GOOD, "Merci " * 50)
    other.write(odile, BAD)

    assert kinds(exchange) == kinds(other)
    assert exchange.review_by(odile.id).readable_from == other.review_by(odile.id).readable_from  # type: ignore[union-attr]  # both are written


def test_both_are_invited_once_the_day_after_and_never_again(
    exchange: Exchange, karim: Person, odile: Person, clock: time_machine.Traveller, work: Work
) -> None:
    work()
    assert kinds(exchange) == []
    clock.shift(days(1))
    work()
    assert (told(karim, exchange), told(odile, exchange)) == (["invited"], ["invited"])
    clock.shift(days(50))
    work()
    assert kinds(exchange) == ["invited"]


def test_who_has_written_is_not_invited(
    exchange: Exchange, karim: Person, odile: Person, clock: time_machine.Traveller, work: Work
) -> None:
    exchange.write(odile, GOOD)
    clock.shift(days(1))
    work()
    assert "invited" not in told(odile, exchange)
    assert "invited" in told(karim, exchange)


# Correcting, replying, moderating


def test_a_review_is_corrected_for_forty_eight_hours(
    exchange: Exchange, odile: Person, clock: time_machine.Traveller
) -> None:
    """ID-17 Edit window 48 h."""
    review = exchange.write(odile, GOOD, "Merci.")
    clock.shift(timedelta(hours=47))
    review.correct(BAD, "À la réflexion, non.")
    assert (review.facts, review.text, review.corrected_at) == (BAD, "À la réflexion, non.", now())
    clock.shift(timedelta(hours=1))
    with pytest.raises(StandsAsWritten):
        review.correct(GOOD, "Si.")


def test_facts_stand_once_the_other_one_reads_them(exchange: Exchange, karim: Person, odile: Person) -> None:
    """A correction is no revenge: who has read the other's review changes words only."""
    mine = exchange.write(odile, GOOD, "Mercy.")
    exchange.write(karim, BAD)

    with pytest.raises(FactsStand):
        mine.correct(BAD, "Alors moi aussi.")
    mine.correct(GOOD, "Merci.")
    assert (mine.facts, mine.text) == (GOOD, "Merci.")


def test_there_is_one_reply_and_only_to_what_may_be_read(exchange: Exchange, karim: Person, odile: Person) -> None:
    """ID-17 Right of reply."""
    review = exchange.write(odile, BAD, "En retard.")
    with pytest.raises(NotReadableYet):
        review.reply_with("Faux !")
    exchange.write(karim, GOOD)
    review.reply_with("C’est vrai, pardon.")
    with pytest.raises(AlreadyReplied):
        review.reply_with("Et puis non.")
    assert reviews_about(karim)[0].reply == "C’est vrai, pardon."


def test_what_moderation_hides_is_read_and_counted_nowhere(exchange: Exchange, karim: Person, odile: Person) -> None:
    before = (reviews_about(karim), said_by_neighbours([karim.id]))
    review = exchange.write(odile, BAD, "Insultes")
    exchange.write(karim, GOOD)
    shown = reviews_about(karim)
    review.hide()
    assert (reviews_about(karim), said_by_neighbours([karim.id])) == before
    with pytest.raises(NotReadableYet):
        review.reply_with("Non mais !")
    review.show_again()
    assert reviews_about(karim) == shown


# What is kept


def test_of_somebody_erased_three_answers_are_left_without_a_name_or_a_word(
    exchange: Exchange, karim: Person, odile: Person
) -> None:
    exchange.write(odile, GOOD, "Marchetti était ici.")
    exchange.write(karim, GOOD, "Odile est ponctuelle.")
    person_erased.send(odile)

    [left] = [row for row in reviews_about(karim) if not row.writer_public_id]
    assert (left.text, left.facts, left.writer_certified) == ("", GOOD, False)
    assert db.session.scalar(select(func.count()).select_from(Review).where(Review.about_id == odile.id)) == 0
    assert exchange.second is None
    number = exchange.id
    person_erased.send(karim)
    assert db.session.scalar(select(Exchange.id).where(Exchange.id == number)) is None


def test_after_two_years_reviews_are_forgotten_and_exchanges_without_one_after_sixty_days(
    exchange: Exchange, karim: Person, odile: Person, town: Town, clock: time_machine.Traveller
) -> None:
    silent = exchange_about(lend(karim, odile, "Perceuse"))
    assert silent is not None
    exchange.write(odile, GOOD)
    flush()

    def kept() -> set[int]:
        forget_unwritten()
        forget_reviews()
        db.session.expire_all()
        return set(db.session.scalars(select(Exchange.id))) & {number, mute}

    number, mute = exchange.id, silent.id
    clock.shift(days(60))
    assert kept() == {number, mute}
    clock.shift(days(1))
    assert kept() == {number}
    clock.shift(days(730 - 61))
    assert kept() == {number}
    clock.shift(days(2))  # the 29th of February 2028 is among them
    assert kept() == set()
