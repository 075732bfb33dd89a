"""The audit: who did what in whose name. Append-only, chained by hashes, holding ids and no names."""

import hashlib
import json
from typing import TYPE_CHECKING, Any

from flask import g, has_app_context
from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, String, select
from sqlalchemy.orm import Mapped, mapped_column

from town.kernel.db import Base, Moment, db, now
from town.kernel.inventory import mine
from town.kernel.retention import keeps

if TYPE_CHECKING:
    from town.commons.people.models import Person

FIRST = "0" * 64


class AuditEntry(Base):
    """One act. `link` hashes the entry with its predecessor's link; triggers refuse to change or delete a row."""

    __tablename__ = "audit_entry"

    event: Mapped[str] = mapped_column(String(60), index=True)
    actor_id: Mapped[int | None] = mapped_column(index=True)
    on_id: Mapped[int | None] = mapped_column(index=True)
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[Moment]
    link: Mapped[str] = mapped_column(String(64))

    def computed_link(self, before: str) -> str:
        """What the link must be after `before`."""
        said = [self.event, self.actor_id, self.on_id, self.details, self.at.isoformat()]
        return hashlib.sha256((before + json.dumps(said, sort_keys=True)).encode()).hexdigest()


def audit(event: str, actor: "Person | None" = None, on: "Person | None" = None, **details: Any) -> None:
    """Note an act in this transaction. `event` is source:subject:action (`cert:desk:ok`); details hold no names.

    What an agent does for a resident is the agent's act, `for` that resident.
    """
    actor_id = actor.id if actor else None
    viewer: Any = g.get("viewer") if has_app_context() else None
    if getattr(viewer, "agent_id", None) is not None and actor_id == viewer.person_id:
        actor_id, details = viewer.agent_id, {**details, "for": viewer.person_id}
    last = db.session.scalar(select(AuditEntry.link).order_by(AuditEntry.id.desc()).limit(1)) or FIRST
    entry = AuditEntry(event=event, actor_id=actor_id, on_id=on.id if on else None, details=details, at=now())
    entry.link = entry.computed_link(last)
    db.session.add(entry)
    db.session.flush()


def first_broken_entry() -> int | None:
    """The number of the first entry that was tampered with, or None when the chain holds."""
    link = FIRST
    for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)):
        link = entry.computed_link(link)
        if link != entry.link:
            return entry.id
    return None


mine(
    AuditEntry,
    "actor_id",
    "on_id",
    title=_l("What was noted of what I did, and of what was done for me"),
    shows={"at": _l("When"), "event": _l("Act")},
    stays=_l("A number without a name, in the town hall’s journal of acts."),
    erased=False,
)
keeps(
    "audit.entries",
    what=_l("The town hall’s journal of acts: certifications, roles, sign-ins, what was published"),
    why=_l("So that nobody can deny or change what was done"),
    how_long=_l("As long as the town’s file: nothing can be taken out of it without its being seen"),
    then=_l("It holds numbers and no name: after an erasure the number leads to nobody"),
)
