"""What has happened to a loan and what comes next, as its page tells it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from town.blueprints.lending.models import ACCEPTED, CANCELLED, EXPIRED, HANDED_OVER, REFUSED, REQUESTED, RETURNED, Loan


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the timeline. `next`: it has not happened yet, and nobody promises when it will."""

    title: str
    icon: str
    at: datetime | None = None
    by: str = ""
    text: str = ""
    current: bool = False
    next: bool = False


def steps(loan: Loan) -> list[Step]:
    """The loan's steps, what is next last."""
    done = list(_done(loan))
    last = done.pop()
    done.append(Step(last.title, last.icon, last.at, last.by, last.text, current=True))
    return done + list(_to_come(loan))


def _done(loan: Loan) -> Iterator[Step]:
    borrower = loan.borrower.name if loan.borrower else _("A former neighbour")
    owner = loan.owner.name if loan.owner else _("A former neighbour")
    yield Step(_("Request sent"), "send", loan.created_at, borrower)
    if loan.state == REFUSED:
        yield Step(_("Not this time"), "declined", loan.answered_at, owner)
    elif loan.answered_at:
        yield Step(_("Loan agreed"), "check", loan.answered_at, owner)
    if loan.given_at and loan.received_at:
        yield Step(_("It changed hands"), "repeat", max(loan.given_at, loan.received_at))
    if loan.state == RETURNED:
        yield Step(_("It came back"), "resolved", loan.ended_at, text=_("Confirmed by both."))
    elif loan.state == CANCELLED:
        yield Step(_("Loan cancelled"), "declined", loan.ended_at)
    elif loan.state == EXPIRED:
        title = _("Closed, it never left") if loan.answered_at else _("Closed without an answer")
        yield Step(title, "declined", loan.ended_at, text=_("The dates are free again."))


def _to_come(loan: Loan) -> Iterator[Step]:
    if loan.state == REQUESTED:
        yield Step(_("The answer"), "message", next=True)
    if loan.state in (REQUESTED, ACCEPTED):
        yield Step(_("It changes hands"), "repeat", next=True)
    if loan.state in (REQUESTED, ACCEPTED, HANDED_OVER):
        yield Step(_("It comes back"), "resolved", next=True)
