"""What people type about an association, and when they call for volunteers."""

from typing import Any
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    FieldList,
    FormField,
    IntegerField,
    RadioField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from town.blueprints.associations.models import Association, Mission
from town.blueprints.associations.models.mission import AGES, Needed
from town.blueprints.associations.themes import LABELS
from town.commons.bookings import NotAPeriod, Period, period_of
from town.commons.people.accounts import NotAnEmail, email_of
from town.commons.people.hats import HatField
from town.commons.people.organisations import ASSOCIATION
from town.commons.signups import Slot
from town.commons.signups.models import MOST_PLACES
from town.kernel.forms import Form, Part, choices
from town.kernel.language import local
from town.kernel.media import PictureField
from town.kernel.text import clean, looks_official, one_line

LINES = 4
"""Slots that the form of a new mission offers; others are added from its page."""


def _line(text: str | None) -> str:
    return one_line(text or "")


def _words(text: str | None) -> str:
    return clean(text or "").strip()


class Given:
    """The field always has an answer."""

    field_flags = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        """Nothing to check."""


class Wanted(Optional):
    """A slot that is offered needs it; a line left empty is no slot."""

    def __init__(self) -> None:
        super().__init__()
        self.field_flags = {"required": True}


def web_address(_form: Any, field: Any) -> None:
    """An address of the web, written with or without its beginning."""
    if not field.data:
        return
    if "://" not in field.data:
        field.data = f"https://{field.data}"
    try:
        parts = urlsplit(field.data)
        fits = parts.scheme in ("http", "https") and "." in (parts.hostname or "") and parts.username is None
    except ValueError:
        fits = False
    if not fits or " " in field.data:
        raise ValidationError(str(_l("This is no web address. It looks like www.example.fr.")))


class AssociationForm(Form):
    """Its page. A name and what it does are enough."""

    name = StringField(_l("Its name"), [DataRequired(_l("Write its name.")), Length(max=120)], [_line])
    purpose = TextAreaField(
        _l("What does it do?"), [DataRequired(_l("Say in a few words what it does.")), Length(max=1000)], [_words]
    )
    theme = RadioField(_l("Theme"), [Given()], choices=choices(LABELS), default="other")
    photos = PictureField(_l("Photo"), at_most=1)
    schedule = StringField(_l("When?"), [Optional(), Length(max=300)], [_line])
    where = StringField(_l("Where?"), [Optional(), Length(max=200)], [_line])
    prices = StringField(_l("Prices"), [Optional(), Length(max=300)], [_line])
    phone = StringField(_l("Telephone"), [Optional(), Length(max=30)], [_line])
    email = StringField(_l("E-mail"), [Optional(), Length(max=254)], [_line])
    website = StringField(_l("Website"), [Length(max=200), web_address], [_line])
    accounts = StringField(_l("Where to read its accounts"), [Length(max=200), web_address], [_line])

    def validate_name(self, field: Any) -> None:
        if looks_official(field.data):
            raise ValidationError(str(_l("This name belongs to the town hall.")))

    def validate_email(self, field: Any) -> None:
        try:
            field.data = email_of(field.data)
        except NotAnEmail:
            raise ValidationError(
                str(_l("This e-mail is not written as one. It looks like camille@exemple.fr."))
            ) from None

    def fill(self, association: Association) -> None:
        """Write what was typed, the photo aside: it is attached by the verb."""
        for name in ("purpose", "theme", "schedule", "where", "prices", "accounts"):
            setattr(association, name, self[name].data or "")
        for name in ("name", "phone", "email", "website"):
            setattr(association.organisation, name, self[name].data or "")


def _period(form: Any) -> Period | None:
    """From when to when, on one day; what is wrong with it stands beside its field."""
    try:
        day, start, end = form.day.data, form.start.data, form.end.data
        return period_of("hours", day, day, start_at=start, end_at=end, at_most=1)
    except NotAPeriod as wrong:
        field = {"starts": form.day, "ends": form.day, "start_at": form.start, "end_at": form.end}[wrong.field]
        field.errors = [wrong.sentence]
    return None


class SlotFields(Part):
    """One slot: a day, from when to when, how many people. Nothing at all means no slot."""

    day = DateField(_l("Day"), [Wanted()])
    start = TimeField(_l("From what time"), [Wanted()])
    end = TimeField(_l("Until what time"), [Wanted()])
    seats = IntegerField(_l("How many people?"), [Wanted(), NumberRange(1, MOST_PLACES)])
    words = StringField(_l("To do what?"), [Optional(), Length(max=80)], [_line])

    needed: Needed | None = None

    @property
    def empty(self) -> bool:
        return not any(field.data for field in (self.day, self.start, self.end, self.words)) and not self.seats.errors

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if self.empty:
            return True
        if self.day.data is None:
            self.day.errors = [str(_l("Choose a day."))]
            return False
        if self.seats.data is None:
            self.seats.errors = [str(_l("Say how many people you need."))]
            return False
        period = _period(self)
        if period is None:
            return False
        self.needed = Needed(period.starts, period.ends, self.seats.data, self.words.data or "")
        return True


class SlotForm(Form, SlotFields):
    """One more slot, from the mission's own page."""

    def validate(self, extra_validators: Any = None) -> bool:
        if not SlotFields.validate(self, extra_validators):
            return False
        if self.needed is None:
            self.day.errors = [str(_l("Choose a day."))]
            return False
        return True


class MoveForm(Form):
    """Another time for a slot. Several stand on one page, each with the slot's public id before its fields."""

    day = DateField(_l("Day"), [InputRequired(_l("Choose a day."))])
    start = TimeField(_l("From what time"), [InputRequired(_l("Choose a time of day."))])
    end = TimeField(_l("Until what time"), [InputRequired(_l("Choose a time of day."))])

    period: Period | None = None

    def __init__(self, slot: Slot, **kwargs: Any) -> None:
        starts, ends = local(slot.starts), local(slot.ends)
        shown = {"day": starts.date(), "start": starts.time(), "end": ends.time()}
        super().__init__(prefix=f"{slot.public_id}-", data=shown, **kwargs)

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        self.period = _period(self)
        return self.period is not None


class MissionWords(Form):
    """What a mission says of itself."""

    title = StringField(
        _l("What do you need help for?"),
        [DataRequired(_l("Give it a name, such as “Cleaning the pond”.")), Length(max=80)],
        [_line],
    )
    task = TextAreaField(
        _l("What will people do?"), [DataRequired(_l("Say what people will do.")), Length(max=1000)], [_words]
    )
    meeting_point = StringField(
        _l("Where to meet?"), [DataRequired(_l("Say where people meet.")), Length(max=200)], [_line]
    )
    skills = StringField(_l("Skills or things to bring"), [Optional(), Length(max=200)], [_line])
    access = StringField(_l("Access"), [Optional(), Length(max=200)], [_line])
    youngest = RadioField(_l("For whom?"), [Given()], choices=choices(AGES), coerce=int, default=16)

    def fill(self, mission: Mission) -> None:
        for name in ("title", "task", "meeting_point", "skills", "access", "youngest"):
            setattr(mission, name, self[name].data)


class MissionForm(MissionWords):
    """A call for volunteers, in the name of an association."""

    hat: Any = HatField(_l("In whose name?"), sorts=(ASSOCIATION,), alone=False)
    hat.creation_counter = 0  # it stands before the words on the page, and so does what is wrong with it
    slots = FieldList(FormField(SlotFields), _l("When?"), min_entries=LINES, max_entries=LINES)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for line in list(self.slots)[1:]:  # one slot is needed, others may be left empty
            for field in line.form:
                field.flags.required = None

    def validate_slots(self, field: Any) -> None:
        if all(line.form.empty for line in field):
            raise ValidationError(str(_l("Give one slot at least: a day, hours, and how many people.")))

    @property
    def needed(self) -> list[Needed]:
        """The slots that were typed."""
        return [line.form.needed for line in self.slots if line.form.needed]


class PhoneForm(Form):
    """A number for the association, for this mission alone."""

    phone = StringField(_l("My telephone number"), [Optional(), Length(max=30)], [_line])

    def validate_phone(self, field: Any) -> None:
        if not 6 <= sum(letter.isdigit() for letter in field.data) <= 15:
            raise ValidationError(str(_l("This is no telephone number.")))


class SeatsForm(Form):
    """More or fewer places in a slot."""

    seats = IntegerField(
        _l("How many people?"), [InputRequired(_l("Say how many people you need.")), NumberRange(1, MOST_PLACES)]
    )
