"""The sheet of the week, to read and to print. Anybody may print it for a neighbour."""

from flask import Response, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from town.blueprints.sheet.choosing import candidates
from town.blueprints.sheet.composing import compose
from town.blueprints.sheet.drawing import sheet_pdf
from town.blueprints.sheet.making import matter_of
from town.blueprints.sheet.models import Edition
from town.blueprints.sheet.showing import seen
from town.blueprints.sheet.views import feature
from town.commons.people.access import PUBLIC
from town.kernel.limits import Limit, by_network
from town.kernel.web import page

PRINTS = Limit("sheet.print", "120 per hour", by_network, _l("That is a lot of paper. Try again in an hour."))


@feature.get("/sheet/", access=PUBLIC)
def index() -> ResponseReturnValue:
    matter = matter_of(candidates(), Edition.this_week())
    return page("sheet/index.html", matter=matter, seen=seen(matter, compose(matter)))


@feature.get("/sheet/sheet.pdf", access=PUBLIC, limits=(PRINTS,))
def pdf() -> ResponseReturnValue:
    """One page of A4, in large type; `?large=1` in very large type, with fewer things on it."""
    matter = matter_of(candidates(), Edition.this_week(), large=request.args.get("large") == "1")
    return pdf_answer(sheet_pdf(matter), "feuille")


def pdf_answer(file: bytes, name: str) -> Response:
    answer = Response(file, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer
