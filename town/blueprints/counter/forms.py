"""How a resident agreed that the town hall writes for them."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField
from wtforms.validators import InputRequired

from town.commons.people.acting import COUNTER, LETTER, PHONE
from town.kernel.forms import Form, choices

WAYS = {
    COUNTER: _l("At the counter: they stand before me"),
    PHONE: _l("On the phone: I know who is calling"),
    LETTER: _l("By a signed letter, kept at the town hall"),
}

TOLD = {
    COUNTER: _l("You were at the counter."),
    PHONE: _l("You telephoned."),
    LETTER: _l("You asked for it by a signed letter, kept at the town hall."),
}
"""The same, as the resident reads it."""


class ConsentForm(Form):
    """The resident asks, and knows that it will be said who wrote."""

    consent = RadioField(
        _l("How did they ask?"),
        choices=choices(WAYS),
        validators=[InputRequired(_l("Say how this person asked you to write for them."))],
    )
    agreed = BooleanField(
        _l("They asked me to write in their name"),
        [InputRequired(_l("Without their consent, nothing may be written for them."))],
    )
