"""The search page."""

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from town.commons.board import Card
from town.commons.feed import PAGE, card_rows, cards, recent
from town.commons.people.access import PUBLIC
from town.commons.people.visit import visitor
from town.commons.search import matching
from town.kernel.features import Feature
from town.kernel.language import language
from town.kernel.limits import Limit, by_network, by_person
from town.kernel.text import clean
from town.kernel.web import page

feature = Feature("search", __name__, title=_l("Search"), icon="search", short={"/recherche": "index"}, essential=True)

LONGEST = 100


def _who_searches() -> str:
    """Whoever asks something; the empty page and its form are free."""
    return (by_person() or by_network()) if request.args.get("q") else ""


SEARCHES = Limit(
    "search",
    "5 per second; 30 per minute",
    _who_searches,
    _l("That is a lot of searching at once. Wait a minute, then go on."),
    closed=False,
)


@feature.get("/", access=PUBLIC, limits=(SEARCHES,))
def index() -> ResponseReturnValue:
    question = clean(request.args.get("q", ""))[:LONGEST].strip()
    answer = matching(question, Card.id, language())
    found = []
    if answer is not None:
        found = card_rows(recent(cards(visitor()).where(answer), PAGE + 1, request.args.get("before", "")))
    older = url_for(".index", q=question, before=found[PAGE - 1].cursor) if len(found) > PAGE else ""
    return page("search/index.html", "results", question=question, found=found[:PAGE], older_url=older)
