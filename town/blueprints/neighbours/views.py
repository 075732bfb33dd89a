"""The list of neighbours, a neighbour's page, and my own as they see it."""

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from town.blueprints.neighbours.queries import PAGE, after, neighbours
from town.commons.board import Card
from town.commons.feed import card_rows, cards, recent
from town.commons.people.access import CERTIFIED, PUBLIC, SIGNED_IN
from town.commons.people.models import Person
from town.commons.people.visit import me as myself
from town.commons.people.visit import visitor
from town.commons.reviews import reviews_about
from town.commons.trust import once_certified
from town.commons.trust.keys import reading_keys
from town.kernel.db import db, get_or_404
from town.kernel.features import Feature
from town.kernel.web import page

OFFERS, REVIEWS = 6, 4
"""How much of each a profile shows."""

feature = Feature("neighbours", __name__, title=_l("Neighbours"), icon="neighbours", short={"/voisins": "index"})


@feature.get("/", access=PUBLIC)
def index() -> ResponseReturnValue:
    """The certified neighbours of my quarter, or of the town. Others learn how to become one, and see no list."""
    viewer = visitor()
    if not viewer.certified:
        return page("neighbours/closed.html")
    wide = request.args.get("in") == "town" or viewer.quarter_id is None
    found = neighbours(None if wide else viewer.quarter_id)
    cursor = request.args.get("after", "")
    rows = db.session.execute(after(found, cursor) if cursor else found).all()
    older = ""
    if len(rows) > PAGE:
        older = url_for(".index", **{"in": "town" if wide else None, "after": rows[PAGE - 1].public_id})
    return page("neighbours/index.html", "older", rows=rows[:PAGE], wide=wide, older=older)


@feature.get("/me", access=SIGNED_IN)
def me() -> ResponseReturnValue:
    """How others see me."""
    return _person(myself())


@feature.get("/<public_id>", access=CERTIFIED)
def person(public_id: str) -> ResponseReturnValue:
    """A neighbour: what they say of themselves, and what is known."""
    return _person(get_or_404(once_certified(), public_id=public_id))


def _person(found: Person) -> Response:
    own = (Card.author_id == found.id, Card.official.is_(False), Card.on_behalf_of_id.is_(None))
    reviews = reviews_about(found, limit=REVIEWS)
    return page(
        "neighbours/person.html",
        person=found,
        keys=reading_keys(found.id)[found.id],
        offers=card_rows(recent(cards(visitor()).where(*own), limit=OFFERS)),
        reviews=reviews[:REVIEWS],
        more_reviews=len(reviews) > REVIEWS,
    )
