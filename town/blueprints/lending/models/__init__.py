"""Items and loans: their tables, and what neighbours do with them."""

from town.blueprints.lending.models.item import Item
from town.blueprints.lending.models.loan import (
    ACCEPTED,
    CANCELLED,
    EXPIRED,
    HANDED_OVER,
    MOVES,
    OPEN,
    OPEN_LOANS,
    REFUSED,
    REMEMBERED,
    REQUESTED,
    RETURNED,
    Loan,
    loans_to_end,
    open_loans,
)

__all__ = [
    "ACCEPTED",
    "CANCELLED",
    "EXPIRED",
    "HANDED_OVER",
    "MOVES",
    "OPEN",
    "OPEN_LOANS",
    "REFUSED",
    "REMEMBERED",
    "REQUESTED",
    "RETURNED",
    "Item",
    "Loan",
    "loans_to_end",
    "open_loans",
]
