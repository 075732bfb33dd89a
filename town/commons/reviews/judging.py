"""Reviews stand on no board, and are reported as an abuse like anything else, by whoever may read them."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.orm import joinedload

from town.commons.holds import SEE_HELD
from town.commons.moderation.activity import DECIDERS
from town.commons.moderation.things import off_the_board
from town.commons.people.visit import Visitor
from town.commons.reviews.models import Review
from town.kernel.db import now


def meant_for(viewer: Visitor) -> ColumnElement[bool]:
    """The condition that a review is for this viewer, were it not hidden: certified neighbours, the two, moderators."""
    everybody = true() if viewer.certified or viewer.has_role(*DECIDERS) else false()
    of_the_two = or_(Review.writer_id == viewer.person_id, Review.about_id == viewer.person_id)
    return and_(Review.readable_from <= now(), or_(everybody, of_the_two) if viewer.signed_in else false())


def read_by(viewer: Visitor) -> Select[Any]:
    """The reviews that this viewer may open now. One that is hidden is for its writer and the town hall alone."""
    found = select(Review).where(meant_for(viewer)).options(joinedload(Review.writer), joinedload(Review.about))
    if viewer.has_role(*SEE_HELD):
        return found
    return found.where(or_(Review.hidden_at.is_(None), Review.writer_id == viewer.person_id))


off_the_board(Review, meant_for)
