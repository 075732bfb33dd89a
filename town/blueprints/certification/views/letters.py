"""The postcards to print, and those in the post."""

from flask import Response, request
from flask.typing import ResponseReturnValue

from town.blueprints.certification.printing import MOST, print_cards, slip_of
from town.blueprints.certification.views.door import DESK, feature
from town.commons.trust.postcards import ASKED, PRINTED, cards_in
from town.kernel.db import db
from town.kernel.language import today
from town.kernel.web import page


@feature.get("/letters", access=DESK, keep="never")
def letters() -> ResponseReturnValue:
    """The cards to print, and those in the post."""
    cards = db.session.scalars(cards_in(ASKED, PRINTED)).all()
    asked = [card for card in cards if card.state == ASKED][:MOST]
    printed = [card for card in cards if card.state == PRINTED][:MOST]
    return page("certification/letters.html", asked=asked, printed=printed, slip_of=slip_of)


@feature.post("/letters", access=DESK, shows="certification.letters", keep="never")
def print_letters() -> ResponseReturnValue:
    """The PDF itself: its codes exist on this paper alone, so no browser, proxy or worker may keep it."""
    paper = print_cards(request.form.getlist("card"))
    return on_paper(paper, f"cartes-{today()}")


def on_paper(paper: bytes, name: str) -> Response:
    """A PDF with codes, that nobody on the way keeps."""
    answer = Response(paper, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Offline"] = "never"
    return answer
