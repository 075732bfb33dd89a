"""RNA: a line of the register of associations becomes a page, with its purpose and the theme that its code says.

Not its address: the seat of a small association is most often its president's home.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from town.blueprints.associations.models import Association, association_of
from town.blueprints.associations.themes import LABELS, theme_of
from town.commons.board import publish, withdraw
from town.commons.directory import Line, Sorted, state_of, taker_of
from town.commons.people.organisations import ASSOCIATION, Organisation
from town.commons.places.models import Place
from town.kernel.db import db


@taker_of("rna")
class Associations:
    """Every living association is proposed."""

    feature = "associations"
    table = Association.__tablename__

    def sort(self, line: Line) -> Sorted:
        return Sorted(str(LABELS[theme_of(line.activity)]), proposed=True)

    def add(self, line: Line, _place: Place | None) -> Organisation:
        organisation = Organisation(sort=ASSOCIATION, name=line.name, registration=line.registration)
        db.session.add(organisation)
        association = association_of(organisation)
        association.theme = theme_of(line.activity)
        association.purpose = line.purpose[:1].upper() + line.purpose[1:]
        publish(association)
        return organisation

    def states(self, organisation_ids: Collection[int]) -> dict[int, dict[str, Any]]:
        found = select(Association).where(Association.organisation_id.in_(organisation_ids))
        return {page.organisation_id: state_of(page) for page in db.session.scalars(found)}

    def remove(self, organisation: Organisation) -> None:
        association = association_of(organisation)
        withdraw(association)
        db.session.delete(association)
        db.session.flush()
