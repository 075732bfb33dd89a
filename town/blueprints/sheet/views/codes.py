"""From paper back to a card: the code that was scanned or typed, through the card's own permission."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from town.blueprints.sheet.views import feature
from town.commons.board import Card
from town.commons.feed import card_rows, cards
from town.commons.people.access import PUBLIC
from town.commons.people.visit import visitor
from town.commons.short import EXAMPLE, typed_code
from town.kernel.codes import NotACode
from town.kernel.web import page


@feature.get("/f/", access=PUBLIC)
def type_code() -> ResponseReturnValue:
    """Where a code is typed."""
    typed = request.args.get("code", "").strip()[:40].replace("/", "")
    if typed:
        return redirect(url_for("sheet.follow", code=typed), 302)
    return page("sheet/code.html", typed="", error="", rows=[], example=EXAMPLE)


@feature.get("/F/<code>", access=PUBLIC, endpoint="follow_scanned")
@feature.get("/f/<code>", access=PUBLIC)
def follow(code: str) -> ResponseReturnValue:
    """To the card's page. What one may not read and what is not there look alike; what is over is still found."""
    try:
        wanted = typed_code(code)
    except NotACode as slip:
        return page("sheet/code.html", typed=code[:40], error=str(slip.sentence), rows=[], example=EXAMPLE, status=404)
    rows = card_rows(cards(visitor(), over=True).where(Card.code == wanted).order_by(Card.id).limit(5))
    if len(rows) == 1:
        return redirect(rows[0].url, 302)
    gone = _("Nothing that you may read has this code. It may have been withdrawn since it was printed.")
    said: dict[str, Any] = {"error": "", "status": 200} if rows else {"error": gone, "status": 404}
    return page("sheet/code.html", typed=wanted, rows=rows, example=EXAMPLE, **said)
