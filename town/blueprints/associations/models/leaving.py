"""Who wrote a call is forgotten with them; the call is its association's."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from town.blueprints.associations.models.mission import Mission
from town.commons.board import publish
from town.commons.people.models import Person
from town.kernel.db import db
from town.kernel.inventory import mine
from town.kernel.signals import person_erased


@person_erased.connect
def forget(person: Person, **_: Any) -> None:
    """Calls stay, under the name of the association. Signups answer for themselves (`commons.signups.leaving`)."""
    for mission in db.session.scalars(select(Mission).where(Mission.author_id == person.id)).all():
        mission.author = None
        publish(mission)


mine(
    Mission,
    "author_id",
    title=_l("Calls for volunteers that I wrote for an association"),
    rows=lambda person_id: select(Mission).where(Mission.author_id == person_id).order_by(Mission.id),
    shows={
        "association": (_l("Association"), lambda mission: mission.association.name),
        "title": _l("Title"),
        "task": _l("Your words"),
        "meeting_point": _l("Where to meet?"),
        "created_at": _l("Published"),
    },
    stays=_l("The call is its association’s: it stays, without who wrote it."),
)
