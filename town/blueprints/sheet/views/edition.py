"""« Imprimer la feuille de la semaine »: what goes on it, a word of the town hall, then the printer."""

from flask import flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from town.blueprints.sheet.choosing import candidates
from town.blueprints.sheet.composing import compose
from town.blueprints.sheet.forms import EditionForm
from town.blueprints.sheet.making import matter_of
from town.blueprints.sheet.models import Edition
from town.blueprints.sheet.showing import notes_of_choice
from town.blueprints.sheet.views import feature
from town.commons.feed import CardRow
from town.commons.people.access import role
from town.commons.people.visit import me
from town.commons.waiting import TOWN_HALL
from town.kernel.db import set_writing
from town.kernel.web import page, see

OF_THE_TOWN_HALL = role(*TOWN_HALL)


@feature.get("/desk/sheet", access=OF_THE_TOWN_HALL)
def edition() -> ResponseReturnValue:
    rows, chosen, form = candidates(), Edition.this_week(), EditionForm()
    if request.method == "GET":  # a refusal shows what was typed
        form.word.data = chosen.word
        form.cards.data = [row.public_id for row in rows if row.public_id not in chosen.left_out]
    return _edition(form, rows, chosen)


@feature.post("/desk/sheet", access=OF_THE_TOWN_HALL, shows="sheet.edition")
def choose() -> ResponseReturnValue:
    """Keep the choices. A card that came after the page was opened is not among the `offered`: nobody left it out."""
    form = EditionForm()
    if not form.validate():
        set_writing(False)  # measuring a page is slow: nobody waits for it
        return _edition(form, candidates(), Edition.this_week(), 422)
    rows, chosen = candidates(), Edition.this_week()
    known = {row.public_id for row in rows} & set(request.form.getlist("offered"))
    chosen.choose(me(), form.word.data or "", known - set(form.cards.data or []))
    flash(_("Kept. The sheet is ready to print."), "ok")
    return see("sheet.edition")


def _edition(form: EditionForm, rows: list[CardRow], chosen: Edition, status: int = 200) -> ResponseReturnValue:
    form.offer([(row.public_id, row.title) for row in rows])
    matter = matter_of(rows, chosen)
    return page(
        "sheet/edition.html",
        "edition",
        form=form,
        matter=matter,
        kinds={row.public_id: row.kind for row in rows},
        notes=notes_of_choice(rows, set(form.cards.data or []), compose(matter)),
        status=status,
    )
