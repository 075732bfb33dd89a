"""The states of a loan, where each may lead, and what is said where it may not."""

from town.blueprints.lending.refusals import (
    AlreadyAnswered,
    AlreadyHandedOver,
    NotAgreedYet,
    NotHandedOverYet,
)
from town.kernel.refusals import Refused

REQUESTED, ACCEPTED, HANDED_OVER, RETURNED = "requested", "accepted", "handed_over", "returned"
REFUSED, CANCELLED, EXPIRED = "refused", "cancelled", "expired"
OPEN = (REQUESTED, ACCEPTED, HANDED_OVER)
MOVES = {
    REQUESTED: {ACCEPTED, REFUSED, CANCELLED, EXPIRED},
    ACCEPTED: {HANDED_OVER, CANCELLED, EXPIRED},
    HANDED_OVER: {RETURNED},
}

NOT_FROM: dict[tuple[str, str], type[Refused]] = {
    (REQUESTED, HANDED_OVER): NotAgreedYet,
    (REQUESTED, RETURNED): NotAgreedYet,
    (ACCEPTED, ACCEPTED): AlreadyAnswered,
    (ACCEPTED, REFUSED): AlreadyAnswered,
    (ACCEPTED, RETURNED): NotHandedOverYet,
    (HANDED_OVER, ACCEPTED): AlreadyAnswered,
    (HANDED_OVER, REFUSED): AlreadyAnswered,
    (HANDED_OVER, CANCELLED): AlreadyHandedOver,
    (HANDED_OVER, EXPIRED): AlreadyHandedOver,
    (HANDED_OVER, HANDED_OVER): AlreadyHandedOver,
}
