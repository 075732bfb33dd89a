"""Items and loans: their tables, and what neighbours do with them."""

from town.blueprints.lending.models.item import Item
from town.blueprints.lending.models.loan import OPEN_LOANS, REMEMBERED, Loan, open_loans
from town.blueprints.lending.models.moves import (
    ACCEPTED,
    CANCELLED,
    EXPIRED,
    HANDED_OVER,
    MOVES,
    OPEN,
    REFUSED,
    REQUESTED,
    RETURNED,
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
    "open_loans",
]
