"""What lending does by itself: answers that never came, reminders, silence, and neighbours who leave."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import joinedload

from town.blueprints.lending import activity
from town.blueprints.lending.models import ACCEPTED, HANDED_OVER, REMEMBERED, REQUESTED, Item, Loan
from town.blueprints.lending.refusals import StillWithSomebody
from town.commons.activity import record, retitle
from town.commons.board import publish
from town.commons.people.models import Person
from town.commons.people.organisations import Organisation
from town.kernel.db import db, flush, now
from town.kernel.inventory import mine
from town.kernel.jobs import job
from town.kernel.retention import forgets
from town.kernel.signals import certification_revoked, organisation_closed, person_erased, person_left


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


@forgets(
    "lending.loans",
    what=_l("Loans: who borrowed what from whom, and what you wrote to each other"),
    why=_l("To look a loan up, or to settle a disagreement"),
    then=_l("The loan becomes a number, without names or words"),
    lasts=REMEMBERED,
    since=_l("after its end"),
    rows=lambda: select(Loan.id).where(Loan.ended_at.is_not(None), Loan.borrower_id.is_not(None)),
    over=lambda limit: Loan.ended_at < limit,
)
def forget_words(limit: datetime) -> None:
    blank = update(Loan).where(Loan.ended_at < limit, Loan.borrower_id.is_not(None))
    blank = blank.values(borrower_id=None, on_behalf_of_id=None, message="", answer="")
    db.session.execute(blank.execution_options(synchronize_session=False))


def _end_what_has_not_begun(person: Person) -> None:
    for loan in db.session.scalars(_theirs(person).where(Loan.state.in_((REQUESTED, ACCEPTED)))):
        loan.cancel(person)


@organisation_closed.connect
def lend_in_ones_own_name(organisation: Organisation, **_: Any) -> None:
    """What was lent in the name of an organisation that acts no more is lent by whoever put it on the shelf."""
    for item in db.session.scalars(select(Item).where(Item.on_behalf_of_id == organisation.id)):
        item.lend_for(None)
        if item.withdrawn_at is None:
            publish(item)


@certification_revoked.connect
def take_off_the_shelf(person: Person, **_: Any) -> None:
    """Who is not known to live here any more lends nothing."""
    for item in db.session.scalars(select(Item).where(Item.owner_id == person.id, Item.withdrawn_at.is_(None))):
        item.withdraw()


@person_left.connect
def leave(person: Person, **_: Any) -> None:
    """Who leaves town takes their things along; the neighbours concerned are told, of what is still out too."""
    take_off_the_shelf(person)
    _end_what_has_not_begun(person)
    for loan in db.session.scalars(_theirs(person).where(Loan.state == HANDED_OVER)):
        record(activity.OTHER_LEFT, loan, actor=person)


@person_erased.connect
def forget(person: Person, **_: Any) -> None:
    """Loans stay countable for the other neighbour, without this one's name, words or things.

    What is out at that moment the other one brings to its end: this one's silence confirms.
    """
    take_off_the_shelf(person)
    _end_what_has_not_begun(person)
    items = list(db.session.scalars(select(Item).where(Item.owner_id == person.id)))
    mine = or_(Loan.borrower_id == person.id, Loan.item_id.in_([item.id for item in items]))
    for loan in db.session.scalars(select(Loan).where(mine)):
        if loan.borrower_id == person.id:
            loan.message, loan.borrower, loan.on_behalf_of = "", None, None
        else:
            loan.answer = ""
    for item in items:
        for picture in db.session.scalars(item.pictures()):
            picture.remove()
        item.title, item.description, item.rules, item.photo, item.owner = "…", "", "", None, None
        item.on_behalf_of = None
        retitle(item)
        for loan in item.loans:
            retitle(loan)
    flush()


def _theirs(person: Person) -> Select[Any]:
    """The loans in which a person takes part, on either side."""
    return select(Loan).join(Loan.item).where(or_(Loan.borrower_id == person.id, Item.owner_id == person.id))


mine(
    Item,
    "owner_id",
    title=_l("Things I lend"),
    shows={
        "title": _l("What it is"),
        "description": _l("Description"),
        "rules": _l("Your conditions"),
        "on_behalf_of": _l("In the name of"),
        "created_at": _l("Since"),
        "withdrawn_at": _l("Taken off the shelf"),
    },
)
mine(
    Loan,
    "borrower_id",
    title=_l("My loans"),
    rows=lambda person_id: (
        select(Loan)
        .join(Loan.item)
        .where(or_(Loan.borrower_id == person_id, Item.owner_id == person_id))
        .options(joinedload(Loan.borrower), joinedload(Loan.item).joinedload(Item.owner), joinedload(Loan.on_behalf_of))
        .order_by(Loan.id)
    ),
    shows={
        "title": _l("What it is"),
        "owner": _l("Lent by"),
        "borrower": _l("Borrowed by"),
        "on_behalf_of": _l("In the name of"),
        "when": _l("When"),
        "state": _l("State"),
        "message": _l("Message"),
        "answer": _l("The answer"),
    },
    stays=_l("That a loan took place: it counts for your neighbour, without your name, your words or your things."),
)
