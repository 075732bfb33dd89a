"""What a phone rings for."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, Optional

from town.commons.places.concerns import TOWN, Concerns
from town.kernel.forms import Form, choices
from town.kernel.text import fold, one_line

PLACES = "places"


class PhoneForm(Form):
    """The phone of somebody signed in. The hidden fields are filled by its browser: how to reach it, with which key."""

    subscription = HiddenField(validators=[Length(max=3000)])
    vapid = HiddenField(validators=[Length(max=90)])
    official = BooleanField(_l("Notices of the town hall for my street"))
    direct = BooleanField(_l("What neighbours do with me: a loan asked, an answer, a reminder"))

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if not (self.official.data or self.direct.data):
            self.official.errors = [*self.official.errors, _("Choose at least one, or stop it.")]
            return False
        return bool(valid)


class FollowForm(Form):
    """A phone without account. `offer()` says which quarters and streets there are, before anything is read."""

    subscription = HiddenField(validators=[Length(max=3000)])
    vapid = HiddenField(validators=[Length(max=90)])
    scope = RadioField(
        _l("Which notices?"),
        [InputRequired()],
        choices=choices({TOWN: _l("All notices of the town hall"), PLACES: _l("Those for a place that I choose")}),
        default=TOWN,
    )
    quarters = SelectMultipleField(_l("Quarters"), [Optional()])
    street = StringField(_l("Street"), [Optional(), Length(max=200)], [lambda text: one_line(text or "")])

    def offer(self, quarters: Sequence[Any], streets: Sequence[Any]) -> None:
        """The places of this town."""
        self.known_quarters = {quarter.public_id: quarter.id for quarter in quarters}
        self.known_streets = {street.folded: street.id for street in streets}
        self.quarters.choices = choices((quarter.public_id, quarter.name) for quarter in quarters)
        self.street_names = [street.name for street in streets]

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if self.scope.data != PLACES:
            return bool(valid)
        if self.street.data and fold(self.street.data) not in self.known_streets:
            self.street.errors = [*self.street.errors, _("There is no such street here. Choose it from the list.")]
            return False
        if self.concerns.whole_town:
            self.quarters.errors = [*self.quarters.errors, _("Choose at least one quarter or one street.")]
            return False
        return bool(valid)

    @property
    def concerns(self) -> Concerns:
        """The places that were chosen."""
        if self.scope.data != PLACES:
            return Concerns()
        quarters = [self.known_quarters[chosen] for chosen in self.quarters.data or [] if chosen in self.known_quarters]
        street = self.known_streets.get(fold(self.street.data or ""))
        return Concerns(tuple(quarters), (street,) if street is not None else ())
