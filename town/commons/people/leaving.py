"""Leaving: a person goes, may come back for thirty days, and then is erased, here and everywhere.

`erase` deletes the person's row. Every foreign key to it is the database's own question whether all have answered
`person_erased`: while one row still names the person, nothing of the erasure is committed.
"""

import hashlib
import hmac
from datetime import timedelta
from typing import Any, Final

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select

from town.commons.audit import audit
from town.commons.people import sessions
from town.commons.people.models import OneUseCode, Person, RoleGrant
from town.kernel.db import Base, db, flush, now
from town.kernel.jobs import enqueue, forget_promises, job
from town.kernel.refusals import Refused
from town.kernel.scrubbing import scrub_soon
from town.kernel.signals import person_back, person_erased, person_left
from town.kernel.tenancy import current_town, towns

GRACE: Final = timedelta(days=30)
"""How long whoever left may sign in again and find their account."""

AT_ONCE: Final = timedelta(minutes=1)
"""« Tout de suite » : first those who have to be told are told."""


class StillNamed(RuntimeError):
    """A table names somebody who is being erased: its feature does not answer `person_erased`. Nothing is committed."""


class LastAdmin(Refused):
    """Nobody would be left who may name another."""

    sentence = _l("You are the only administrator of this town. Name another one first, then come back to this page.")


class AlreadyGone(Refused):
    """Asked for twice, or erased meanwhile."""

    sentence = _l("This has been asked for already.")


class NotLeaving(Refused):
    """There is nothing to come back from."""

    sentence = _l("This account is not leaving: there is nothing to undo.")


def leave(person: Person, *, at_once: bool = False) -> None:
    """Whoever asked is gone for everybody, from now on, and is erased after `GRACE`, or at once.

    Raises `LastAdmin`, `AlreadyGone`.
    """
    refuse_the_last_admin(person)
    if person.left_at is not None:
        raise AlreadyGone
    person.left_at, person.erase_on = now(), now() + (AT_ONCE if at_once else GRACE)
    for role in sorted(person.roles):
        audit(f"role:{role}:remove", actor=person, on=person)
    person.grants.clear()
    if person.account is not None:
        person.account.warned = person.account.warned_at = None
        sessions.end_everywhere(person.account)
    flush()
    person_left.send(person)
    audit("account:account:leave", actor=person, on=person, at_once=at_once)
    if at_once:
        enqueue(ERASE, {"person": person.id}, at=person.erase_on)


def hurry(person: Person) -> None:
    """Whoever is leaving does not want to wait for the end of the thirty days. Raises `NotLeaving`."""
    if not leaving(person):
        raise NotLeaving
    person.erase_on = now() + AT_ONCE
    flush()
    enqueue(ERASE, {"person": person.id}, at=person.erase_on)


def leaving(person: Person | None) -> bool:
    """Whether this person has left and may still come back."""
    return person is not None and person.left_at is not None and person.erase_on is not None and person.erase_on > now()


def come_back(person: Person) -> None:
    """They changed their mind in time. What others were told stays told; what they had shown is theirs to show again.

    Raises `NotLeaving`.
    """
    if not leaving(person):
        raise NotLeaving
    person.left_at = person.erase_on = None
    flush()
    person_back.send(person)
    audit("account:account:back", actor=person, on=person)


def refuse_the_last_admin(person: Person) -> None:
    """Two who leave in the same moment do so one after the other."""
    if "admin" not in person.roles:
        return
    admins = select(Person.id).join(RoleGrant).where(RoleGrant.role == "admin", Person.left_at.is_(None))
    if set(db.session.scalars(admins.order_by(Person.id).with_for_update(of=Person))) <= {person.id}:
        raise LastAdmin


def erase(person: Person) -> None:
    """Forget a person, in this transaction. Files and the pages of the database that held them follow by jobs."""
    if person.left_at is None:
        person.left_at = now()
        flush()
        person_left.send(person)
    email = person.account.email if person.account else None
    person_erased.send(person)
    if email is not None:
        db.session.execute(delete(OneUseCode).where(OneUseCode.email == email))
    forget_promises(person.id, [word for word in (email, person.full_name) if word])
    audit("account:account:erase", on=person)
    number, mark = person.id, marks_of(person)[0]
    flush()
    if tables := _still_naming(number):
        raise StillNamed(f"{', '.join(tables)}: see docs/adding-a-feature.md, « People’s rows »")
    towns().registry.note_erased(current_town().slug, mark, now())
    db.session.execute(delete(Person).where(Person.id == number).execution_options(synchronize_session=False))
    db.session.expunge_all()  # what is in memory still speaks of them
    scrub_soon()


def _still_naming(number: int) -> list[str]:
    """The columns that lead to a person and that the database would not empty by itself."""
    leading = [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.column is Person.__table__.c.id and key.ondelete is None for key in column.foreign_keys)
    ]
    return [str(column) for column in leading if db.session.scalar(select(column).where(column == number).limit(1))]


ERASE: Final = "people.erase"


@job(ERASE)
def erase_who_asked(payload: dict[str, Any]) -> None:
    """Unless they came back."""
    person = db.session.get(Person, payload["person"])
    if person is not None and person.left_at is not None and person.erase_on is not None and person.erase_on <= now():
        erase(person)


def overdue() -> list[str]:
    """What `town check` says of people who should have been erased by now."""
    late = select(func.count()).where(Person.left_at.is_not(None), Person.erase_on < now() - timedelta(days=2))
    count = db.session.scalar(late) or 0
    return [f"{count} people asked to be erased and still are here: see the log"] if count else []


def marks_of(person: Person, uid: str | None = None) -> list[str]:
    """What the installation's list of erased people holds of this one, under the present and former secret keys."""
    uid = uid or current_town().uid
    keys = [towns().settings.key(), *(key.get_secret_value() for key in towns().settings.secret_key_fallbacks)]
    said = f"{person.id}:{person.public_id}".encode()
    return [hmac.new(f"{key}:{uid}:erased".encode(), said, hashlib.sha256).hexdigest() for key in keys]


def erase_again(uid: str | None = None, marks: set[str] | None = None) -> int:
    """Erase whoever a restored copy of the file brought back, and return how many that were.

    uid, marks: of the town that the copy was made of, when it comes back as another.
    """
    marks = towns().registry.erased(current_town().slug) if marks is None else marks
    if not marks:
        return 0
    people = db.session.scalars(select(Person).order_by(Person.id))
    returned = [person.id for person in people if not marks.isdisjoint(marks_of(person, uid))]
    for number in returned:
        erase(db.session.get_one(Person, number))
        db.session.commit()
    if returned:
        current_app.logger.warning("a restored file brought back %s erased people: erased again", len(returned))
    return len(returned)
