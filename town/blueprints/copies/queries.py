"""What waits: a month without a copy in the town hall's own hands."""

from datetime import timedelta
from typing import Any, Final

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import Select, exists, func, select

from town.commons.audit import AuditEntry
from town.commons.waiting import waits
from town.kernel.db import now
from town.kernel.retention import keeps

TAKEN: Final = "export:town:take"
MONTH: Final = timedelta(days=30)
TOO_LONG_AGO: Final = timedelta(days=35)
"""A drill every month, and five days for whoever was on holiday."""


def overdue() -> Select[int, Any]:
    """One, once the town has been open for a month and nobody has taken a copy for as long. Since when says nothing."""
    first = select(AuditEntry.at.label("at")).order_by(AuditEntry.id).limit(1).subquery()
    taken = exists().where(AuditEntry.event == TAKEN, AuditEntry.at >= now() - MONTH)
    nothing = func.min(first.c.at).filter(first.c.at > now() + MONTH)
    return select(func.count(first.c.at), nothing).where(first.c.at < now() - MONTH, ~taken)


waits(
    "copies",
    overdue,
    lambda count: ngettext("The month’s copy of the town to take home", "The month’s copies of the town", count),
    endpoint="copies.index",
    icon="download",
    roles=("admin",),
    minutes=4,
)
keeps(
    "copies.backups",
    what=_l("Backups of the town’s file and photos, sealed with the operator’s key"),
    why=_l("So that nothing is lost when a machine breaks"),
    how_long=_l("Seven days, four weeks and three months; thirty days for what an update or a restore replaced"),
    then=_l("They are deleted. Whoever was erased meanwhile is erased from a backup that comes back, before it opens"),
)
keeps(
    "copies.town",
    what=_l("The copy of the whole town that an administrator asks for, on the server"),
    why=_l("So that the town hall may take it home"),
    how_long=_l("Two days; at once when somebody is erased"),
    then=_l("It is deleted"),
)
