"""Associations and their missions: tables and verbs."""

from town.blueprints.associations.models import leaving as leaving
from town.blueprints.associations.models import showing as showing
from town.blueprints.associations.models.association import Association, association_of
from town.blueprints.associations.models.mission import Mission, MissionOver, Needed

__all__ = ["Association", "Mission", "MissionOver", "Needed", "association_of"]
