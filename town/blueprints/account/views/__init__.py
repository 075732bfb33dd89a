"""The screens of accounts: joining, signing in and out, the second factor, my account."""

from town.blueprints.account.views import data, door, join, login, mine, pins, profile, second_factor, security
from town.blueprints.account.views.door import feature

__all__ = ["data", "door", "feature", "join", "login", "mine", "pins", "profile", "second_factor", "security"]
