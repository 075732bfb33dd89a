"""What people type when they lend and borrow."""

from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    Field,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from town.blueprints.lending.models import Item
from town.commons.bookings import NotAPeriod, Period, day_starts, period_of, words
from town.commons.bookings.periods import HALVES
from town.commons.impact.things import NONE, things
from town.commons.people.hats import HatField
from town.kernel.forms import Form, choices
from town.kernel.language import language, today
from town.kernel.media import PictureField
from town.kernel.text import clean, one_line

CATEGORIES = {
    "tools": (_l("Tools and DIY"), "gear"),
    "garden": (_l("Garden"), "leaf"),
    "kitchen": (_l("Kitchen and table"), "pot"),
    "party": (_l("Parties"), "event"),
    "books": (_l("Books and games"), "book"),
    "children": (_l("Children"), "heart"),
    "outdoors": (_l("Sport and camping"), "tent"),
    "transport": (_l("Carrying and towing"), "carpool"),
    "home": (_l("House and cleaning"), "broom"),
    "other": (_l("Something else"), "lend"),
}
SORTS = {key: label for key, (label, _icon) in CATEGORIES.items()}
CONDITIONS = {
    "": _l("Not said"),
    "new": _l("Like new"),
    "good": _l("In good condition"),
    "worn": _l("Worn, but it works"),
}
UNITS = {
    "days": _l("By whole days"),
    "halves": _l("By half-days"),
    "hours": _l("By the hour"),
}
BUFFERS = {
    0: _l("No rest"),
    30: _l("Half an hour"),
    60: _l("One hour"),
    120: _l("Two hours"),
    720: _l("Half a day"),
    1440: _l("One day"),
}
DEAREST = 100_000
_CHOOSE = _l("Choose a day.")


def _line(text: str | None) -> str:
    return one_line(text or "")


def _text(text: str | None) -> str:
    return clean(text or "").strip()


class Given:
    """The field always has an answer: what is not touched keeps what stood there."""

    field_flags = {"required": True}

    def __call__(self, form: Form, field: Field) -> None:
        """Nothing to check."""


class ItemForm(Form):
    """A photo and a title are enough; all the rest may wait."""

    title = StringField(
        _l("What do you lend?"), [DataRequired(_l("Give it a name, such as “Ladder, 3 m”.")), Length(max=80)], [_line]
    )
    photos = PictureField(_l("Photos"), at_most=4)
    hat: Any = HatField(_l("In whose name?"))
    category = RadioField(
        _l("What sort of thing is it?"),
        [Given()],
        choices=choices(SORTS),
        default="other",
    )
    description = TextAreaField(_l("Description"), [Optional(), Length(max=1000)], [_text])
    condition = RadioField(_l("Condition"), [Given()], choices=choices(CONDITIONS), default="")
    rules = StringField(_l("What do you ask for?"), [Optional(), Length(max=300)], [_line])
    unit = RadioField(_l("How do you lend it?"), [Given()], choices=choices(UNITS), default="days")
    longest_days = IntegerField(
        _l("Days at most"), [Given(), NumberRange(1, 60, _l("Between 1 and 60 days."))], default=7
    )
    buffer_minutes = SelectField(
        _l("Rest between two loans"), [Given()], choices=choices(BUFFERS), coerce=int, default=0
    )
    factor = SelectField(_l("What is it exactly?"), [Optional()], default="")
    price = IntegerField(
        _l("Price of a new one, about, in euros"),
        [Optional(), NumberRange(0, DEAREST, _l("Whole euros, 100,000 at most."))],
    )

    def __init__(self, **kwargs: Any) -> None:
        item: Item | None = kwargs.get("obj")
        if item is not None and item.price_cents is not None:
            kwargs.setdefault("price", item.price_cents // 100)
        super().__init__(**kwargs)
        unnamed = {"": _l("Guess from its name"), NONE: _l("Nothing in this list")}
        self.factor.choices = choices(unnamed | {thing.factor: thing.name(language()) for thing in things()})

    def fill(self, item: Item) -> None:
        """Write onto `item` what was typed, photos aside: they are attached by its verb."""
        for name in (
            "title", "category", "description", "condition", "rules", "unit", "longest_days", "buffer_minutes"
        ):  # fmt: skip
            setattr(item, name, self[name].data)
        item.factor = self.factor.data or None
        item.price_cents = None if self.price.data is None else self.price.data * 100


class LoanForm(Form):
    """When somebody would like to have an item, and a word to its owner. It asks for days, half-days or hours."""

    starts = DateField(_l("From this day"), [DataRequired(_CHOOSE)])
    ends = DateField(_l("To this day, included"), [DataRequired(_CHOOSE)])
    start_half = SelectField(_l("Beginning with the"), [Given()], choices=choices(HALVES), default="morning")
    end_half = SelectField(_l("Ending with the"), [Given()], choices=choices(HALVES), default="afternoon")
    start_time = TimeField(_l("From what time"), [Given()])
    end_time = TimeField(_l("Until what time"), [Given()])
    message = TextAreaField(_l("A word"), [Optional(), Length(max=1000)], [_text])
    hat: Any = HatField(_l("In whose name?"))

    def __init__(self, item: Item, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.item = item
        self.period: Period | None = None
        if item.unit != "halves":
            del self.start_half, self.end_half
        if item.unit != "hours":
            del self.start_time, self.end_time

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        parts = {"halves": ("start_half", "end_half"), "hours": ("start_time", "end_time")}.get(self.item.unit)
        start_at, end_at = (self[name].data for name in parts) if parts else (None, None)
        assert self.starts.data is not None  # required above
        assert self.ends.data is not None
        try:
            self.period = period_of(
                self.item.unit,
                self.starts.data,
                self.ends.data,
                start_at=start_at,
                end_at=end_at,
                at_most=self.item.longest_days,
            )
        except NotAPeriod as wrong:
            named = dict(zip(("start_at", "end_at"), parts, strict=True)) if parts else {}
            field = self[named.get(wrong.field, wrong.field)]
            field.errors = [*field.errors, wrong.sentence]
            return False
        return True

    @property
    def chosen(self) -> str:
        """« du 20 au 21 juin », once both days are chosen and nothing is wrong with them."""
        first, last = self.starts.data, self.ends.data
        if self.errors or first is None or last is None or not today() <= first <= last <= date.max - timedelta(1):
            return ""
        return words(day_starts(first), day_starts(last + timedelta(1)))


class AcceptForm(Form):
    """The owner says yes, and where and when to come."""

    answer = TextAreaField(_l("Where and when to come"), [Optional(), Length(max=1000)], [_text])


class RefuseForm(Form):
    """The owner says no, and may say why."""

    reason = TextAreaField(_l("A word"), [Optional(), Length(max=1000)], [_text])
