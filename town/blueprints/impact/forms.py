"""What an admin types to put the town's own value in the place of a published one."""

from decimal import Decimal

from flask_babel import lazy_gettext as _l
from wtforms import StringField, ValidationError
from wtforms.validators import DataRequired, Length, Optional

from town.commons.impact.changes import NeedsASource, NotAFactor, NotAShare, decimal
from town.commons.impact.factors import Factor
from town.kernel.forms import Form
from town.kernel.text import one_line


def _line(text: str | None) -> str:
    return one_line(text or "")


class FactorForm(Form):
    """A value, its range (the value itself where none is given) and where it comes from."""

    value = StringField(_l("Value"), [DataRequired(_l("Give a number.")), Length(max=24)], [_line])
    low = StringField(_l("Lowest"), [Optional(), Length(max=24)], [_line])
    high = StringField(_l("Highest"), [Optional(), Length(max=24)], [_line])
    source = StringField(
        _l("Where it comes from, and its date"), [DataRequired(NeedsASource.sentence), Length(max=300)], [_line]
    )

    def offer(self, factor: Factor) -> None:
        """The factor that it is about."""
        self.factor = factor

    def number(self, name: str) -> Decimal:
        return decimal(self[name].data or self.value.data)

    def validate_value(self, field: StringField) -> None:
        try:
            low, value, high = (self.number(name) for name in ("low", "value", "high"))
        except NotAFactor as wrong:
            raise ValidationError(str(wrong.sentence)) from wrong
        if not low <= value <= high:
            raise ValidationError(str(NotAFactor.sentence))
        if self.factor.is_share and high > 1:
            raise ValidationError(str(NotAShare.sentence))
