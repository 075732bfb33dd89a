"""The audit: who did what in whose name. Append-only, chained by hashes, holding ids and no names, for three years."""

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from flask import g, has_app_context
from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, String, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from town.kernel.db import Base, Moment, db, now
from town.kernel.inventory import mine
from town.kernel.jobs import nightly
from town.kernel.retention import Span, forgets
from town.kernel.tenancy import current_town, towns

if TYPE_CHECKING:
    from town.commons.people.models import Person

FIRST = "0" * 64


class AuditEntry(Base):
    """One act. `link` hashes it with its predecessor's link; triggers refuse to change a row, or to delete it young."""

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


class AuditStart(Base):
    """What the chain goes on from: the link of the last entry that was forgotten. One row, once there was one."""

    __tablename__ = "audit_start"

    link: Mapped[str] = mapped_column(String(64))


def audit(event: str, actor: "Person | None" = None, on: "Person | None" = None, **details: Any) -> None:
    """Note an act in this transaction. `event` is source:subject:action (`cert:desk:ok`); details hold no names.

    What an agent does for a resident is the agent's act, `for` that resident.
    """
    actor_id = actor.id if actor else None
    viewer: Any = g.get("viewer") if has_app_context() else None
    if getattr(viewer, "agent_id", None) is not None and actor_id == viewer.person_id:
        actor_id, details = viewer.agent_id, {**details, "for": viewer.person_id}
    last = db.session.scalar(select(AuditEntry.link).order_by(AuditEntry.id.desc()).limit(1)) or _start()
    entry = AuditEntry(event=event, actor_id=actor_id, on_id=on.id if on else None, details=details, at=now())
    entry.link = entry.computed_link(last)
    db.session.add(entry)
    db.session.flush()


def first_broken_entry() -> int | None:
    """The number of the first entry that was tampered with, or None when the chain holds."""
    link = _start()
    for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)):
        link = entry.computed_link(link)
        if link != entry.link:
            return entry.id
    return None


NOTED: Final = "audit"
"""What the registry calls the last entry that it saw: the town's file alone cannot tell that its end was cut off."""


@nightly
def note_the_last_entry() -> None:
    """Outside the town's own file. What was noted and is gone stays noted, until the town is restored."""
    last = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).first()
    if last is not None and not cut_off():
        towns().registry.note_upkeep(current_town().slug, NOTED, now(), entry=last.id, link=last.link)


def cut_off() -> int | None:
    """The number of an entry that the registry has noted, and that the journal has lost without having forgotten it."""
    upkeep = towns().registry.upkeep(current_town().slug)
    at, noted = upkeep.get(NOTED, (None, {}))
    if at is None or at <= upkeep.get("restore", (datetime.min.replace(tzinfo=UTC), {}))[0]:
        return None
    number: int = noted["entry"]
    first = db.session.scalar(select(func.min(AuditEntry.id)))
    forgotten = _start() == noted["link"] or (first is not None and first > number)
    there = db.session.scalar(select(AuditEntry.link).where(AuditEntry.id == number)) == noted["link"]
    return None if forgotten or there else number


def _start() -> str:
    return db.session.scalar(select(AuditStart.link)) or FIRST


mine(
    AuditEntry,
    "actor_id",
    "on_id",
    title=_l("What was noted of what I did, and of what was done for me"),
    shows={"at": _l("When"), "event": _l("Act")},
    stays=_l("A number without a name, in the town hall’s journal of acts."),
    erased=False,
)


@forgets(
    "audit.entries",
    what=_l("The town hall’s journal of acts: certifications, roles, sign-ins, what was published"),
    why=_l("So that nobody can deny or change what was done"),
    then=_l("The oldest acts are erased. What follows still proves that nothing else was taken out"),
    lasts=Span(years=3),
    rows=lambda: select(AuditEntry.id),
    over=lambda limit: AuditEntry.at < limit,
)
def forget_entries(limit: datetime) -> None:
    """Only from the beginning on: an entry between younger ones, of a clock that jumped, waits for them."""
    younger = db.session.scalar(select(func.min(AuditEntry.id)).where(AuditEntry.at >= limit))
    old = AuditEntry.id < younger if younger is not None else AuditEntry.at < limit
    link = db.session.scalar(select(AuditEntry.link).where(old).order_by(AuditEntry.id.desc()).limit(1))
    if link is None:
        return
    db.session.merge(AuditStart(id=1, link=link))
    db.session.execute(delete(AuditEntry).where(old))
