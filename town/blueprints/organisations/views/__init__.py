"""Addresses of organisations: one's own, the town hall's queue, and who runs each."""

from town.blueprints.organisations.views import desk, mine, people
from town.blueprints.organisations.views.door import feature

__all__ = ["desk", "feature", "mine", "people"]
