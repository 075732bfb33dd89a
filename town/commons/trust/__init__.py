"""Trust: who proved their address, how and when, the cards that carry a code, and the facts that neighbours read."""

from flask import Flask

from town.commons.trust import moves as moves  # it hears of those who leave
from town.commons.trust.launches import Launch, LetterboxCard
from town.commons.trust.models import Certification, certify, once_certified, revoke
from town.commons.trust.postcards import Postcard
from town.commons.trust.vouching import may_vouch_from
from town.commons.trust.words import explained, proved

__all__ = [
    "Certification",
    "Launch",
    "LetterboxCard",
    "Postcard",
    "certify",
    "init_app",
    "may_vouch_from",
    "once_certified",
    "proved",
    "revoke",
]


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(explained=explained, proved=proved)
