"""The page of an organisation that is an association: made when it is opened, renewed with it, gone when it closes."""

from sqlalchemy import select

from town.blueprints.associations.models.association import association_of
from town.blueprints.associations.models.mission import Mission
from town.commons.board import publish
from town.commons.people.organisations import ASSOCIATION, Organisation, shown_by
from town.kernel.db import db


@shown_by(ASSOCIATION)
def show(organisation: Organisation) -> None:
    """Its card and those of its missions, which carry its name and its photo. What it called for ends with it."""
    association = association_of(organisation)
    publish(association)
    called = select(Mission).where(Mission.association_id == association.id, Mission.closed_at.is_(None))
    for mission in db.session.scalars(called).all():
        if organisation.closed_at is not None and mission.open:
            mission.close(None)
        else:
            publish(mission)
