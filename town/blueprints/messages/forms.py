"""Which e-mails somebody wants."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from town.kernel.forms import Form


class MailForm(Form):
    """One box for each sort of e-mail."""

    official = BooleanField(_l("Notices of the town hall for my street"))
    direct = BooleanField(_l("What neighbours do with me: a loan asked, an answer, a reminder"))
