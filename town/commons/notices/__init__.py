"""Notices: what a person is told of. One notice, several ways to it: the inbox and e-mail; web push will be a third."""

from flask import Flask

from town.commons.notices import counters, letters, mail
from town.commons.notices.mail import language_of, post_mail

__all__ = ["init_app", "language_of", "letters", "post_mail"]


def init_app(app: Flask) -> None:
    mail.init_app(app)
    counters.init_app(app)
