"""What lending does by itself: answers that never came, reminders, silence, and neighbours who leave."""

from typing import Any

from sqlalchemy import or_, select, update

from town.blueprints.lending.models import ACCEPTED, REMEMBERED, REQUESTED, Item, Loan, loans_to_end
from town.blueprints.lending.refusals import StillWithSomebody
from town.commons.people.models import Person
from town.kernel.db import db, flush, now
from town.kernel.jobs import job, nightly
from town.kernel.signals import certification_revoked, person_erased, person_left


def _loan(payload: dict[str, Any]) -> Loan | None:
    return db.session.get(Loan, payload["loan"])


@job("lending.expire")
def no_answer_came(payload: dict[str, Any]) -> None:
    """A request always ends with an outcome: without an answer in time, its dates are free again."""
    loan = _loan(payload)
    if loan is not None and loan.state == REQUESTED and loan.answer_by <= now():
        loan.expire()


@job("lending.lapse")
def it_never_left(payload: dict[str, Any]) -> None:
    """What was agreed and never changed hands is closed after its time."""
    loan = _loan(payload)
    if loan is not None and loan.state == ACCEPTED and not (loan.given_at or loan.received_at):
        loan.expire()


@job("lending.remind")
def remind(payload: dict[str, Any]) -> None:
    """The reminder and its notice are one transaction: two workers cannot both send it."""
    loan = _loan(payload)
    if loan is not None:
        loan.remind(payload["days"])


@job("lending.settle")
def silence_confirms(payload: dict[str, Any]) -> None:
    """One of the two said that it changed hands, the other never answered. Of what is elsewhere it cannot be true."""
    loan = _loan(payload)
    if loan is None:
        return
    try:
        loan.settle()
    except StillWithSomebody:
        loan.expire()


@nightly
def forget_words() -> None:
    """A year after its end, a loan is a number: who borrowed and what was written is forgotten."""
    long_over = Loan.ended_at < now() - REMEMBERED
    blank = update(Loan).where(long_over, Loan.borrower_id.is_not(None)).values(borrower_id=None, message="", answer="")
    db.session.execute(blank.execution_options(synchronize_session=False))


def _end_what_has_not_begun(person: Person) -> None:
    for loan in db.session.scalars(loans_to_end(person)):
        if loan.state in (REQUESTED, ACCEPTED):
            loan.cancel(person)


@certification_revoked.connect
def take_off_the_shelf(person: Person, **_: Any) -> None:
    """Who is not known to live here any more lends nothing."""
    for item in db.session.scalars(select(Item).where(Item.owner_id == person.id, Item.withdrawn_at.is_(None))):
        item.withdraw()


@person_left.connect
def leave(person: Person, **_: Any) -> None:
    """Who leaves town takes their things along; the neighbours concerned are told."""
    take_off_the_shelf(person)
    _end_what_has_not_begun(person)


@person_erased.connect
def forget(person: Person, **_: Any) -> None:
    """Loans stay countable for the other neighbour, without this one's name, words or things.

    What is out at that moment the other one brings to its end: this one's silence confirms.
    """
    leave(person)
    items = list(db.session.scalars(select(Item).where(Item.owner_id == person.id)))
    mine = or_(Loan.borrower_id == person.id, Loan.item_id.in_([item.id for item in items]))
    for loan in db.session.scalars(select(Loan).where(mine)):
        if loan.borrower_id == person.id:
            loan.message, loan.borrower = "", None
        else:
            loan.answer = ""
    for item in items:
        for picture in db.session.scalars(item.pictures()):
            picture.remove()
        item.title, item.description, item.rules, item.photo, item.owner = "…", "", "", None, None
    flush()
