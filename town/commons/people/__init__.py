"""People: residents, their accounts and sessions, the roles they hold, and who is asking right now."""

from flask import Flask

from town.commons.people import accounts, acting, sessions
from town.commons.people.visit import me, visitor

__all__ = ["init_app", "me", "visitor"]


def init_app(app: Flask) -> None:
    sessions.init_app(app)
    accounts.init_app(app)
    acting.init_app(app)  # after `identify`
