"""Telling: from an activity to the people it concerns, each once, whatever happens to the worker in between.

The job writes inbox rows in chunks. A chunk, the promises of its e-mails and the promise of the next chunk are one
transaction: a worker that dies leaves either all of it or none.
"""

from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import joinedload

from town.commons.activity import TELL, Activity, Kind
from town.commons.notices.models import DIRECT, OFFICIAL, InboxNotice, MailStop
from town.commons.people.models import Account, Person
from town.kernel.db import db, new_public_id
from town.kernel.inventory import mine
from town.kernel.jobs import enqueue, job

CHUNK = 200
MAIL = "notices.mail"

Told = Sequence[tuple[int, int]]
"""Who has just been told: pairs of inbox notice and person, by id."""


@job(TELL)
def tell_those_concerned(payload: dict[str, Any]) -> None:
    """Tell the next chunk of the people whom an activity concerns, and promise the chunk after it."""
    activity = db.session.get(Activity, payload["activity"])
    kind = Kind.registry.get(activity.kind) if activity is not None else None
    if activity is None or kind is None or kind.tells is None or activity.subject is None:
        return  # what it was about is gone, or its feature left the code
    if "after" not in payload:
        for spread in SPREADS:
            spread(activity, kind)
    concerned = kind.tells(activity)
    if not isinstance(concerned, Select):
        tell(activity, kind, sorted({person.id for person in concerned}))
        return
    ids = concerned.with_only_columns(Person.id).where(Person.id > payload.get("after", 0)).order_by(None).distinct()
    chunk = list(db.session.scalars(ids.order_by(Person.id).limit(CHUNK)))
    tell(activity, kind, chunk)
    if len(chunk) == CHUNK:
        enqueue(TELL, {"activity": activity.id, "after": chunk[-1]})


def tell(activity: Activity, kind: Kind, people: Sequence[int]) -> None:
    """Tell these people of an activity in every way they want. Whoever was told already is not told again."""
    rows = [
        {
            "public_id": new_public_id(),
            "person_id": person_id,
            "activity_id": activity.id,
            "subject_id": getattr(activity.subject, "public_id", ""),
            "official": kind.official,
            "created_at": activity.at,
        }
        for person_id in people
        if person_id not in (activity.actor_id, activity.acting_for_id)
    ]
    if not rows:
        return
    first_time = _insert(InboxNotice).on_conflict_do_nothing(index_elements=["person_id", "activity_id"])
    told = db.session.execute(first_time.values(rows).returning(InboxNotice.id, InboxNotice.person_id))
    fresh = [(number, person_id) for number, person_id in told]
    for deliver in DELIVERIES:
        deliver(kind, fresh)


def by_mail(kind: Kind, told: Told) -> None:
    """Promise an e-mail to those who have a confirmed mailbox and want this sort."""
    if not kind.by_mail or not told:
        return
    sort = OFFICIAL if kind.official else DIRECT
    wanting = set(db.session.scalars(with_mail(sort).where(Person.id.in_([person_id for _number, person_id in told]))))
    for number, person_id in told:
        if person_id in wanting:
            enqueue(MAIL, {"notice": number}, key=f"{MAIL}:{number}")


DELIVERIES: list[Callable[[Kind, Told], None]] = [by_mail]
"""Ways beside the inbox. Each runs in the telling's transaction and promises its work as jobs."""

SPREADS: list[Callable[[Activity, Kind], None]] = []
"""Ways to those who have no inbox here. Each runs once an activity, in the same way."""


def with_mail(sort: str) -> Select[Any]:
    """The people, by id, who can be written to: a confirmed mailbox, living here, this sort of e-mail not stopped."""
    stopped = select(MailStop.id).where(MailStop.person_id == Person.id, MailStop.sort == sort)
    return (
        select(Person.id)
        .join(Account, Account.person_id == Person.id)
        .where(Account.active, Account.email_confirmed_at.is_not(None), Person.left_at.is_(None), ~stopped.exists())
    )


def _insert(table: Any) -> Any:
    postgres = db.session.get_bind().dialect.name == "postgresql"
    return (postgres_insert if postgres else sqlite_insert)(table)


def told_in_words(notice: InboxNotice) -> str:
    """What this notice said, as its reader would read it today."""
    return notice.activity.in_words()


mine(
    InboxNotice,
    "person_id",
    title=_l("Notices I was sent"),
    rows=lambda person_id: (
        select(InboxNotice)
        .where(InboxNotice.person_id == person_id)
        .options(joinedload(InboxNotice.activity).joinedload(Activity.actor))
        .order_by(InboxNotice.id)
    ),
    shows={"created_at": _l("When"), "words": (_l("What it said"), told_in_words), "read_at": _l("Read")},
)
