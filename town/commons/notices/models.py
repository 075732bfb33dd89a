"""What somebody was told, whether they read it, and which e-mails they do not want."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from town.commons.activity import Activity
from town.commons.holds import about_nothing_held
from town.commons.people.models import Person
from town.commons.people.organisations import Organisation
from town.kernel.db import Base, Moment, PublicId, db, now
from town.kernel.inventory import mine
from town.kernel.retention import Span, forgets
from town.kernel.signals import person_erased

PAGE = 30

OFFICIAL, DIRECT = "official", "direct"
"""Sorts of e-mail that a person may stop: the town hall's notices; what neighbours do with them."""

_UNREAD, _READ = text("read_at IS NULL"), text("read_at IS NOT NULL")


class InboxNotice(PublicId, Base):
    """That a person is told of an activity. Its sentence is made when it is read, in the reader's language.

    subject_id: the public id of what it is about, for the link.
    """

    __tablename__ = "inbox_notice"
    __table_args__ = (
        UniqueConstraint("person_id", "activity_id"),
        Index("ix_inbox_notice_unread", "person_id", "id", sqlite_where=_UNREAD, postgresql_where=_UNREAD),
        Index("ix_inbox_notice_read", "person_id", "id", sqlite_where=_READ, postgresql_where=_READ),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"), index=True)
    activity: Mapped[Activity] = relationship()
    subject_id: Mapped[str] = mapped_column(String(22))
    official: Mapped[bool]
    created_at: Mapped[Moment]
    read_at: Mapped[Moment | None]


class MailStop(Base):
    """That a person wants no e-mail of that sort. Only they take it back: nothing starts again by itself."""

    __tablename__ = "mail_stop"
    __table_args__ = (
        UniqueConstraint("person_id", "sort"),
        CheckConstraint(f"sort IN ('{OFFICIAL}', '{DIRECT}')", name="known_sort"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    sort: Mapped[str] = mapped_column(String(10))
    at: Mapped[Moment] = mapped_column(default=now)


def inbox(person_id: int | None, *, read: bool, before: int | None = None) -> Select[Any]:
    """What one person was told, newest first: what they have read, or what they have not. One row more than a page."""
    state = InboxNotice.read_at.is_not(None) if read else InboxNotice.read_at.is_(None)
    found = (
        select(
            InboxNotice.id,
            InboxNotice.public_id,
            InboxNotice.subject_id,
            InboxNotice.official,
            InboxNotice.created_at,
            InboxNotice.read_at,
            Activity.kind,
            Activity.title,
            Activity.details,
            Person.first_name,
            Person.last_name,
            Organisation.name.label("organisation"),
        )
        .join(Activity, Activity.id == InboxNotice.activity_id)
        .outerjoin(Person, Person.id == func.coalesce(Activity.acting_for_id, Activity.actor_id))
        .outerjoin(Organisation, Organisation.id == Activity.on_behalf_of_id)
        .where(InboxNotice.person_id == person_id, state, about_nothing_held(InboxNotice.subject_id))
    )
    if before is not None:
        found = found.where(InboxNotice.id < before)
    return found.order_by(InboxNotice.id.desc()).limit(PAGE + 1)


def about(subject: Any) -> Select[Any]:
    """The activities of a thing, by id."""
    return select(Activity.id).where(Activity.thing == subject.__tablename__, Activity.thing_id == subject.id)


def mark_read(person_id: int | None, public_id: str | None = None, subject: Any = None) -> None:
    """Note that a person has read one notice, all those about a thing, or, given neither, everything."""
    read = update(InboxNotice).where(InboxNotice.person_id == person_id, InboxNotice.read_at.is_(None))
    if public_id is not None:
        read = read.where(InboxNotice.public_id == public_id)
    if subject is not None:
        read = read.where(InboxNotice.activity_id.in_(about(subject)))
    db.session.execute(read.values(read_at=now()).execution_options(synchronize_session=False))


def unread_about(person_id: int | None, subject: Any) -> bool:
    """Whether a person was told of this thing and has not read it yet."""
    waiting = select(InboxNotice.id).where(
        InboxNotice.person_id == person_id, InboxNotice.read_at.is_(None), InboxNotice.activity_id.in_(about(subject))
    )
    return db.session.scalar(waiting.limit(1)) is not None


def take_back(subject: Any) -> None:
    """Nobody shall read any more what they were told of this thing; e-mails that have not left do not leave."""
    told = delete(InboxNotice).where(InboxNotice.activity_id.in_(about(subject)))
    db.session.execute(told.execution_options(synchronize_session=False))


def mail_stops(person_id: int | None) -> set[str]:
    """The sorts of e-mail that this person has stopped."""
    return set(db.session.scalars(select(MailStop.sort).where(MailStop.person_id == person_id)))


def choose_mail(person_id: int, wanted: dict[str, bool]) -> None:
    """Keep a person's choice for these sorts of e-mail."""
    stopped = mail_stops(person_id)
    for sort, wants in wanted.items():
        if wants and sort in stopped:
            db.session.execute(delete(MailStop).where(MailStop.person_id == person_id, MailStop.sort == sort))
        elif not wants and sort not in stopped:
            db.session.add(MailStop(person_id=person_id, sort=sort))
    db.session.flush()


@forgets(
    "notices.inbox",
    what=_l("The notices in your inbox"),
    why=_l("To read again what you were told"),
    then=_l("They are erased: what happened stays on its own page"),
    lasts=Span(months=12),
    rows=lambda: select(InboxNotice.id),
    over=lambda limit: InboxNotice.created_at < limit,
)
def forget_old_notices(limit: datetime) -> None:
    db.session.execute(delete(InboxNotice).where(InboxNotice.created_at < limit))


@person_erased.connect
def forget_person(person: Person) -> None:
    """Nothing is left of what an erased person was told or chose."""
    for table in (InboxNotice, MailStop):
        db.session.execute(delete(table).where(table.person_id == person.id))


mine(
    MailStop,
    "person_id",
    title=_l("E-mails I do not want"),
    shows={"sort": _l("Sort of e-mail"), "at": _l("Since")},
)
