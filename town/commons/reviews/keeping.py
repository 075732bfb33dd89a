"""What reviews do by themselves: one invitation, the end of the fortnight, two years of memory, people erased."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.orm import joinedload

from town.commons.activity import Activity, record
from town.commons.people.models import Person
from town.commons.reviews import activity
from town.commons.reviews.models import WRITTEN_WITHIN, Exchange, Review
from town.kernel.db import db, flush, now
from town.kernel.inventory import mine
from town.kernel.jobs import job
from town.kernel.retention import Span, forgets
from town.kernel.signals import person_erased


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


@forgets(
    "reviews.unwritten",
    what=_l("That an exchange took place, while you may still say how it went"),
    why=_l("To ask you both, once"),
    then=_l("It is erased, if neither of you wrote"),
    lasts=Span(days=WRITTEN_WITHIN.days),
    rows=lambda: select(Exchange.id).where(~exists().where(Review.exchange_id == Exchange.id)),
    over=lambda limit: Exchange.at < limit,
)
def forget_unwritten(limit: datetime) -> None:
    nobody_wrote = ~exists().where(Review.exchange_id == Exchange.id)
    gone = delete(Exchange).where(nobody_wrote, Exchange.at < limit)
    db.session.execute(gone.execution_options(synchronize_session=False))


@forgets(
    "reviews.reviews",
    what=_l("What two neighbours say of each other after an exchange"),
    why=_l("So that the next ones know how it went"),
    then=_l("It is erased: who somebody was two years ago says little of today"),
    lasts=Span(months=24),
    since=_l("after the exchange"),
    rows=lambda: select(Exchange.id).where(exists().where(Review.exchange_id == Exchange.id)),
    over=lambda limit: Exchange.at < limit,
)
def forget_reviews(limit: datetime) -> None:
    old = select(Exchange.id).where(Exchange.at < limit)
    for statement in (delete(Review).where(Review.exchange_id.in_(old)), delete(Exchange).where(Exchange.at < limit)):
        db.session.execute(statement.execution_options(synchronize_session=False))


@person_erased.connect
def forget(person: Person, **_: Any) -> None:
    """What others wrote about them goes. What they wrote leaves three answers of a former neighbour, without a word."""
    flush()
    theirs = or_(Exchange.first_id == person.id, Exchange.second_id == person.id)
    happened = (Activity.thing == Exchange.__tablename__, Activity.thing_id.in_(select(Exchange.id).where(theirs)))
    gone = (
        update(Activity).where(*happened).values(title="…"),  # perhaps their words for their thing
        update(Exchange).where(theirs).values(title="…"),
        delete(Review).where(Review.about_id == person.id),
        update(Review).where(Review.writer_id == person.id).values(writer_id=None, text=""),
        update(Exchange).where(Exchange.first_id == person.id).values(first_id=None),
        update(Exchange).where(Exchange.second_id == person.id).values(second_id=None),
        delete(Exchange).where(Exchange.first_id.is_(None), Exchange.second_id.is_(None)),
    )
    for statement in gone:
        db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.expire_all()


mine(
    Exchange,
    "first_id",
    "second_id",
    title=_l("Exchanges of which I may say how they went"),
    rows=lambda person_id: (
        select(Exchange)
        .where(or_(Exchange.first_id == person_id, Exchange.second_id == person_id))
        .options(joinedload(Exchange.first), joinedload(Exchange.second))
        .order_by(Exchange.id)
    ),
    shows={"title": _l("What it is"), "first": _l("Between"), "second": _l("And"), "at": _l("When")},
)
mine(
    Review,
    "writer_id",
    "about_id",
    title=_l("What I wrote of my neighbours, and they of me"),
    rows=lambda person_id: (
        select(Review)
        .where(or_(Review.writer_id == person_id, (Review.about_id == person_id) & (Review.readable_from <= now())))
        .options(joinedload(Review.writer), joinedload(Review.about))
        .order_by(Review.id)
    ),
    shows={
        "writer": _l("Written by"),
        "about": _l("Of whom"),
        "kept_word": _l("Word kept"),
        "as_agreed": _l("As agreed"),
        "again": _l("Would do it again"),
        "text": _l("Words"),
        "reply": _l("The reply"),
        "written_at": _l("When"),
    },
    stays=_l("Three answers about each neighbour with whom you exchanged, without your name or your words."),
)
