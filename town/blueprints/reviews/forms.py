"""What people say of an exchange: three answers and a few words; and the one reply."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    RadioField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional

from town.commons.reviews import LONGEST, Exchange, Facts
from town.kernel.forms import Form, choices
from town.kernel.text import clean

ANSWERS = choices({"yes": _l("Yes"), "no": _l("No"), "na": _l("Not concerned")})
_CHOOSE = _l("Choose an answer.")


def _text(text: str | None) -> str:
    return clean(text or "").strip()


class ReviewForm(Form):
    """How it went. Nothing is chosen beforehand: an answer is somebody's own."""

    kept_word = RadioField(_l("Were they as good as their word?"), [DataRequired(_CHOOSE)], choices=ANSWERS)
    as_agreed = RadioField(_l("Was the thing as agreed?"), [DataRequired(_CHOOSE)], choices=ANSWERS)
    again = RadioField(_l("Would you do it again?"), [DataRequired(_CHOOSE)], choices=ANSWERS)
    text = TextAreaField(_l("A few words"), [Optional(), Length(max=LONGEST)], [_text])

    def __init__(self, exchange: Exchange, writer: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        question = exchange.question(writer)
        if question is None:
            del self.as_agreed
        else:
            self.as_agreed.label.text = str(question)

    @property
    def facts(self) -> Facts:
        unasked = "na"
        said = {name: self[name].data if name in self else unasked for name in ("kept_word", "as_agreed", "again")}
        return Facts(**said)


class CorrectionForm(ReviewForm):
    """The same again. Once the other one may read it, only its words can be changed."""

    def __init__(self, exchange: Exchange, writer: int, *, words_only: bool = False, **kwargs: Any) -> None:
        super().__init__(exchange, writer, **kwargs)
        self.words_only = words_only
        if words_only:
            for name in [field.name for field in self if field.name != "text"]:
                del self[name]


class ReplyForm(Form):
    """One reply."""

    text = TextAreaField(
        _l("Your reply"), [DataRequired(_l("Write a word, or leave it.")), Length(max=LONGEST)], [_text]
    )
