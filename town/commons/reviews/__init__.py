"""Reviews: after an exchange that both confirmed, each of the two says how it went, in three facts and a few words.

A feature opens them in the verb that confirms, `open_reviews(LOAN, loan, between=(owner, borrower), at=...)`, and links
to them from its page by `exchange_about(loan)`. Nobody else can write one, and nobody is given a mark.
"""

from town.commons.reviews import judging as judging  # it can be reported as an abuse
from town.commons.reviews import keeping as keeping  # it forgets, and hears of those who are erased
from town.commons.reviews.models import (
    BLIND,
    CORRECTED_WITHIN,
    LONGEST,
    WRITTEN_WITHIN,
    Exchange,
    Facts,
    Review,
    Sort,
    exchange_about,
    open_reviews,
)
from town.commons.reviews.reading import ReviewRow, reviews_about

__all__ = [
    "BLIND",
    "CORRECTED_WITHIN",
    "LONGEST",
    "WRITTEN_WITHIN",
    "Exchange",
    "Facts",
    "Review",
    "ReviewRow",
    "Sort",
    "exchange_about",
    "open_reviews",
    "reviews_about",
]
