"""The commons: the nouns that features share. People, places, trust, the board, what happened, and who hears of it."""

from flask import Flask

from town.commons import counterfoil, moderation, notices, people, trust
from town.commons import reviews as reviews  # its tables and its nights are there whatever features are on
from town.commons.activity import entered_by_the_town_hall
from town.commons.drawing import shown
from town.commons.people.access import check_access

__all__ = ["check_access", "init_app"]


def init_app(app: Flask) -> None:
    people.init_app(app)
    trust.init_app(app)
    notices.init_app(app)
    moderation.init_app(app)
    counterfoil.init_app(app)
    app.jinja_env.globals.update(entered_by_the_town_hall=entered_by_the_town_hall, shown=shown)
