"""What signups forget, and what becomes of them when somebody leaves town."""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select, update

from town.commons.people.models import Person
from town.commons.signups.models import CAME, STANDING, Signup, Slot
from town.kernel.db import db, flush, now
from town.kernel.jobs import nightly
from town.kernel.signals import certification_revoked, person_erased, person_left

PHONES_KEPT: Final = timedelta(days=7)
"""A number given for one morning is of no use a week later."""
KEPT: Final = timedelta(days=730)
"""Hours of a year are declared until the middle of the next (compte d'engagement citoyen): two years hold them."""
OTHERS_KEPT: Final = timedelta(days=90)
"""Who did not come, or only waited, is remembered for a season."""


@nightly
def forget_old_signups() -> None:
    """Numbers after a week, who did not come after three months, who came after two years; their hours stay counted."""
    over = select(Slot.id).where(Slot.ends < now() - PHONES_KEPT)
    _quietly(update(Signup).where(Signup.phone != "", Signup.slot_id.in_(over)).values(phone=""))
    long_over = select(Slot.id).where(Slot.ends < now() - OTHERS_KEPT)
    _quietly(update(Signup).where(Signup.state != CAME, Signup.slot_id.in_(long_over)).values(person_id=None))
    forgotten = select(Slot.id).where(Slot.ends < now() - KEPT)
    _quietly(update(Signup).where(Signup.slot_id.in_(forgotten)).values(person_id=None))


def _quietly(statement: Any) -> None:
    db.session.execute(statement.execution_options(synchronize_session=False))


@person_left.connect
@certification_revoked.connect
def withdraw_from_everything(person: Person, **_: Any) -> None:
    """Who leaves town, or is not known to live here any more, comes to nothing: the next in line do."""
    mine = select(Signup).join(Slot).where(Signup.person_id == person.id, Signup.state.in_(STANDING))
    for signup in db.session.scalars(mine.where(Slot.ends > now(), Slot.cancelled_at.is_(None)).order_by(Slot.id)):
        signup.withdraw()


@person_erased.connect
def forget(person: Person, **_: Any) -> None:
    """Places that were theirs stay counted, without a name or a number."""
    withdraw_from_everything(person)
    mine = update(Signup).where(Signup.person_id == person.id)
    _quietly(mine.values(person_id=None, phone=""))
    db.session.expire_all()
    flush()
