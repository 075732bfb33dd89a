"""What signups forget, and what becomes of them when somebody leaves town."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select, update

from town.commons.people.models import Person
from town.commons.signups.models import CAME, STANDING, Signup, Slot
from town.kernel.db import db, flush, now
from town.kernel.inventory import mine
from town.kernel.retention import Span, forgets
from town.kernel.signals import certification_revoked, person_erased, person_left


def _over(limit: datetime) -> ColumnElement[bool]:
    """It was for a time that is over since then."""
    return Signup.slot_id.in_(select(Slot.id).where(Slot.ends < limit))


@forgets(
    "signups.phones",
    what=_l("The telephone number that you give for a morning’s help"),
    why=_l("So that the organiser can call you that day"),
    then=_l("It is erased"),
    lasts=Span(days=7),
    since=_l("after that day"),
    rows=lambda: select(Signup.id).where(Signup.phone != ""),
    over=_over,
    guarded=False,
)
def forget_phones(limit: datetime) -> None:
    _quietly(update(Signup).where(Signup.phone != "", _over(limit)).values(phone=""))


@forgets(
    "signups.missed",
    what=_l("That you signed up for something and did not come, or only waited for a place"),
    why=_l("To fill the places, and to know how many come"),
    then=_l("The place stays counted, without your name"),
    lasts=Span(days=90),
    since=_l("after that day"),
    rows=lambda: select(Signup.id).where(Signup.state != CAME, Signup.person_id.is_not(None)),
    over=_over,
)
def forget_who_did_not_come(limit: datetime) -> None:
    _quietly(update(Signup).where(Signup.state != CAME, _over(limit)).values(person_id=None))


@forgets(
    "signups.came",
    what=_l("That you came to help, and for how long"),
    why=_l("To declare your hours until the middle of the next year (compte d’engagement citoyen)"),
    then=_l("The hours stay counted, without your name"),
    lasts=Span(months=24),
    since=_l("after that day"),
    rows=lambda: select(Signup.id).where(Signup.person_id.is_not(None)),
    over=_over,
)
def forget_who_came(limit: datetime) -> None:
    _quietly(update(Signup).where(_over(limit)).values(person_id=None))


def _quietly(statement: Any) -> None:
    db.session.execute(statement.execution_options(synchronize_session=False))


@person_left.connect
@certification_revoked.connect
def withdraw_from_everything(person: Person, **_: Any) -> None:
    """Who leaves town, or is not known to live here any more, comes to nothing: the next in line do."""
    theirs = select(Signup).join(Slot).where(Signup.person_id == person.id, Signup.state.in_(STANDING))
    for signup in db.session.scalars(theirs.where(Slot.ends > now(), Slot.cancelled_at.is_(None)).order_by(Slot.id)):
        signup.withdraw()


@person_erased.connect
def forget(person: Person, **_: Any) -> None:
    """Places that were theirs stay counted, without a name or a number."""
    withdraw_from_everything(person)
    theirs = update(Signup).where(Signup.person_id == person.id)
    _quietly(theirs.values(person_id=None, phone=""))
    db.session.expire_all()
    flush()


mine(
    Signup,
    "person_id",
    title=_l("What I signed up for"),
    rows=lambda person_id: select(Signup).where(Signup.person_id == person_id).order_by(Signup.id),
    shows={
        "starts": (_l("When"), lambda signup: signup.slot.starts),
        "state": _l("State"),
        "phone": _l("Telephone"),
        "made_at": _l("Signed up"),
        "minutes": _l("Minutes"),
    },
    stays=_l("How many came and for how long, without who."),
)
