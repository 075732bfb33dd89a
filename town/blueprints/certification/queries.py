"""Which ways of proving an address work in this town today."""

from sqlalchemy import exists, select

from town.commons.people.models import RoleGrant
from town.kernel.db import db
from town.kernel.tenancy import current_town


def methods() -> list[str]:
    """The ways, the simplest first: a card needs somebody to print it, the desk somebody to stand there.

    A town may do without one: `"proofs": ["desk"]` in its profile.
    """
    offered = current_town().settings.get("proofs", ["postcard", "desk"])
    staffed = db.session.scalar(select(exists().where(RoleGrant.role.in_(("certifier", "agent", "admin")))))
    return [way for way in ("postcard", "desk") if way in offered] if staffed else []
