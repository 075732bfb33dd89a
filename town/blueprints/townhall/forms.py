"""What somebody of the town hall types: three fields are enough, the others have an answer already."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import (
    BooleanField,
    DateField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from town.blueprints.townhall.models import ALERT, INFO, LIFE, WORKS, Notice
from town.commons.places.concerns import Concerns
from town.kernel.forms import Form, choices
from town.kernel.language import today
from town.kernel.text import clean, fold, one_line

TOWN, PLACES = "town", "places"


def _line(text: str | None) -> str:
    return one_line(text or "")


def _words(text: str | None) -> str:
    return clean(text or "").strip()


class NoticeForm(Form):
    """A notice as it is written. `offer()` says which quarters and streets there are, before anything is read."""

    title = StringField(_l("Title"), [DataRequired(_l("Say in a few words what happens.")), Length(max=80)], [_line])
    words = TextAreaField(
        _l("Text"), [DataRequired(_l("Say what happens, where and when.")), Length(max=2000)], [_words]
    )
    scope = RadioField(
        _l("For whom?"),
        [InputRequired()],
        choices=choices({TOWN: _l("The whole town"), PLACES: _l("Quarters or streets")}),
        default=TOWN,
    )
    quarters = SelectMultipleField(_l("Quarters"), [Optional()])
    streets = SelectMultipleField(_l("Streets"), [Optional()])
    street = StringField(_l("Add a street"), [Optional(), Length(max=200)], [_line])
    kind = RadioField(
        _l("What sort of notice?"),
        [InputRequired()],
        choices=choices(
            {
                INFO: _l("Information"),
                WORKS: _l("Works"),
                LIFE: _l("Town life"),
                ALERT: _l("Urgent"),
            }
        ),
        default=INFO,
    )
    starts_on = DateField(_l("First day"), [Optional()])
    ends_on = DateField(_l("Last day"), [Optional()])
    signature = StringField(_l("Signed"), [DataRequired(_l("Say who signs.")), Length(max=120)], [_line])

    def offer(self, quarters: Sequence[Any], streets: Sequence[Any]) -> None:
        """The places of this town: rows with id, public_id and name. A street typed by its name is ticked."""
        self.known_quarters = {quarter.public_id: quarter.id for quarter in quarters}
        self.known_streets = {street.public_id: street.id for street in streets}
        self.households = {
            quarter.public_id: ngettext("%(num)s household", "%(num)s households", quarter.households)
            for quarter in quarters
        }
        self.quarters.choices = choices((quarter.public_id, quarter.name) for quarter in quarters)
        self.streets.choices = choices((street.public_id, street.name) for street in streets)
        typed = fold(self.street.data or "")
        found = next((street for street in streets if typed and street.folded == typed), None)
        if found is not None:
            self.streets.data = sorted({*(self.streets.data or []), found.public_id})
            self.street.data = ""
            self.scope.data = PLACES

    def look(self) -> None:
        """Say what can be said of a half-written notice: only a street that does not exist is an error."""
        if self.street.data:
            self.street.errors = [*self.street.errors, self._no_such_street()]

    @staticmethod
    def _no_such_street() -> str:
        return _("No street of the town has that name. Choose it in the list.")

    def validate_street(self, _field: StringField) -> None:
        if self.street.data and self.scope.data == PLACES:
            raise ValidationError(self._no_such_street())

    def validate_scope(self, _field: RadioField) -> None:
        if self.scope.data == PLACES and not self.concerns.quarters and not self.concerns.streets:
            raise ValidationError(_("Choose at least one quarter or one street."))

    def validate_title(self, field: StringField) -> None:
        if "[" in f"{field.data}{self.words.data}":
            raise ValidationError(_("Words in brackets are left to fill in."))

    def validate_ends_on(self, field: DateField) -> None:
        self._days_in_order()
        if field.data and field.data < today():
            raise ValidationError(_("That day is over already."))

    def _days_in_order(self) -> None:
        first, last = self.starts_on.data, self.ends_on.data
        if first and last and last < first:
            raise ValidationError(_("The last day comes before the first."))

    @property
    def concerns(self) -> Concerns:
        """Whom the notice concerns, as it is ticked."""
        if self.scope.data != PLACES:
            return Concerns()
        quarters = [self.known_quarters[one] for one in self.quarters.data or [] if one in self.known_quarters]
        streets = [self.known_streets[one] for one in self.streets.data or [] if one in self.known_streets]
        return Concerns(tuple(sorted(set(quarters))), tuple(sorted(set(streets))))

    def said(self) -> dict[str, Any]:
        """What the verbs of a notice take."""
        return {
            "title": self.title.data,
            "words": self.words.data,
            "kind": self.kind.data,
            "starts_on": self.starts_on.data,
            "ends_on": self.ends_on.data,
            "concerns": self.concerns,
            "signature": self.signature.data,
        }

    def show(self, notice: Notice) -> None:
        """Fill in what the notice says now."""
        concerns = notice.concerns
        for name in ("title", "words", "kind", "starts_on", "ends_on", "signature"):
            getattr(self, name).data = getattr(notice, name)
        self.scope.data = TOWN if concerns.whole_town else PLACES
        self.quarters.data = [key for key, number in self.known_quarters.items() if number in concerns.quarters]
        self.streets.data = [key for key, number in self.known_streets.items() if number in concerns.streets]


class CorrectionForm(NoticeForm):
    """The same, of a notice that people have read."""

    important = BooleanField(_l("Tell those concerned again"))

    def validate_ends_on(self, field: DateField) -> None:
        self._days_in_order()
