"""What the town hall chooses for the week's sheet."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField, TextAreaField, ValidationError
from wtforms.validators import Length, Optional

from town.blueprints.sheet.models import WORD
from town.kernel.forms import Form, choices
from town.kernel.text import one_line

LONGEST = 30
"""Letters of a word that stands on a line of the sheet, whatever the letters."""


def _line(text: str | None) -> str:
    return one_line(text or "")


class EditionForm(Form):
    """`cards` holds the public ids of what goes on the sheet."""

    word = TextAreaField(
        _l("A word from the town hall"),
        [Optional(), Length(max=WORD, message=_l("200 characters at most: it is a sheet of paper."))],
        [_line],
    )
    cards = SelectMultipleField(_l("On the sheet"), [Optional()], choices=[], validate_choice=False)

    def offer(self, cards: list[tuple[str, str]]) -> None:
        """The cards that may go on the sheet, by public id. One that has gone meanwhile is nobody's mistake."""
        self.cards.choices = choices(cards)

    def validate_word(self, field: Any) -> None:
        if any(len(word) > LONGEST for word in (field.data or "").split()):
            raise ValidationError(_("One of these words is too long for the sheet."))
