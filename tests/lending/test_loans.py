"""A loan goes from the request to the return; nothing is skipped, nothing goes back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from tests.cast import person_named
from tests.lending.conftest import THURSDAY, days, hours, put_on_shelf, weekend
from town.blueprints.lending.models import ACCEPTED, EXPIRED, HANDED_OVER, MOVES, OPEN, REQUESTED, RETURNED, Item, Loan
from town.blueprints.lending.refusals import (
    AlreadyAnswered,
    AlreadyHandedOver,
    AlreadyOver,
    AlreadySaid,
    EnoughLoans,
    NotAgreedYet,
    NotHandedOverYet,
    NotOnTheShelf,
    StillWithSomebody,
    YourOwnThing,
)
from town.commons.activity import Activity, happenings
from town.commons.bookings import AlreadyBooked, Booking
from town.commons.notices.models import InboxNotice
from town.commons.people.models import Person
from town.demo import DEMO_SLUG
from town.kernel.db import db
from town.kernel.jobs import run_nightly
from town.kernel.refusals import Refused
from town.kernel.signals import certification_revoked, person_erased, person_left
from town.kernel.web import TownApp

Mails = Callable[[], list[EmailMessage]]


def test_a_loan_from_the_request_to_the_return(ladder: Item, odile: Person, karim: Person) -> None:
    loan = Loan.ask(ladder, odile, weekend(), "C’est pour ma gouttière.")
    assert (loan.state, loan.booking.state) == (REQUESTED, "held")

    loan.accept("Passez vendredi après 19 h, 5 rue du Belvédère.")
    assert (loan.state, loan.booking.state) == (ACCEPTED, "booked")

    loan.hand_over(karim)
    assert loan.state == ACCEPTED
    loan.hand_over(odile)
    assert loan.state == HANDED_OVER

    loan.give_back(odile)
    assert loan.state == HANDED_OVER
    loan.give_back(karim)
    assert (loan.state, loan.booking.state) == (RETURNED, "done")

    assert [what.kind.partition(".")[2] for what in happenings(loan)] == [
        "requested",
        "accepted",
        "handover_said",
        "handed_over",
        "return_said",
        "returned",
    ]


# Every verb in every state

VERBS: dict[str, Callable[[Loan, Person], None]] = {
    "accepted": lambda loan, _: loan.accept(),
    "refused": lambda loan, _: loan.refuse(),
    "cancelled": lambda loan, odile: loan.cancel(odile),
    "expired": lambda loan, _: loan.expire(),
    "handed_over": lambda loan, odile: loan.hand_over(odile),
    "returned": lambda loan, odile: loan.give_back(odile),
}


def lead_to(loan: Loan, state: str, karim: Person, odile: Person) -> None:
    """Bring a request to that state by the only way there."""
    if state in ("accepted", "handed_over", "returned"):
        loan.accept()
    if state in ("handed_over", "returned"):
        loan.hand_over(karim)
        loan.hand_over(odile)
    if state == "returned":
        loan.give_back(karim)
        loan.give_back(odile)
    if state in ("refused", "cancelled", "expired"):
        VERBS[state](loan, odile)
    db.session.commit()


STATES = (*OPEN, "returned", "refused", "cancelled", "expired")
WRONG: dict[tuple[str, str], type[Refused]] = {
    ("requested", "handed_over"): NotAgreedYet,
    ("requested", "returned"): NotAgreedYet,
    ("accepted", "accepted"): AlreadyAnswered,
    ("accepted", "refused"): AlreadyAnswered,
    ("accepted", "returned"): NotHandedOverYet,
    ("handed_over", "accepted"): AlreadyAnswered,
    ("handed_over", "refused"): AlreadyAnswered,
    ("handed_over", "cancelled"): AlreadyHandedOver,
    ("handed_over", "expired"): AlreadyHandedOver,
    ("handed_over", "handed_over"): AlreadyHandedOver,
} | {(over, verb): AlreadyOver for over in ("returned", "refused", "cancelled", "expired") for verb in VERBS}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    "state", ["requested", "accepted", "handed_over", "returned", "refused", "cancelled", "expired"]
)
def test_each_verb_leads_where_it_may_and_nowhere_else(
    request_of_odile: Loan, karim: Person, odile: Person, state: str, verb: str
) -> None:
    loan = request_of_odile
    lead_to(loan, state, karim, odile)

    if (state, verb) in WRONG:
        assert verb not in MOVES.get(state, ())
        with pytest.raises(WRONG[state, verb]):
            VERBS[verb](loan, odile)
        db.session.rollback()
        assert loan.state == state
    else:
        VERBS[verb](loan, odile)
        if verb in ("handed_over", "returned"):
            assert loan.state == state  # one word is not enough
            VERBS[verb](loan, karim)
        assert loan.state == verb
        assert verb in MOVES[state]


def test_every_way_was_tried() -> None:
    tried = {(state, verb) for state in STATES for verb in VERBS}
    allowed = {(state, to) for state, ways in MOVES.items() for to in ways}
    assert tried == allowed | set(WRONG)


@pytest.mark.parametrize("state", ["handed_over", "returned"])
def test_the_database_too_wants_both_words(request_of_odile: Loan, state: str) -> None:
    request_of_odile.state = state
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


# Asking


def test_nobody_borrows_their_own_thing(ladder: Item, karim: Person) -> None:
    with pytest.raises(YourOwnThing):
        Loan.ask(ladder, karim, weekend())


def test_what_is_off_the_shelf_cannot_be_asked_for(ladder: Item, odile: Person) -> None:
    ladder.withdraw()
    with pytest.raises(NotOnTheShelf):
        Loan.ask(ladder, odile, weekend())


def test_the_same_days_are_not_asked_for_twice(request_of_odile: Loan, ladder: Item) -> None:
    with pytest.raises(AlreadyBooked):
        Loan.ask(ladder, person_named("yvonne"), days(21, 22))
    assert db.session.scalar(select(func.count()).select_from(Loan).where(Loan.item_id == ladder.id)) == 1


@pytest.mark.parametrize("end", ["refuse", "cancel", "expire"])
def test_a_request_that_comes_to_nothing_frees_its_days(
    request_of_odile: Loan, ladder: Item, odile: Person, end: str
) -> None:
    request_of_odile.cancel(odile) if end == "cancel" else getattr(request_of_odile, end)()

    assert Loan.ask(ladder, person_named("yvonne"), weekend()).state == REQUESTED


def test_the_rest_after_a_loan_is_kept_free(karim: Person, odile: Person) -> None:
    tent = put_on_shelf(karim, "Tente 4 places", buffer_minutes=1440)
    Loan.ask(tent, odile, days(20, 21))
    db.session.commit()

    with pytest.raises(AlreadyBooked):
        Loan.ask(tent, person_named("yvonne"), days(22))
    assert Loan.ask(tent, person_named("yvonne"), days(23)).state == REQUESTED


def test_five_loans_under_way_are_enough(karim: Person) -> None:
    yvonne = person_named("yvonne")
    things = [put_on_shelf(karim, f"Chaise {n}") for n in range(6)]
    loans = [Loan.ask(thing, yvonne, weekend()) for thing in things[:5]]
    db.session.commit()

    with pytest.raises(EnoughLoans):
        Loan.ask(things[5], yvonne, weekend())
    loans[0].cancel(yvonne)
    assert Loan.ask(things[5], yvonne, weekend()).state == REQUESTED


def test_what_i_have_brought_back_does_not_count_while_the_owner_is_silent(karim: Person) -> None:
    yvonne = person_named("yvonne")
    things = [put_on_shelf(karim, f"Chaise {n}") for n in range(6)]
    loans = [Loan.ask(thing, yvonne, weekend()) for thing in things[:5]]
    loans[0].accept()
    loans[0].hand_over(karim)
    loans[0].hand_over(yvonne)
    loans[0].give_back(yvonne)

    assert Loan.ask(things[5], yvonne, weekend()).state == REQUESTED


# Answers that never come


def test_without_an_answer_in_48_hours_the_request_is_closed_and_both_are_told(
    ladder: Item, odile: Person, karim: Person, work: Callable[[], int], clock: time_machine.Traveller
) -> None:
    loan = Loan.ask(ladder, odile, days(28))
    db.session.commit()
    clock.shift(hours(47.9))
    work()
    assert loan.state == REQUESTED

    clock.shift(hours(0.2))
    work()
    assert (loan.state, loan.booking.state) == (EXPIRED, "freed")
    assert told("lending.expired") == {odile.id, karim.id}


def test_a_request_for_today_waits_no_longer_than_today(
    ladder: Item, odile: Person, work: Callable[[], int], clock: time_machine.Traveller
) -> None:
    loan = Loan.ask(ladder, odile, days(18))
    db.session.commit()
    assert loan.answer_by == datetime(2026, 6, 18, 22, tzinfo=UTC)

    clock.move_to(loan.answer_by + timedelta(minutes=1))
    work()
    assert loan.state == EXPIRED


def test_an_answer_in_time_is_not_undone_later(
    request_of_odile: Loan, work: Callable[[], int], clock: time_machine.Traveller
) -> None:
    request_of_odile.accept()
    db.session.commit()
    clock.shift(hours(49))
    work()
    assert request_of_odile.state == ACCEPTED


def test_what_was_agreed_and_never_left_is_closed_two_days_after(
    request_of_odile: Loan, work: Callable[[], int], clock: time_machine.Traveller
) -> None:
    request_of_odile.accept()
    db.session.commit()
    clock.move_to(request_of_odile.booking.ends + timedelta(days=2, minutes=1))
    work()
    assert request_of_odile.state == EXPIRED


# Changing hands


def test_the_same_neighbour_cannot_confirm_for_the_other(request_of_odile: Loan, karim: Person) -> None:
    request_of_odile.accept()
    request_of_odile.hand_over(karim)
    db.session.commit()

    with pytest.raises(AlreadySaid):
        request_of_odile.hand_over(karim)


def test_silence_confirms_after_three_days(
    request_of_odile: Loan,
    karim: Person,
    odile: Person,
    work: Callable[[], int],
    clock: time_machine.Traveller,
) -> None:
    loan = request_of_odile
    loan.accept()
    loan.hand_over(karim)
    db.session.commit()
    clock.shift(timedelta(days=3, minutes=1))
    work()
    assert loan.state == HANDED_OVER

    loan.give_back(odile)
    db.session.commit()
    clock.shift(timedelta(days=3, minutes=1))
    work()
    assert loan.state == RETURNED


def test_what_is_out_cannot_be_handed_to_the_next(
    request_of_odile: Loan, ladder: Item, karim: Person, odile: Person
) -> None:
    yvonne = person_named("yvonne")
    following = Loan.ask(ladder, yvonne, days(22))
    for loan in (request_of_odile, following):
        loan.accept()
    request_of_odile.hand_over(karim)
    request_of_odile.hand_over(odile)
    db.session.commit()

    with pytest.raises(StillWithSomebody):
        following.hand_over(karim)
    db.session.rollback()
    request_of_odile.give_back(karim)
    following.hand_over(karim)
    following.hand_over(yvonne)
    assert following.state == HANDED_OVER


def test_silence_does_not_confirm_what_cannot_be(
    request_of_odile: Loan,
    ladder: Item,
    karim: Person,
    odile: Person,
    work: Callable[[], int],
    clock: time_machine.Traveller,
) -> None:
    following = Loan.ask(ladder, person_named("yvonne"), days(22))
    following.accept()
    following.hand_over(karim)  # too early: Odile gets it first
    lent(request_of_odile, karim, odile)
    clock.shift(timedelta(days=3, minutes=1))
    work()

    assert (following.state, request_of_odile.state) == (EXPIRED, HANDED_OVER)


def test_what_comes_back_early_is_free_early(
    request_of_odile: Loan, ladder: Item, karim: Person, odile: Person
) -> None:
    request_of_odile.accept()
    request_of_odile.hand_over(karim)
    request_of_odile.hand_over(odile)
    request_of_odile.give_back(karim)

    assert Loan.ask(ladder, person_named("yvonne"), days(21)).booking.blocks


# Reminders


def lent(loan: Loan, karim: Person, odile: Person) -> None:
    loan.accept()
    loan.hand_over(karim)
    loan.hand_over(odile)
    db.session.commit()


def told(kind: str) -> set[int]:
    """Who was told of that sort of thing."""

    found = (
        select(InboxNotice.person_id)
        .join(Activity, Activity.id == InboxNotice.activity_id)
        .where(Activity.kind == kind)
    )
    return set(db.session.scalars(found))


def test_the_day_before_the_return_the_borrower_is_reminded_once(
    request_of_odile: Loan,
    karim: Person,
    odile: Person,
    work: Callable[[], int],
    clock: time_machine.Traveller,
    outbox: Mails,
) -> None:
    lent(request_of_odile, karim, odile)
    clock.move_to(datetime(2026, 6, 20, 6, 59, tzinfo=UTC))
    work()
    assert told("lending.due_tomorrow") == set()

    clock.move_to(datetime(2026, 6, 20, 7, 1, tzinfo=UTC))
    work()
    request_of_odile.remind(-1)  # a second worker with the same promise
    work()
    assert told("lending.due_tomorrow") == {odile.id}
    reminders = [mail for mail in outbox() if "demain" in str(mail["Subject"])]
    assert [mail["To"] for mail in reminders] == ["odile@saint-loup.example"]


@pytest.mark.parametrize("who", ["karim", "odile"])
def test_nobody_is_reminded_of_what_has_come_back(
    request_of_odile: Loan,
    karim: Person,
    odile: Person,
    work: Callable[[], int],
    clock: time_machine.Traveller,
    who: str,
) -> None:
    lent(request_of_odile, karim, odile)
    request_of_odile.give_back(person_named(who))
    db.session.commit()
    clock.move_to(datetime(2026, 7, 30, tzinfo=UTC))
    work()
    request_of_odile.remind(7)

    assert told("lending.due_tomorrow") | told("lending.due_today") | told("lending.overdue") == set()


def test_both_hear_of_what_is_late(
    request_of_odile: Loan, karim: Person, odile: Person, work: Callable[[], int], clock: time_machine.Traveller
) -> None:
    lent(request_of_odile, karim, odile)
    clock.move_to(datetime(2026, 6, 23, 8, tzinfo=UTC))
    work()

    assert request_of_odile.is_late
    assert told("lending.overdue") == {odile.id, karim.id}


# Leaving


def test_who_loses_the_proof_lends_nothing_more(
    ladder: Item, request_of_odile: Loan, karim: Person, odile: Person
) -> None:
    certification_revoked.send(karim)

    assert ladder.withdrawn_at == THURSDAY
    assert request_of_odile.state == "refused"


def test_who_leaves_frees_the_days_they_asked_for(ladder: Item, request_of_odile: Loan, odile: Person) -> None:
    person_left.send(odile)

    assert (request_of_odile.state, request_of_odile.booking.state) == ("cancelled", "freed")


def test_who_is_erased_leaves_no_word_behind(
    ladder: Item, request_of_odile: Loan, karim: Person, odile: Person
) -> None:
    lent(request_of_odile, karim, odile)
    person_erased.send(odile)
    person_erased.send(karim)

    assert (request_of_odile.borrower, request_of_odile.message, request_of_odile.answer) == (None, "", "")
    assert (ladder.owner, ladder.title, ladder.description) == (None, "…", "")
    assert db.session.scalar(select(func.count()).select_from(Booking)) is not None


def test_after_a_year_a_loan_is_a_number(
    request_of_odile: Loan, karim: Person, odile: Person, app: TownApp, clock: time_machine.Traveller
) -> None:
    lent(request_of_odile, karim, odile)
    request_of_odile.give_back(karim)
    request_of_odile.give_back(odile)
    db.session.commit()
    for days_on, borrower in ((364, odile), (2, None)):
        clock.shift(timedelta(days=days_on))
        run_nightly(app, DEMO_SLUG)
        db.session.expire_all()
        assert request_of_odile.borrower == borrower
        db.session.rollback()

    assert (request_of_odile.state, request_of_odile.message) == (RETURNED, "")
