"""What people type about themselves: joining, signing in, codes, and what they show."""

import re
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    PasswordField,
    RadioField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from town.commons.people.accounts import NotAnEmail, email_of
from town.commons.people.codes import figures_of
from town.commons.people.passwords import LONGEST, what_is_wrong_with
from town.commons.people.pins import FIGURES, guessable
from town.commons.people.profile import BIO
from town.commons.people.visit import visitor
from town.kernel.forms import Form, choices
from town.kernel.language import LANGUAGES
from town.kernel.media import PictureField
from town.kernel.tenancy import current_town
from town.kernel.text import clean, looks_official, one_line

LONGEST_NAME = 80
ADDRESS_IN_A_NAME = re.compile(r"[/:@]|\w\.\w{2}")
LONGEST_WORDS = 200


def _line(text: str | None) -> str:
    return one_line(text or "")


def _text(text: str | None) -> str:
    return clean(text or "").strip()


class Email(EmailField):
    """An e-mail, kept as accounts keep it. What was typed is shown again when it is none."""

    def pre_validate(self, form: Any) -> None:
        typed = self.data or ""
        if typed.strip():
            try:
                self.data = email_of(typed)
            except NotAnEmail as wrong:
                raise ValidationError(
                    str(_l("This e-mail is not written as one. It looks like camille@exemple.fr."))
                ) from wrong


class Code(StringField):
    """Six figures, spaces allowed."""

    def pre_validate(self, form: Any) -> None:
        if (self.data or "").strip() and figures_of(self.data or "") is None:
            raise ValidationError(str(_l("The code has six figures, such as 482 913.")))

    @property
    def figures(self) -> str:
        return figures_of(self.data or "") or ""


def email_field(label: Any = None) -> Email:
    return Email(label or _l("Your e-mail"), [DataRequired(_l("Write your e-mail."))])


def code_field(label: Any = None) -> Code:
    return Code(label or _l("Code received by e-mail"), [DataRequired(_l("Write the six figures of the code."))])


def password_field(label: Any = None) -> PasswordField:
    too_long = Length(max=LONGEST, message=_l("This password is too long. A thousand characters are enough."))
    return PasswordField(label or _l("Password"), [InputRequired(_l("Write your password.")), too_long])


def well_chosen(field: PasswordField, *known: str) -> None:
    """Refuse what others would guess."""
    wrong = what_is_wrong_with(field.data or "", current_town().name, *known)
    if wrong is not None:
        raise ValidationError(str(wrong))


class Named(Form):
    """First and last name, real ones: they are compared with the proof of address."""

    first_name = StringField(
        _l("First name"),
        [DataRequired(_l("Write your first name.")), Length(max=LONGEST_NAME, message=_l("This name is too long."))],
        filters=[_line],
    )
    last_name = StringField(
        _l("Last name"),
        [DataRequired(_l("Write your last name.")), Length(max=LONGEST_NAME, message=_l("This name is too long."))],
        filters=[_line],
    )

    def validate_first_name(self, field: StringField) -> None:
        self._somebodys(field)

    def validate_last_name(self, field: StringField) -> None:
        self._somebodys(field)
        if not field.errors and self._official(f"{self.first_name.data} {field.data}"):
            raise ValidationError(str(_l("This name would be taken for the town hall. Write your own.")))

    def _somebodys(self, field: StringField) -> None:
        if not any(letter.isalpha() for letter in field.data or ""):
            raise ValidationError(str(_l("A name has letters.")))
        if ADDRESS_IN_A_NAME.search(field.data or ""):  # it would be a link in the e-mails that greet them
            raise ValidationError(str(_l("A name holds no address of a site or mailbox.")))
        if self._official(field.data or ""):
            raise ValidationError(str(_l("This name would be taken for the town hall. Write your own.")))

    def _official(self, name: str) -> bool:
        return looks_official(name) and not (visitor().staff or visitor().waiting_roles)


class JoinForm(Named):
    """Whoever comes to live here, or has lived here for long."""

    address = HiddenField()
    words = HiddenField(filters=[_line], validators=[Length(max=LONGEST_WORDS)])
    email = email_field()
    password = password_field(_l("Choose a password"))
    charter = BooleanField(
        _l("I live here, this is my real name, and I accept the neighbours’ charter"),
        [InputRequired(_l("The charter is what neighbours promise each other. Read it and tick it."))],
    )

    def validate_password(self, field: PasswordField) -> None:
        well_chosen(field, self.first_name.data or "", self.last_name.data or "", self.email.data or "")


class CardForm(JoinForm):
    """Whoever holds the card of their letterbox has less to type: a code by e-mail signs in as well as a password."""

    password = PasswordField(
        _l("Choose a password"),
        [Optional(), Length(max=LONGEST, message=_l("This password is too long. A thousand characters are enough."))],
    )


class CodeForm(Form):
    """The six figures that an e-mail brought."""

    code = code_field()


class LinkForm(Form):
    """Whoever follows the link of an e-mail elsewhere than where they began types their password too."""

    code = HiddenField()
    password = password_field(_l("The password you chose"))


class LoginForm(Form):
    """E-mail and password."""

    email = StringField(_l("Your e-mail"), [InputRequired(_l("Write your e-mail."))], filters=[_line])
    password = password_field()
    next = HiddenField()


class AskForm(Form):
    """Where to send a code."""

    email = email_field()
    next = HiddenField()


class NewPasswordForm(Form):
    """The code, and the password to come."""

    code = code_field()
    password = password_field(_l("Your new password"))

    def validate_password(self, field: PasswordField) -> None:
        well_chosen(field)


class ConfirmForm(Form):
    """It is still you."""

    password = password_field()
    next = HiddenField()


class SetPinForm(Form):
    """A few figures for this device, and the password that allows them."""

    pin = PasswordField(_l("The PIN, four to eight figures"), [InputRequired(_l("Choose four to eight figures."))])
    password = password_field()

    def validate_pin(self, field: PasswordField) -> None:
        if not FIGURES.fullmatch(field.data or ""):
            raise ValidationError(str(_l("A PIN has four to eight figures, and nothing else.")))
        if guessable(field.data or ""):
            raise ValidationError(str(_l("A child would try this one first. Choose less simple figures.")))


class PinForm(Form):
    """Somebody comes back."""

    pin = PasswordField(_l("PIN"), [InputRequired(_l("Type your PIN."))])
    next = HiddenField()


class StepForm(Form):
    """The six figures that the phone shows."""

    code = code_field(_l("Code shown by your phone"))
    next = HiddenField()


class ChangePasswordForm(Form):
    """The present password, and the one to come."""

    password = password_field(_l("Your present password"))
    new_password = password_field(_l("Your new password"))

    def validate_new_password(self, field: PasswordField) -> None:
        well_chosen(field, visitor().first_name, visitor().last_name, visitor().email)


class ChangeEmailForm(Form):
    """Where the town writes from now on."""

    email = email_field(_l("Your new e-mail"))
    password = password_field()


class NameForm(Named):
    """Another name, for whoever is not certified yet."""


class ProfileForm(Form):
    """What neighbours see."""

    portrait = PictureField(_l("Your photo"), at_most=1)
    bio = TextAreaField(
        _l("A few words about you"),
        [Length(max=BIO, message=_l("Six hundred characters at most."))],
        filters=[_text],
    )
    listed = BooleanField(_l("My neighbours find me in the list"))
    language = RadioField(
        _l("Language"),
        choices=choices(LANGUAGES),
        validators=[InputRequired(_l("Choose a language."))],
    )


class EraseForm(Form):
    """Going away: in thirty days, or now."""

    when = RadioField(
        _l("When?"),
        choices=choices(
            {
                "later": _l("In thirty days"),
                "now": _l("At once"),
            }
        ),
        default="later",
        validators=[InputRequired(_l("Choose when."))],
    )
    understood = BooleanField(
        _l("I have read what is erased and what stays"),
        [InputRequired(_l("Read what is erased and what stays, then tick this."))],
    )
