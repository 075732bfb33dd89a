"""What an agent types about the town hall itself."""

from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import Length, Optional, ValidationError

from town.blueprints.desk.practical import Practical
from town.kernel.forms import Form
from town.kernel.text import clean, one_line

MOST_NUMBERS: Final = 6
NAME, NUMBER = 30, 20


def _line(text: str | None) -> str:
    return one_line(text or "")


def _lines(text: str | None) -> str:
    return "\n".join(filter(None, (one_line(line) for line in clean(text or "").splitlines())))


def _is_a_number(said: str) -> bool:
    """Also « 3237 » and « 15 »; nothing that a telephone cannot dial."""
    return 2 <= sum(letter.isdigit() for letter in said) <= 15 and all(letter in "0123456789 .+()-" for letter in said)


class PracticalForm(Form):
    """Nothing is compulsory: what is empty is shown nowhere."""

    hours = StringField(_l("When is the town hall open?"), [Optional(), Length(max=160)], [_line])
    phone = StringField(_l("Its telephone"), [Optional(), Length(max=NUMBER)], [_line])
    address = StringField(_l("Where is the town hall?"), [Optional(), Length(max=120)], [_line])
    bins = StringField(_l("On which days are the bins emptied?"), [Optional(), Length(max=160)], [_line])
    numbers = TextAreaField(_l("Useful numbers of the town"), [Optional()], [_lines])

    @classmethod
    def of(cls, said: Practical) -> "PracticalForm":
        lines = "\n".join(f"{name}: {number}" for name, number in said.numbers)
        shown = {name: getattr(said, name) for name in ("hours", "phone", "address", "bins")}
        return cls(formdata=None, data={**shown, "numbers": lines})

    def validate_phone(self, field: Any) -> None:
        if not _is_a_number(field.data):
            raise ValidationError(_("This is no telephone number."))

    def validate_numbers(self, field: Any) -> None:
        lines = field.data.splitlines()
        if len(lines) > MOST_NUMBERS:
            raise ValidationError(_("%(most)s numbers at most: more would not fit on the sheet.", most=MOST_NUMBERS))
        for line, (name, number) in zip(lines, self._pairs(), strict=True):
            if not (0 < len(name) <= NAME and len(number) <= NUMBER and _is_a_number(number)):
                example = _("Write a name, a colon and a number, such as “Doctor Martin: 02 99 00 00 10”.")
                raise ValidationError(f"{_('This line is not understood: “%(line)s”.', line=line)} {example}")

    def _pairs(self) -> list[tuple[str, str]]:
        parts = (line.rpartition(":") for line in (self.numbers.data or "").splitlines())
        return [(name.strip(), number.strip()) for name, _colon, number in parts]

    @property
    def said(self) -> Practical:
        return Practical(
            address=self.address.data or "",
            phone=self.phone.data or "",
            hours=self.hours.data or "",
            bins=self.bins.data or "",
            numbers=self._pairs(),
        )
