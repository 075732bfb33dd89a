"""What neighbours know of who lends and who borrows: counts of loans with their rules, never a mark."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from statistics import median
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import Row, Select, func, or_, select

from town.blueprints.lending.models import CANCELLED, EXPIRED, HANDED_OVER, REFUSED, REMEMBERED, RETURNED, Item, Loan
from town.commons.bookings import Booking
from town.commons.trust.keys import Key, reading_key
from town.commons.trust.rules import Rule
from town.kernel.db import db, now

GRACE: Final = timedelta(days=1)
"""Many give a thing back in the evening and say so in the morning."""
LAST_MINUTE: Final = timedelta(hours=24)
ANSWERS_OF: Final = timedelta(days=183)
ENOUGH_ANSWERS: Final = 3

GIVEN = Rule(
    "loans-given",
    _l("Loans given"),
    _l(
        "The loans of this neighbour’s things that have begun, since they came: both have said that the thing "
        "changed hands, or one has and the other kept silent for three days. Returns are counted in the same way. "
        "A loan that is still under way has no return yet."
    ),
    feature="lending",
)
ON_TIME = Rule(
    "loans-on-time",
    _l("Given back on time"),
    _l(
        "What this neighbour borrowed and gave back in the last twelve months, and what is overdue today. It was "
        "on time if one of the two said that it came back on the last day of the loan or on the day after, because "
        "people often confirm a day late. After a year nobody knows who borrowed what."
    ),
    feature="lending",
)
LATE_CANCEL = Rule(
    "loans-cancelled-late",
    _l("Cancelled at the last minute"),
    _l(
        "Of the loans agreed in the last twelve months, whichever side this neighbour was on: those that they "
        "cancelled less than 24 hours before the beginning, or later. To cancel earlier is no fault and counts "
        "nowhere."
    ),
    feature="lending",
)
ANSWER_TIME = Rule(
    "answer-time",
    _l("Usual time to answer"),
    _l(
        "The requests for this neighbour’s things in the last six months. We take the time to each answer, yes or "
        "no, and show the one in the middle, the median, in whole hours. With fewer than three answers we show "
        "none. Requests left without an answer for 48 hours are counted beside it."
    ),
    feature="lending",
)


def given(person_ids: Sequence[int]) -> Select[Any]:
    """How many loans these neighbours have given, and how many of them came back."""
    came_back = func.count().filter(Loan.state == RETURNED).label("came_back")
    columns: tuple[Any, ...] = (Item.owner_id, func.count().label("given"), came_back)
    lent = select(*columns).join(Loan, Loan.item_id == Item.id).where(Loan.state.in_((HANDED_OVER, RETURNED)))
    return lent.where(Item.owner_id.in_(person_ids)).group_by(Item.owner_id)


@reading_key("lending")
def loans_given(person_ids: Sequence[int]) -> dict[int, list[Key]]:
    """What neighbours know of somebody who lends."""
    found = {person_id: [Key("lend", _("No loan given so far"), known=False, rule=GIVEN)] for person_id in person_ids}
    for owner_id, begun, came_back in db.session.execute(given(person_ids)):
        loans = ngettext("%(num)s loan", "%(num)s loans", begun)
        returns = ngettext("%(num)s return", "%(num)s returns", came_back)
        found[owner_id] = [Key("lend", f"{loans}, {returns}", _("confirmed by both neighbours"), rule=GIVEN)]
    return found


@dataclass(slots=True)
class Year:
    """The last twelve months of one neighbour: a yes or a no for each thing given back and for each loan agreed."""

    on_time: list[bool] = field(default_factory=list)
    cancelled_late: list[bool] = field(default_factory=list)
    answers: list[timedelta] = field(default_factory=list)
    unanswered: int = 0


def last_year(person_ids: Sequence[int]) -> Select[Any]:
    """The loans of these neighbours, on either side, that are not over or ended in the last twelve months."""
    columns: tuple[Any, ...] = (
        Item.owner_id,
        Loan.borrower_id,
        Loan.state,
        Loan.cancelled_by,
        Loan.created_at,
        Loan.answered_at,
        Loan.brought_back_at,
        Loan.taken_back_at,
        Loan.ended_at,
        Booking.starts,
        Booking.ends,
    )
    theirs = or_(Item.owner_id.in_(person_ids), Loan.borrower_id.in_(person_ids))
    remembered = or_(Loan.ended_at.is_(None), Loan.ended_at >= REMEMBERED.before(now()))
    return (
        select(*columns)
        .join(Item, Item.id == Loan.item_id)
        .join(Booking, Booking.id == Loan.booking_id)
        .where(theirs, remembered)
    )


def years(person_ids: Sequence[int]) -> dict[int, Year]:
    """The last twelve months of each, counted in one query."""
    found = {person_id: Year() for person_id in person_ids}
    for loan in db.session.execute(last_year(person_ids)):
        if loan.owner_id in found and loan.created_at >= now() - ANSWERS_OF:
            _count_answer(found[loan.owner_id], loan)
        if loan.borrower_id in found:
            _count_return(found[loan.borrower_id], loan)
        if loan.answered_at is not None and loan.state != REFUSED:
            late = loan.state == CANCELLED and loan.ended_at > loan.starts - LAST_MINUTE
            for side, person_id in (("owner", loan.owner_id), ("borrower", loan.borrower_id)):
                if person_id in found:
                    found[person_id].cancelled_late.append(late and loan.cancelled_by == side)
    return found


def _count_answer(year: Year, loan: Row[Any]) -> None:
    if loan.answered_at is not None:
        year.answers.append(loan.answered_at - loan.created_at)
    elif loan.state == EXPIRED:
        year.unanswered += 1


def _count_return(year: Year, loan: Row[Any]) -> None:
    said = [at for at in (loan.brought_back_at, loan.taken_back_at) if at is not None]
    if loan.state == RETURNED:
        year.on_time.append(min(said) <= loan.ends + GRACE)
    elif loan.state == HANDED_OVER and not said and loan.ends + GRACE < now():
        year.on_time.append(False)


@reading_key("lending")
def habits(person_ids: Sequence[int]) -> dict[int, list[Key]]:
    """How somebody borrows, agrees and answers. Nothing is said of what they have not done yet."""
    return {person_id: list(_habits(year)) for person_id, year in years(person_ids).items()}


def _habits(year: Year) -> Iterator[Key]:
    if year.on_time:
        words = _("Given back on time: %(yes)s out of %(all)s", yes=sum(year.on_time), all=len(year.on_time))
        yield Key("history", words, _("what they borrowed, in twelve months"), rule=ON_TIME)
    if year.cancelled_late:
        late, agreed = sum(year.cancelled_late), len(year.cancelled_late)
        some = ngettext("%(num)s loan cancelled at the last minute", "%(num)s loans cancelled at the last minute", late)
        out_of = ngettext("out of %(num)s loan agreed in a year", "out of %(num)s loans agreed in a year", agreed)
        yield Key("declined", some if late else _("Nothing cancelled at the last minute"), out_of, rule=LATE_CANCEL)
    ignored = ngettext("%(num)s request without an answer", "%(num)s requests without an answer", year.unanswered)
    if (answers := len(year.answers)) >= ENOUGH_ANSWERS:
        middle = max(1, ceil(median(answer / timedelta(hours=1) for answer in year.answers)))
        hours = ngettext("Answers within %(num)s hour", "Answers within %(num)s hours", middle)
        of = ngettext("median of %(num)s answer in six months", "median of %(num)s answers in six months", answers)
        yield Key("clock", hours, f"{of}, {ignored}" if year.unanswered else of, rule=ANSWER_TIME)
    elif year.unanswered:
        yield Key("clock", ignored, _("in six months"), rule=ANSWER_TIME)
