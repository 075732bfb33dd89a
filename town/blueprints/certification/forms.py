"""What residents type from their card, and what the desk types about them."""

from collections.abc import Sequence
from typing import Any, Final

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import BooleanField, RadioField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from town.commons.places.concerns import Concerns
from town.commons.places.models import Address
from town.commons.places.spots import recognise
from town.commons.trust.codes import EXAMPLE, NotACode, read_code
from town.commons.trust.words import REASONS
from town.kernel.forms import Form, choices
from town.kernel.text import one_line

TOWN, PLACES = "town", "places"
SIDES: Final = "sides"
NUMBERS: Final = "numbers"


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


class LetterboxForm(CodeForm):
    """The card of a letterbox, typed rather than scanned: which address, and the code."""

    address = door()


class LaunchForm(Form):
    """For which letterboxes cards are made. `offer()` says which quarters and streets there are."""

    scope = RadioField(
        _l("For which letterboxes?"),
        [InputRequired()],
        choices=choices({TOWN: _l("The whole town"), PLACES: _l("Quarters or streets")}),
        default=TOWN,
    )
    quarters = SelectMultipleField(_l("Quarters"), [Optional()])
    streets = SelectMultipleField(_l("Streets"), [Optional()])
    order = RadioField(
        _l("In each street"),
        [InputRequired()],
        choices=choices(
            {
                SIDES: _l("Up the odd side, back down the even one"),
                NUMBERS: _l("From the first number to the last"),
            }
        ),
        default=SIDES,
    )

    @staticmethod
    def asked(said: Any) -> dict[str, Any]:
        """The choices that an address carries, for the count before anything is prepared."""
        lists = {name: said.getlist(name) for name in ("quarters", "streets")}
        return {"scope": said.get("scope") or TOWN, "order": said.get("order") or SIDES, **lists}

    def offer(self, quarters: Sequence[Any], streets: Sequence[Any]) -> None:
        """The places of this town: rows with id, public_id, name and how many boxes they have."""
        self.known = {place.public_id: place.id for place in (*quarters, *streets)}
        self.boxes = {place.public_id: _boxes(place.boxes) for place in (*quarters, *streets)}
        self.quarters.choices = choices((quarter.public_id, quarter.name) for quarter in quarters)
        self.streets.choices = choices((street.public_id, street.name) for street in streets)

    def validate_scope(self, field: RadioField) -> None:
        if not self.complete:
            raise ValidationError(str(_l("Choose at least one quarter or one street.")))

    @property
    def complete(self) -> bool:
        """Whether it says which letterboxes are meant."""
        return self.scope.data == TOWN or not self.concerns.whole_town

    @property
    def concerns(self) -> Concerns:
        if self.scope.data == TOWN:
            return Concerns()
        chosen = [[self.known[one] for one in field.data or [] if one in self.known] for field in self._lists]
        return Concerns(tuple(chosen[0]), tuple(chosen[1]))

    @property
    def by_sides(self) -> bool:
        return bool(self.order.data == SIDES)

    @property
    def _lists(self) -> tuple[SelectMultipleField, SelectMultipleField]:
        return self.quarters, self.streets


def _boxes(number: int) -> str:
    return ngettext("%(num)s letterbox", "%(num)s letterboxes", number)


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

    reason = RadioField(_l("Why?"), choices=choices(REASONS), validators=[InputRequired(_l("Choose a reason."))])
