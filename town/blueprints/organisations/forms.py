"""What people type to ask for a page, to answer who asks, and to say who runs it."""

from typing import Any, Final

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    RadioField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from town.commons.people.accounts import NotAnEmail, email_of
from town.commons.people.organisations import ASSOCIATION, DUTIES, MANAGER, PRODUCER, SCHOOL, SHOP
from town.kernel.forms import Form, choices
from town.kernel.text import clean, looks_official, one_line

SORTS: Final = {
    SHOP: _l("A shop or a craftsperson"),
    PRODUCER: _l("A producer"),
    ASSOCIATION: _l("An association"),
    SCHOOL: _l("A school"),
}
REASONS: Final = {
    "unknown": _l("The town hall does not know you as somebody who runs it."),
    "others": _l("Others run this page: ask one of them to add you."),
    "proof": _l("The town hall could not make sure: come by with a proof."),
    "other": _l("Another reason, said below"),
}


def _line(text: str | None) -> str:
    return one_line(text or "")


def _words(text: str | None) -> str:
    return clean(text or "").strip()


class Said:
    """Radio buttons always have an answer."""

    field_flags = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        """WTForms checks the choice itself."""


class ClaimForm(Form):
    """I run it, and here is how the town hall can make sure."""

    words = TextAreaField(
        _l("How can the town hall make sure?"),
        [DataRequired(_l("Say how the town hall can make sure that you run it.")), Length(max=1000)],
        [_words],
    )


class RefuseForm(Form):
    """The town hall says no, and why. The reason is what the person reads."""

    reason = RadioField(_l("Why?"), [InputRequired(_l("Choose a reason."))], choices=choices(REASONS))
    words = TextAreaField(_l("Your words"), [Length(max=200)], [_words])

    def validate_words(self, field: Any) -> None:
        if self.reason.data == "other" and not field.data:
            raise ValidationError(str(_l("Say the reason in your words.")))

    @property
    def said(self) -> str:
        """As the person reads it."""
        label = "" if self.reason.data == "other" else str(REASONS[self.reason.data])
        return f"{label} {self.words.data or ''}".strip()


class InviteForm(Form):
    """Somebody else shall run it too: their e-mail, and what they may do."""

    email = StringField(_l("Their e-mail"), [InputRequired(_l("Write their e-mail.")), Length(max=254)], [_line])
    duty = RadioField(_l("What will they do?"), [Said()], choices=choices(DUTIES), default=MANAGER)

    def validate_email(self, field: Any) -> None:
        try:
            field.data = email_of(field.data or "")
        except NotAnEmail:
            raise ValidationError(
                str(_l("This e-mail is not written as one. It looks like camille@exemple.fr."))
            ) from None


class NameForm(Form):
    """How I am named on its page: my title, and whether my name is read there."""

    title = StringField(_l("My title"), [Optional(), Length(max=60)], [_line])
    shown = BooleanField(_l("Show my name on its page"))

    def validate_title(self, field: Any) -> None:
        if field.data and looks_official(field.data):
            raise ValidationError(str(_l("This title belongs to the town hall.")))


class OpenForm(Form):
    """The town hall opens a page for an organisation that nobody has entered yet."""

    sort = RadioField(_l("What is it?"), [InputRequired(_l("Say what it is."))], choices=choices(SORTS))
    name = StringField(_l("Its name"), [DataRequired(_l("Write its name.")), Length(max=120)], [_line])
    registration = StringField(_l("SIRET or RNA number"), [Optional()], [_line])
    email = StringField(_l("E-mail of whoever runs it"), [Optional(), Length(max=254)], [_line])

    def offer(self, sorts: list[str]) -> None:
        """Only the sorts that have a page in this town."""
        self.sort.choices = choices((sort, SORTS[sort]) for sort in sorts)

    def validate_registration(self, field: Any) -> None:
        number = (field.data or "").replace(" ", "").upper()
        siret = len(number) == 14 and number.isascii() and number.isdigit()
        rna = len(number) == 10 and number[:1] == "W" and number[1:].isascii() and number[1:].isalnum()
        if number and not siret and not rna:
            raise ValidationError(str(_l("A SIRET has 14 digits; an RNA number is a W and 9 digits.")))
        field.data = number

    def validate_email(self, field: Any) -> None:
        if field.data:
            InviteForm.validate_email(self, field)
