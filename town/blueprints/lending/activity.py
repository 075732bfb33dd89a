"""What happens in lending, and who hears of it."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l

from town.commons.activity import Activity, Kind
from town.commons.people.models import Person
from town.commons.reviews import Sort
from town.commons.worth import CARBON, EUR, LINK, Counted, Worth, avoided, kept, link


def _owner(happened: Activity) -> Iterable[Person]:
    return [person for person in (happened.subject.owner,) if person]


def _borrower(happened: Activity) -> Iterable[Person]:
    return [person for person in (happened.subject.borrower,) if person]


def _both(happened: Activity) -> Iterable[Person]:
    """The inbox leaves out whoever did it."""
    return [*_owner(happened), *_borrower(happened)]


def _counts(happened: Activity) -> Iterable[Counted]:
    loan = happened.subject
    return [
        link(loan.owner, loan.borrower),
        avoided(loan.item.factor_id, share="share-loan"),
        kept(loan.item.price_cents, share="share-loan"),
    ]


WORTH = Worth(
    _counts,
    {
        LINK: _l("Two neighbours who lend to each other are one link, however often they do so in a year."),
        CARBON: _l(
            "For each loan: what making and delivering one more thing emits, times the share that a loan avoids."
        ),
        EUR: _l("For each loan: the price of a new one, as its owner knows it, times the share that a loan avoids."),
    },
)

SHOWN = "lending.loan"

LENT_FOR = Kind("lending.lent_for", sentence=_l("{actor} lends: {subject}"))
REQUESTED = Kind(
    "lending.requested", sentence=_l("{actor} would like to borrow: {subject}"), tells=_owner, endpoint=SHOWN
)
ACCEPTED = Kind("lending.accepted", sentence=_l("{actor} lends you: {subject}"), tells=_borrower, endpoint=SHOWN)
REFUSED = Kind(
    "lending.refused", sentence=_l("{actor} cannot lend this time: {subject}"), tells=_borrower, endpoint=SHOWN
)
CANCELLED = Kind("lending.cancelled", sentence=_l("{actor} cancelled the loan: {subject}"), tells=_both, endpoint=SHOWN)
EXPIRED = Kind(
    "lending.expired",
    sentence=_l("No answer came in time, the dates are free again: {subject}"),
    tells=_both,
    endpoint=SHOWN,
)
LAPSED = Kind(
    "lending.lapsed", sentence=_l("It never changed hands, the loan is closed: {subject}"), tells=_both, endpoint=SHOWN
)
HANDOVER_SAID = Kind(
    "lending.handover_said",
    sentence=_l("{actor} says that it changed hands, please confirm: {subject}"),
    tells=_both,
    endpoint=SHOWN,
)
HANDED_OVER = Kind(
    "lending.handed_over", sentence=_l("The loan has begun: {subject}"), tells=_both, endpoint=SHOWN, by_mail=False
)
RETURN_SAID = Kind(
    "lending.return_said",
    sentence=_l("{actor} says that it came back, please confirm: {subject}"),
    tells=_both,
    endpoint=SHOWN,
)
RETURNED = Kind(
    "lending.returned",
    sentence=_l("It came back, thank you both: {subject}"),
    tells=_both,
    endpoint=SHOWN,
    by_mail=False,
    worth=WORTH,
)
DUE_TOMORROW = Kind(
    "lending.due_tomorrow", sentence=_l("To give back tomorrow: {subject}"), tells=_borrower, endpoint=SHOWN
)
DUE_TODAY = Kind("lending.due_today", sentence=_l("To give back today: {subject}"), tells=_borrower, endpoint=SHOWN)
OVERDUE = Kind(
    "lending.overdue", sentence=_l("This should have come back by now: {subject}"), tells=_both, endpoint=SHOWN
)
OTHER_LEFT = Kind(
    "lending.other_left",
    sentence=_l("{actor} has left the town, and this loan is still under way: {subject}"),
    tells=_both,
    endpoint=SHOWN,
)

REMINDERS = {-1: DUE_TOMORROW, 0: DUE_TODAY, 2: OVERDUE, 7: OVERDUE}
"""Days after the last day of a loan, and what is said then if it has not come back."""

LOAN = Sort(
    "loan",
    shown=SHOWN,
    after=_l("after a loan"),
    of_the_thing=(_l("Did it come back in the state agreed?"), _l("Was it as described?")),
)
"""What the two may say of it once it is over: first the owner, then the borrower."""
