"""What reviews do by themselves: one invitation, the end of the fortnight, two years of memory, people erased."""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import delete, exists, or_, select, update

from town.commons.activity import record
from town.commons.people.models import Person
from town.commons.reviews import activity
from town.commons.reviews.models import WRITTEN_WITHIN, Exchange, Review
from town.kernel.db import db, flush, now
from town.kernel.jobs import job, nightly
from town.kernel.signals import person_erased

REMEMBERED: Final = timedelta(days=730)
"""As long as a proof of address: who somebody was two years ago says little of today."""


@job("reviews.invite")
def invite(payload: dict[str, Any]) -> None:
    """Ask once, the day after. There is no reminder: nobody owes a review."""
    exchange = db.session.get(Exchange, payload["exchange"])
    if exchange is not None and any(exchange.waits_for(person.id) for person in exchange.parties):
        record(activity.INVITED, exchange, actor=None)


@job("reviews.readable")
def fortnight_is_over(payload: dict[str, Any]) -> None:
    """Say that it may be read. That it may does not depend on this: every query asks the time."""
    review = db.session.get(Review, payload["review"])
    if review is not None and review.readable and review.exchange.review_by(review.about_id) is None:
        record(activity.READABLE, review.exchange, actor=None, whom=review.about_id)


@nightly
def forget_old_exchanges() -> None:
    """After two years reviews go; where nobody wrote within the 60 days, so does the exchange."""
    nobody_wrote = ~exists().where(Review.exchange_id == Exchange.id)
    over = or_(Exchange.at < now() - REMEMBERED, nobody_wrote & (Exchange.at < now() - WRITTEN_WITHIN))
    old = select(Exchange.id).where(over)
    for statement in (
        delete(Review).where(Review.exchange_id.in_(old)),
        delete(Exchange).where(over),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))


@person_erased.connect
def forget(person: Person, **_: Any) -> None:
    """What others wrote about them goes. What they wrote leaves three answers of a former neighbour, without a word."""
    flush()
    gone = (
        delete(Review).where(Review.about_id == person.id),
        update(Review).where(Review.writer_id == person.id).values(writer_id=None, text=""),
        update(Exchange).where(Exchange.first_id == person.id).values(first_id=None),
        update(Exchange).where(Exchange.second_id == person.id).values(second_id=None),
        delete(Exchange).where(Exchange.first_id.is_(None), Exchange.second_id.is_(None)),
    )
    for statement in gone:
        db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.expire_all()
