"""What residents type to report something, and what the town hall types to answer."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional

from town.blueprints.complaints.categories import CATEGORIES
from town.commons.people.hats import HatField
from town.commons.places.models import Place
from town.commons.places.spots import extent, point_of, spot
from town.kernel.forms import Form, choices
from town.kernel.language import today
from town.kernel.media import PictureField
from town.kernel.text import clean, one_line

WORDS = 2000


def _cleaned(text: str | None) -> str:
    return clean(text or "").strip()


def _line(text: str | None) -> str:
    return one_line(text or "")


class ReportForm(Form):
    """A report: what, where, in which words, with which photos, and who may read it."""

    photos = PictureField(_l("A photo, if you can"), at_most=5)
    category = RadioField(
        _l("What is it about?"),
        choices=choices((name, category.label) for name, category in CATEGORIES.items()),
        validators=[InputRequired(_l("Choose a subject."))],
    )
    where = StringField(_l("Address or landmark"), filters=[_line], validators=[Length(max=200)])
    lon = StringField()
    lat = StringField()
    nowhere = BooleanField(_l("No place in particular"))
    words = TextAreaField(
        _l("What the town hall should know"),
        filters=[_cleaned],
        validators=[
            InputRequired(_l("Say in a few words what it is about.")),
            Length(min=3, max=WORDS, message=_l("Between %(min)d and %(max)d characters, please.")),
        ],
    )
    hat: Any = HatField(_l("In whose name?"))
    readers = RadioField(
        _l("Who may read it?"),
        choices=choices({"all": _l("Everybody"), "townhall": _l("The town hall alone")}),
        default="all",
        validators=[InputRequired(_l("Choose who may read it."))],
    )

    place: Place | None = None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.where.flags.required = True  # or « nowhere »: optional would be wrong on the page

    def validate(self, extra_validators: Any = None) -> bool:
        """All fields, then the place: somewhere in this town, or said to be nowhere."""
        well = super().validate(extra_validators)
        return self._find_place() and well

    def _find_place(self) -> bool:
        said: list[str] = []
        point = None
        if self.nowhere.data:
            return True
        if self.lon.data or self.lat.data:
            point = point_of(self.lon.data, self.lat.data)
            here = extent()
            if point is None or here is None or not here.holds(point):
                said.append(_("That point is not in our town. Touch the map again, or write the address."))
        elif not self.where.data:
            said.append(_("Write where it is, or tick “No place in particular”."))
        if said:
            self.where.errors = [*self.where.errors, *said]
            return False
        if not self.where.errors:
            self.place = spot(self.where.data or "", point)
        return not self.where.errors


TO_ALL: tuple[str, Any] = ("yes", _l("Everybody"))
INSIDE: tuple[str, Any] = ("no", _l("The town hall and whoever sent it"))


class ReadingForm(Form):
    """Having read a report: who may see it, in which words, with which photos."""

    to_all = RadioField(
        _l("Who may read it?"),
        choices=choices([TO_ALL, INSIDE]),
        validators=[InputRequired(_l("Choose who may read it."))],
    )
    title = StringField(_l("Title that everybody reads"), filters=[_line], validators=[Length(max=80)])
    shown_words = TextAreaField(
        _l("Words that everybody reads"),
        filters=[_cleaned],
        validators=[Length(max=WORDS)],
    )
    hidden = SelectMultipleField(_l("Photos to keep inside"), choices=[])
    answer = TextAreaField(_l("A first answer"), filters=[_cleaned], validators=[Length(max=WORDS)])


NEXT_STEPS: list[tuple[str, Any]] = [
    ("answered", _l("Answer only")),
    ("planned", _l("Planned for a day")),
    ("in_progress", _l("Work has begun")),
    ("forwarded", _l("Pass it on")),
    ("resolved", _l("Resolved")),
    ("declined", _l("Decline")),
    ("duplicate", _l("Already reported")),
]


class StepForm(Form):
    """The town hall's next step: an answer, a date, an end."""

    verb = RadioField(
        _l("And now?"),
        choices=choices(NEXT_STEPS),
        validators=[InputRequired(_l("Choose what comes next."))],
    )
    words = TextAreaField(
        _l("Your words, for everybody who reads it"), filters=[_cleaned], validators=[Length(max=WORDS)]
    )
    on = DateField(_l("Which day?"), validators=[Optional()])
    to = StringField(_l("To whom?"), filters=[_line], validators=[Length(max=120)])
    why = RadioField(
        _l("Why?"),
        choices=choices(
            {
                "not_planned": _l("It is not planned"),
                "not_ours": _l("It is not the town’s task"),
                "gone": _l("It has gone by itself"),
            }
        ),
        default="not_planned",
    )
    number = IntegerField(_l("Number of the first report"), validators=[Optional()])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for field in (self.on, self.to, self.number):
            field.flags.required = True  # each is asked for by its own step alone

    def validate(self, extra_validators: Any = None) -> bool:
        """All fields, then what the chosen step needs."""
        well = super().validate(extra_validators)
        verb = self.verb.data
        missing: list[tuple[Any, str]] = []
        if verb == "planned" and self.on.data is None:
            missing.append((self.on, _("Name the day.")))
        elif verb == "planned" and self.on.data is not None and self.on.data < today():
            missing.append((self.on, _("That day has passed.")))
        if verb == "forwarded" and not self.to.data:
            missing.append((self.to, _("Say to whom: residents will read it.")))
        if verb == "duplicate" and self.number.data is None:
            missing.append((self.number, _("Give the number of the first report.")))
        if verb == "declined" and not self.words.data:
            missing.append((self.words, _("Declining needs a reason, in words that everybody can read.")))
        if verb == "answered" and not self.words.data:
            missing.append((self.words, _("Write your answer.")))
        for field, sentence in missing:
            field.errors = [*field.errors, sentence]
        return well and not missing


class AssignmentForm(Form):
    """Which colleague follows it up."""

    colleague = SelectField(_l("Followed up by"), choices=[])


class NoteForm(Form):
    """A word for colleagues."""

    note = TextAreaField(
        _l("Note for colleagues"),
        filters=[_cleaned],
        validators=[InputRequired(_l("Write a few words first.")), Length(max=WORDS)],
    )


class ReopeningForm(Form):
    """Why it is taken up again."""

    reason = TextAreaField(
        _l("Your words, for everybody who reads it"), filters=[_cleaned], validators=[Length(max=WORDS)]
    )
