"""Notices: what a person is told of. One notice, several ways to it: the inbox, e-mail, and a phone that rings."""

from flask import Flask

from town.commons.notices import counters, letters, mail
from town.commons.notices.mail import language_of, post_mail
from town.commons.notices.push import ringing

__all__ = ["init_app", "language_of", "letters", "post_mail", "ringing"]


def init_app(app: Flask) -> None:
    mail.init_app(app)
    counters.init_app(app)
