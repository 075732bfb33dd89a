"""Addresses of associations: the directory and pages, missions, and what officers do with them."""

from town.blueprints.associations.views import calling, mine, mission, pages, running
from town.blueprints.associations.views.door import feature

__all__ = ["calling", "feature", "mine", "mission", "pages", "running"]
