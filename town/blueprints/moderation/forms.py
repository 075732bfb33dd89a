"""What somebody types to report an abuse, a moderator to decide, and anybody concerned to appeal."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from town.commons.moderation.reporting import MAY_HIDE_AT_ONCE
from town.commons.moderation.rules import CHILD, REASONS, RULES
from town.commons.people.accounts import NotAnEmail, email_of
from town.commons.people.visit import visitor
from town.kernel.forms import Form, choices
from town.kernel.text import clean, one_line

WORDS = 2000


def _text(text: str | None) -> str:
    return clean(text or "").strip()


def _line(text: str | None) -> str:
    return one_line(text or "")


class AbuseForm(Form):
    """A report: why, what exactly, and in good faith. Who has no account leaves a name and an e-mail.

    The Digital Services Act (article 16) wants a reason, the exact place, a contact and good faith, and no contact for
    a crime against a child.
    """

    reason = RadioField(
        _l("What is wrong with it?"),
        choices=choices((name, reason.label) for name, reason in REASONS.items()),
        validators=[InputRequired(_l("Choose what is wrong with it."))],
    )
    words = TextAreaField(
        _l("Say why, in a few words"),
        filters=[_text],
        validators=[
            DataRequired(_l("Say in a few words why: somebody has to understand it.")),
            Length(max=WORDS),
        ],
    )
    quote = StringField(_l("The exact place"), filters=[_line], validators=[Optional(), Length(max=300)])
    name = StringField(_l("Your name"), filters=[_line], validators=[Length(max=120)])
    email = EmailField(_l("Your e-mail"), filters=[_line], validators=[Length(max=254)])
    at_once = BooleanField(_l("Hide it at once, until somebody has read it"))
    good_faith = BooleanField(
        _l("What I say here is true, as far as I know"),
        validators=[InputRequired(_l("Tick this box: somebody else’s word depends on yours."))],
    )

    def __init__(self, *, official: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if visitor().signed_in:
            del self.name, self.email
        else:
            self.name.flags.required = self.email.flags.required = True  # but for a child: the hint says so
        if not visitor().has_role(*MAY_HIDE_AT_ONCE) or (official and not visitor().has_role("admin")):
            del self.at_once
        else:
            self.at_once.flags.required = True

    def validate(self, extra_validators: Any = None) -> bool:
        well = super().validate(extra_validators)
        if "email" not in self:
            return well
        anonymous = self.reason.data == CHILD
        if not self.name.data and not anonymous:
            self.name.errors = [*self.name.errors, _("Write your name. The author never reads it.")]
            well = False
        if self.email.data:
            try:
                self.email.data = email_of(self.email.data)
            except NotAnEmail:
                wrong = _("This e-mail is not written as one. It looks like camille@exemple.fr.")
                self.email.errors = [*self.email.errors, wrong]
                well = False
        elif not anonymous:
            self.email.errors = [*self.email.errors, _("Write your e-mail: the answer goes there.")]
            well = False
        return well


class DecisionForm(Form):
    """Keep or hide, with reasons."""

    verdict = RadioField(
        _l("Your decision"),
        choices=choices({"keep": _l("Leave it online"), "hide": _l("Hide it")}),
        validators=[InputRequired(_l("Choose whether people see it."))],
    )
    rule = RadioField(
        _l("Which rule does it break?"),
        choices=choices((name, rule.title) for name, rule in RULES.items()),
        validators=[Optional()],
    )
    facts = TextAreaField(
        _l("The facts"),
        filters=[_text],
        validators=[
            DataRequired(_l("Say what you have seen: its author and who reported it read this.")),
            Length(max=WORDS),
        ],
    )
    words = TextAreaField(_l("A sentence to its author"), filters=[_text], validators=[Optional(), Length(max=WORDS)])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rule.flags.required = self.words.flags.required = True  # to hide something: the page shows them only then

    def say_what_changes(self, *, hidden: bool) -> None:
        """In the words of what becomes of it: what is hidden now is put back, or stays hidden."""
        if hidden:
            self.verdict.choices = choices({"keep": _l("Put it back online"), "hide": _l("Leave it hidden")})

    def validate(self, extra_validators: Any = None) -> bool:
        well = super().validate(extra_validators)
        if self.verdict.data != "hide":
            return well
        for field, missing in ((self.rule, _("Name the rule.")), (self.words, _("Write what its author reads."))):
            if not field.data:
                field.errors = [*field.errors, missing]
                well = False
        return well


class AppealForm(Form):
    """Why somebody does not agree with the decision."""

    words = TextAreaField(
        _l("Why do you not agree?"),
        filters=[_text],
        validators=[DataRequired(_l("Say in a few words why you do not agree.")), Length(max=WORDS)],
    )
