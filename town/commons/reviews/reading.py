"""What neighbours read of reviews: those about somebody, newest first, and how often each fact was said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString
from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import selectinload

from town.commons.people.models import Person, short_name
from town.commons.people.visit import visitor
from town.commons.reviews.models import FEATURE, SORTS, UNCONCERNED, WRITTEN_WITHIN, YES, Exchange, Facts, Review
from town.commons.trust.keys import Key, reading_key
from town.commons.trust.rules import Rule
from town.kernel.db import db, now
from town.kernel.features import is_on, link_to

PAGE = 20


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A review as every neighbour reads it. Without a name, it is a former neighbour's."""

    public_id: str
    writer_name: str
    writer_certified: bool
    writer_public_id: str
    after: str | LazyString
    facts: Facts
    text: str
    written_at: datetime
    corrected_at: datetime | None
    reply: str
    about_name: str
    entered_by_the_town_hall: bool = False

    @property
    def report_url(self) -> str:
        """Where it is reported as an abuse, by anybody but who wrote it."""
        own = visitor().signed_in and visitor().public_id == self.writer_public_id
        return "" if own else link_to("moderation.new", public_id=self.public_id)

    @property
    def writer_url(self) -> str:
        known = self.writer_public_id and self.writer_certified and visitor().certified
        return link_to("neighbours.person", public_id=self.writer_public_id) if known else ""


def readable() -> ColumnElement[bool]:
    """The condition on `Review` that means: neighbours may read it now. What is not readable is counted nowhere."""
    return and_(Review.hidden_at.is_(None), Review.readable_from <= now())


def about(person: Person, after: str = "", limit: int = PAGE) -> Select[Any]:
    """What may be read about somebody, newest first, one row more than `limit`. `after` is a public id."""
    columns: tuple[Any, ...] = (
        Review.public_id,
        Review.kept_word,
        Review.as_agreed,
        Review.again,
        Review.text,
        Review.written_at,
        Review.corrected_at,
        Review.reply,
        Exchange.sort,
        Person.first_name,
        Person.last_name,
        Person.certified_until,
        Person.public_id.label("writer_public_id"),
        Review.typed().exists().label("entered"),
    )
    found: Select[Any] = (
        select(*columns)
        .join(Exchange, Exchange.id == Review.exchange_id)
        .outerjoin(Person, Person.id == Review.writer_id)
        .where(Review.about_id == person.id, readable())
    )
    if after:
        found = found.where(Review.id < select(Review.id).where(Review.public_id == after).scalar_subquery())
    return found.order_by(Review.id.desc()).limit(limit + 1)


def reviews_about(person: Person, after: str = "", limit: int = PAGE) -> list[ReviewRow]:
    """At most `limit` rows and one more, which says that there is a next page. None where the town has no reviews."""
    if not is_on(FEATURE):
        return []
    return [_row(row, person.name) for row in db.session.execute(about(person, after, limit))]


def row_of(review: Review) -> ReviewRow:
    """The same of one review at hand, whose writer is loaded."""
    writer = review.writer
    sort = SORTS.get(review.exchange.sort)
    return ReviewRow(
        public_id=review.public_id,
        writer_name=writer.name if writer else _("A former neighbour"),
        writer_certified=writer is not None and writer.certified,
        writer_public_id=writer.public_id if writer else "",
        after=sort.after if sort else "",
        facts=review.facts,
        text=review.text,
        written_at=review.written_at,
        corrected_at=review.corrected_at,
        reply=review.reply,
        about_name=review.about.name,
        entered_by_the_town_hall=review.entered_by_the_town_hall,
    )


def _row(row: Row[Any], about_name: str) -> ReviewRow:
    sort = SORTS.get(row.sort)
    return ReviewRow(
        public_id=row.public_id,
        writer_name=short_name(row.first_name, row.last_name or "") if row.first_name else _("A former neighbour"),
        writer_certified=row.certified_until is not None and row.certified_until > now(),
        writer_public_id=row.writer_public_id or "",
        after=sort.after if sort else "",
        facts=Facts(row.kept_word, row.as_agreed, row.again),
        text=row.text,
        written_at=row.written_at,
        corrected_at=row.corrected_at,
        reply=row.reply,
        about_name=about_name,
        entered_by_the_town_hall=bool(row.entered),
    )


def exchanges_of(person_id: int) -> Select[Exchange]:
    """The exchanges in which somebody took part, newest first, with what both wrote."""
    mine = or_(Exchange.first_id == person_id, Exchange.second_id == person_id)
    return select(Exchange).where(mine).options(selectinload(Exchange.reviews)).order_by(Exchange.id.desc())


def waiting(person_id: int) -> Select[Exchange]:
    """Those that somebody may still say a word about."""
    written = select(Review.id).where(Review.exchange_id == Exchange.id, Review.writer_id == person_id)
    both_there = and_(Exchange.first_id.is_not(None), Exchange.second_id.is_not(None))
    return exchanges_of(person_id).where(both_there, Exchange.at > now() - WRITTEN_WITHIN, ~written.exists())


REVIEWED = Rule(
    "reviews",
    _l("What neighbours said after an exchange"),
    _l(
        "Only the two neighbours of an exchange that both confirmed, or that the silence of one confirmed, may say "
        "how it went, once each and within 60 days. A review can be read once both have written, or 14 days after "
        "it was written. Each of its three facts is a yes, a no, or does not apply. We show how many said yes, out "
        "of those who said yes or no. Reviews of the last two years count; one that moderation took off does not."
    ),
    feature=FEATURE,
)


@reading_key(FEATURE)
def said_by_neighbours(person_ids: Sequence[int]) -> dict[int, list[Key]]:
    """How often each of the three facts was said, out of how many who said yes or no."""
    found = {
        person_id: [Key("message", _("No review by a neighbour so far"), known=False, rule=REVIEWED)]
        for person_id in person_ids
    }
    columns = (Review.kept_word, Review.as_agreed, Review.again)
    figures: tuple[Any, ...] = tuple(
        figure
        for column in columns
        for figure in (func.count().filter(column == YES), func.count().filter(column != UNCONCERNED))
    )
    rows = select(Review.about_id, func.count(), *figures).where(Review.about_id.in_(person_ids), readable())
    for about_id, reviews, kept, of_kept, agreed, of_agreed, again, of_again in db.session.execute(
        rows.group_by(Review.about_id)
    ):
        said = (
            ("check", _("Kept their word: %(yes)s out of %(all)s", yes=kept, all=of_kept), of_kept),
            ("resolved", _("The thing was as agreed: %(yes)s out of %(all)s", yes=agreed, all=of_agreed), of_agreed),
            ("repeat", _("Would do it again: %(yes)s out of %(all)s", yes=again, all=of_again), of_again),
        )
        by = ngettext("by %(num)s neighbour after an exchange", "by %(num)s neighbours after an exchange", reviews)
        told = [(icon, fact) for icon, fact, out_of in said if out_of]
        if told:
            found[about_id] = [Key(*fact, "" if n else by, rule=REVIEWED) for n, fact in enumerate(told)]
    return found
