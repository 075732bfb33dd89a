"""How long files of registers are kept, and what becomes of who sent them."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select

from town.commons.directory.batches import LOOKED_AT, UNDONE_WITHIN, Batch, BatchLine
from town.commons.people.models import Person
from town.kernel.db import db, flush
from town.kernel.inventory import not_mine
from town.kernel.retention import Span, forgets
from town.kernel.signals import person_erased

not_mine(Batch.made_by_id, "whoever sends a register does so for the town hall; the audit says it")


@forgets(
    "directory.files",
    what=_l("A file of a national register that the town hall only looked at"),
    why=_l("To choose what is listed"),
    then=_l("It is erased"),
    lasts=Span(days=LOOKED_AT.days),
    rows=lambda: select(Batch.id).where(Batch.taken_at.is_(None)),
    over=lambda limit: Batch.made_at < limit,
    guarded=False,
)
def forget_files(limit: datetime) -> None:
    db.session.execute(delete(Batch).where(Batch.taken_at.is_(None), Batch.made_at < limit))


@forgets(
    "directory.lines",
    what=_l("What a national register says of a business or an association that the town hall has listed"),
    why=_l("To undo the import"),
    then=_l("It is erased; the page stays"),
    lasts=Span(days=UNDONE_WITHIN.days),
    rows=lambda: select(BatchLine.id).join(Batch).where(Batch.taken_at.is_not(None)),
    over=lambda limit: Batch.taken_at < limit,
    guarded=False,
)
def forget_lines(limit: datetime) -> None:
    taken = select(Batch.id).where(Batch.taken_at < limit)
    db.session.execute(delete(BatchLine).where(BatchLine.batch_id.in_(taken)))


@person_erased.connect
def forget(person: Person, **_: Any) -> None:
    """Who sent a file is forgotten; what it listed stays."""
    for batch in db.session.scalars(select(Batch).where(Batch.made_by_id == person.id)):
        batch.made_by = None
    flush()
