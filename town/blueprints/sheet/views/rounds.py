"""Homes that nobody can tell: by quarter and street, the list of a round, and that it has been made."""

from typing import Any

from flask import flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from town.blueprints.sheet.models import Round, sheet_round, week_of
from town.blueprints.sheet.queries import official_cards, stretches
from town.blueprints.sheet.roundlist import Heading, round_pdf
from town.blueprints.sheet.views import feature
from town.blueprints.sheet.views.edition import OF_THE_TOWN_HALL
from town.blueprints.sheet.views.public import pdf_answer
from town.commons.board import Card
from town.commons.people.visit import me
from town.commons.places.concerns import Concerns, names
from town.kernel.db import db, get_or_404
from town.kernel.language import day, number, today
from town.kernel.tenancy import current_town
from town.kernel.web import page, see


@feature.get("/desk/round", access=OF_THE_TOWN_HALL)
def round_() -> ResponseReturnValue:
    """The whole town: what the weekly sheet has to make up for."""
    return _round(None)


@feature.get("/desk/round/<public_id>", access=OF_THE_TOWN_HALL)
def round_of(public_id: str) -> ResponseReturnValue:
    """The streets that one notice concerns."""
    return _round(get_or_404(official_cards(), public_id=public_id))


def _round(card: Card | None) -> ResponseReturnValue:
    found = stretches(_concerns(card))
    boxes = sum(stretch.boxes for stretch in found)
    made = db.session.scalar(select(Round).where(Round.about == _about(card)))
    return page("sheet/round.html", "round", card=card, stretches=found, boxes=boxes, made=made)


@feature.get("/desk/round.pdf", access=OF_THE_TOWN_HALL)
def round_list() -> ResponseReturnValue:
    """The list for whoever carries the paper: streets and numbers of sheets; `?numbers=1` with the doors to serve."""
    public_id = request.args.get("notice", "")
    card = get_or_404(official_cards(), public_id=public_id) if public_id else None
    concerns = _concerns(card)
    found = stretches(concerns, numbers=request.args.get("numbers") == "1")
    boxes = sum(stretch.boxes for stretch in found)
    heading = Heading(
        town=current_town().name,
        under=_("Round of %(day)s", day=day(today())),
        title=card.title if card else _("The sheet of the week"),
        places=", ".join(names(concerns)) or _("The whole town"),
        total=_boxes(boxes),
    )
    return pdf_answer(round_pdf(heading, found), "tournee")


@feature.post("/desk/round", access=OF_THE_TOWN_HALL, shows="sheet.round_")
def sheet_delivered() -> ResponseReturnValue:
    return _delivered(None, "sheet.round_")


@feature.post("/desk/round/<public_id>", access=OF_THE_TOWN_HALL, shows="sheet.round_of")
def delivered(public_id: str) -> ResponseReturnValue:
    return _delivered(get_or_404(official_cards(), public_id=public_id), "sheet.round_of", public_id=public_id)


def _delivered(card: Card | None, shows: str, **values: Any) -> ResponseReturnValue:
    boxes = sum(stretch.boxes for stretch in stretches(_concerns(card)))
    Round.done(me(), _about(card), boxes)
    flash(_("Noted: %(boxes)s served.", boxes=_boxes(boxes)), "ok")
    return see(shows, **values)


def _boxes(boxes: int) -> str:
    return ngettext("%(n)s letterbox", "%(n)s letterboxes", boxes, n=number(boxes))


def _concerns(card: Card | None) -> Concerns:
    return Concerns() if card is None else Concerns.from_json(card.concerns)


def _about(card: Card | None) -> str:
    return sheet_round(week_of(today())) if card is None else card.public_id
