"""What residents type from their card, and what the desk types about them."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from town.commons.places.models import Address
from town.commons.places.spots import recognise
from town.commons.trust.codes import EXAMPLE, NotACode, read_code
from town.commons.trust.words import REASONS
from town.kernel.forms import Form
from town.kernel.text import one_line


def _line(text: str | None) -> str:
    return one_line(text or "")


class Code(StringField):
    """A card's code, however it is typed. What cannot be one is refused here, before it counts as a try."""

    code = ""

    def pre_validate(self, form: Any) -> None:
        if (self.data or "").strip():
            try:
                self.code = read_code(self.data or "")
            except NotACode as slip:
                raise ValidationError(str(slip.sentence)) from slip


class CodeForm(Form):
    """The code that came by post."""

    code = Code(
        _l("The code on your card"),
        [DataRequired(_l("Write the code that is on your card. It looks like %(example)s.", example=EXAMPLE))],
    )


class Door(StringField):
    """An address of the town, as people write it; `address` is the door it names."""

    address: Address | None = None

    def pre_validate(self, form: Any) -> None:
        if (self.data or "").strip():
            self.address = recognise(self.data or "")[1]
            if self.address is None:
                raise ValidationError(
                    str(_l("This address is not in the town’s list. Write the number and the street, as in the list."))
                )


def door() -> Door:
    return Door(
        _l("Address"),
        [DataRequired(_l("Write the address.")), Length(max=200, message=_l("This address is too long."))],
        filters=[_line],
    )


def _name(label: Any, missing: Any) -> StringField:
    return StringField(
        label, [DataRequired(missing), Length(max=80, message=_l("This name is too long."))], filters=[_line]
    )


class PapersForm(Form):
    """The desk has looked at somebody's papers."""

    seen = BooleanField(
        _l("Identity document and proof of address seen"),
        [InputRequired(_l("Look at both papers, then tick this box."))],
    )


class NewcomerForm(PapersForm):
    """Somebody at the counter, without e-mail."""

    first_name = _name(_l("First name"), _l("Write the first name."))
    last_name = _name(_l("Last name"), _l("Write the last name."))
    address = door()


class AddressForm(Form):
    """The door where somebody really lives."""

    address = door()


class RevokeForm(Form):
    """Why a certification falls."""

    reason = RadioField(_l("Why?"), choices=list(REASONS.items()), validators=[InputRequired(_l("Choose a reason."))])
