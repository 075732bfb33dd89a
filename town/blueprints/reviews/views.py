"""How it went: addresses for the two of an exchange, and what was said of a neighbour."""

from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from town.blueprints.reviews import policy as policy
from town.blueprints.reviews.forms import CorrectionForm, ReplyForm, ReviewForm
from town.commons.people import me, visitor
from town.commons.people.access import CERTIFIED, SIGNED_IN
from town.commons.reviews import Exchange, reviews_about
from town.commons.reviews.judging import read_by
from town.commons.reviews.models import SORTS
from town.commons.reviews.reading import PAGE, exchanges_of, row_of, waiting
from town.commons.trust import once_certified
from town.kernel.db import db, get_or_404
from town.kernel.features import Feature, link_to
from town.kernel.limits import Limit, by_person
from town.kernel.policy import authorize
from town.kernel.web import page, see

feature = Feature("reviews", __name__, title=_l("Reviews"), icon="message", short={"/temoignages": "index"})

WRITES = Limit("reviews.write", "30 per day", by_person, _l("That is a lot of writing for one day. Go on tomorrow."))


@feature.get("/", access=SIGNED_IN)
def index() -> ResponseReturnValue:
    """My exchanges: those that wait for my word, and what was said of the others."""
    person = visitor().person_id or 0
    both = (joinedload(Exchange.first), joinedload(Exchange.second))
    found, after = exchanges_of(person).options(*both), request.args.get("after", "").replace("\x00", "")
    if after:
        found = found.where(Exchange.id < _id_of(after))
    rows = db.session.scalars(found.limit(PAGE + 1)).all()
    older = url_for("reviews.index", after=rows[PAGE - 1].public_id) if len(rows) > PAGE else ""
    todo = [] if after else db.session.scalars(waiting(person).options(*both).limit(PAGE)).all()
    return page("reviews/index.html", exchanges=rows[:PAGE], waiting=todo, person=person, older=older)


def _id_of(public_id: str) -> Any:
    return select(Exchange.id).where(Exchange.public_id == public_id).scalar_subquery()


@feature.get("/<public_id>", access=SIGNED_IN)
def exchange(public_id: str) -> ResponseReturnValue:
    return _show(_mine(public_id))


def _mine(public_id: str) -> Exchange:
    """An exchange, for the two whose it is; anybody else learns only that there is nothing here."""
    return get_or_404(exchanges_of(visitor().person_id or 0), public_id=public_id)


def _show(exchange: Exchange, status: int = 200, **forms: Any) -> ResponseReturnValue:
    person = visitor().person_id or 0
    mine, theirs, other = exchange.review_by(person), exchange.review_about(person), exchange.other(person)
    sort = SORTS.get(exchange.sort)
    if "writing" not in forms and exchange.waits_for(person):
        forms["writing"] = ReviewForm(exchange, person)
    if "correcting" not in forms and mine is not None and mine.correctable:
        forms["correcting"] = CorrectionForm(exchange, person, words_only=mine.is_open, obj=mine)
    if "replying" not in forms and theirs is not None and theirs.replied_at is None:
        forms["replying"] = ReplyForm()
    return page(
        "reviews/exchange.html",
        "exchange",
        status=status,
        exchange=exchange,
        other=other,
        mine=mine,
        theirs=theirs,
        they_wrote=other is not None and exchange.review_by(other.id) is not None,
        question=exchange.question(person),
        thing_url=link_to(sort.shown, public_id=exchange.thing_public_id) if sort else "",
        **forms,
    )


@feature.post("/<public_id>/reviews", access=SIGNED_IN, shows="reviews.exchange", limits=(WRITES,))
def write(public_id: str) -> ResponseReturnValue:
    exchange = _mine(public_id)
    authorize("write", exchange)
    form = ReviewForm(exchange, me().id)
    if not form.validate():
        return _show(exchange, status=422, writing=form)
    exchange.write(me(), form.facts, form.text.data or "")
    return see("reviews.exchange", public_id=public_id)


@feature.post("/<public_id>/corrections", access=SIGNED_IN, shows="reviews.exchange", limits=(WRITES,))
def correct(public_id: str) -> ResponseReturnValue:
    exchange = _mine(public_id)
    review = exchange.review_by(me().id)
    if review is None:
        abort(404)
    authorize("correct", review)
    form = CorrectionForm(exchange, me().id, words_only=review.is_open)
    if not form.validate():
        return _show(exchange, status=422, correcting=form)
    review.correct(None if form.words_only else form.facts, form.text.data or "")
    return see("reviews.exchange", public_id=public_id)


@feature.post("/<public_id>/replies", access=SIGNED_IN, shows="reviews.exchange", limits=(WRITES,))
def reply(public_id: str) -> ResponseReturnValue:
    exchange = _mine(public_id)
    review = exchange.review_about(me().id)
    if review is None:
        abort(404)
    authorize("reply", review)
    form = ReplyForm()
    if not form.validate():
        return _show(exchange, status=422, replying=form)
    review.reply_with(form.text.data or "")
    return see("reviews.exchange", public_id=public_id)


@feature.get("/said/<public_id>", access=SIGNED_IN)
def review(public_id: str) -> ResponseReturnValue:
    """One review: where its reporter comes back to, and its writer while it is hidden."""
    found = get_or_404(read_by(visitor()), public_id=public_id)
    return page("reviews/review.html", review=found, row=row_of(found))


@feature.get("/of/<public_id>", access=CERTIFIED)
def of(public_id: str) -> ResponseReturnValue:
    """All that was said of a neighbour, newest first."""
    person = get_or_404(once_certified(), public_id=public_id)
    rows = reviews_about(person, request.args.get("after", "").replace("\x00", ""))
    older = url_for("reviews.of", public_id=public_id, after=rows[PAGE - 1].public_id) if len(rows) > PAGE else ""
    return page("reviews/of.html", "older", person=person, rows=rows[:PAGE], older=older)
