"""Phones that ring: those on which somebody is signed in, and those that follow places without an account."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, String, UniqueConstraint, delete, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from town.commons.notices.push import keys
from town.commons.notices.push.service import is_a_push_service, is_a_secret_for_phones
from town.commons.people.models import Account, SessionRow
from town.commons.places.concerns import Concerns
from town.commons.places.models import Address
from town.kernel.db import Base, Moment, PublicId, db, flush, now
from town.kernel.inventory import mine
from town.kernel.refusals import Refused
from town.kernel.retention import Span, forgets

MOST_PHONES = 10
"""Of one account: one more, and the phone that has been silent for longest rings no more."""

EVERYTHING = ""
"""The topic of a phone that follows the whole town, and not some of its places."""


class NotAPhone(Refused):
    """What came with the form does not lead to a phone's push service."""

    status = 422
    sentence = _l("This browser did not say how to reach it. Try again, or in another browser.")


class PushDevice(PublicId, Base):
    """A browser that can be made to ring, as its push service names it. Only this one can read what is sent to it.

    session_id: the sign-in whose person it rings for; it ends with it, however that ends. Without one, the phone
    follows `topics` and nobody knows whose it is. vapid: the public key of the town that it was subscribed with.
    """

    __tablename__ = "push_device"
    __table_args__ = (
        CheckConstraint("session_id IS NOT NULL OR (official AND NOT direct)", name="nobody_has_no_messages"),
        Index("ix_push_device_heard_at", "heard_at"),
    )

    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), index=True)
    session: Mapped[SessionRow | None] = relationship()
    endpoint: Mapped[str] = mapped_column(String(1000), unique=True)
    p256dh: Mapped[str] = mapped_column(String(90))
    auth: Mapped[str] = mapped_column(String(30))
    vapid: Mapped[str] = mapped_column(String(90))
    language: Mapped[str] = mapped_column(String(5))
    official: Mapped[bool]
    direct: Mapped[bool]
    created_at: Mapped[Moment] = mapped_column(default=now)
    heard_at: Mapped[Moment] = mapped_column(default=now)
    topics: Mapped[list["PushTopic"]] = relationship(cascade="all, delete-orphan", passive_deletes=True)

    def follow(self, concerns: Concerns, language: str) -> None:
        """Without an account: ring for the town hall's notices about these places, and about the whole town."""
        self.session, self.official, self.direct, self.language = None, True, False, language
        wanted = {EVERYTHING} if concerns.whole_town else set(_tokens(concerns))
        self.topics = [PushTopic(token=token) for token in sorted(wanted)]
        db.session.add(self)
        flush()

    def ring_for(self, session: SessionRow, *, official: bool, direct: bool) -> None:
        """Ring for whoever is signed in there, as long as they are: for the town hall's notices, for their messages."""
        self.session, self.official, self.direct, self.topics, self.language = session, official, direct, [], ""
        db.session.add(self)
        flush()
        silent = (
            devices_of(session.account_id).order_by(None).order_by(PushDevice.heard_at.desc(), PushDevice.id.desc())
        )
        for device in db.session.scalars(silent.offset(MOST_PHONES)):
            db.session.delete(device)
        flush()

    @property
    def followed(self) -> Concerns:
        """The places that it follows without an account."""
        numbers = [topic.token.partition(":") for topic in self.topics]
        return Concerns(
            quarters=tuple(sorted(int(number) for sort, _colon, number in numbers if sort == "quarter")),
            streets=tuple(sorted(int(number) for sort, _colon, number in numbers if sort == "street")),
        )


class PushTopic(Base):
    """A place that a phone follows without an account: `quarter:3`, `street:12`, or everything."""

    __tablename__ = "push_topic"
    __table_args__ = (UniqueConstraint("device_id", "token"), Index("ix_push_topic_token", "token", "device_id"))

    device_id: Mapped[int] = mapped_column(ForeignKey("push_device.id", ondelete="CASCADE"))
    token: Mapped[str] = mapped_column(String(30))


def _tokens(concerns: Concerns) -> list[str]:
    quarters = [f"quarter:{number}" for number in concerns.quarters]
    return quarters + [f"street:{number}" for number in concerns.streets]


def phone(said: str, vapid: str) -> PushDevice:
    """The phone that says this of itself, known or new: `{"endpoint": …, "keys": {"p256dh": …, "auth": …}}`.

    vapid: the town's public key that it was subscribed with. Raises `NotAPhone`.
    """
    try:
        found = json.loads(said)
        endpoint, p256dh, auth = found["endpoint"], found["keys"]["p256dh"], found["keys"]["auth"]
    except (ValueError, TypeError, LookupError, RecursionError):
        raise NotAPhone from None
    if not is_a_push_service(endpoint) or not is_a_secret_for_phones(p256dh, auth) or not keys.is_ours(vapid):
        raise NotAPhone
    device = phone_at(endpoint) or PushDevice(endpoint=endpoint)
    device.p256dh, device.auth, device.vapid, device.heard_at = p256dh, auth, vapid, now()
    return device


def phone_at(endpoint: str) -> PushDevice | None:
    """The phone of that address at its push service. Whoever knows the address is the phone: nobody else is told it."""
    return db.session.scalar(select(PushDevice).where(PushDevice.endpoint == endpoint))


def move(former: str, said: str, vapid: str) -> None:
    """A browser has changed the address of its phone, or has taken the town's new key: what it wants stays."""
    before = phone_at(former)
    if before is None:
        raise NotAPhone
    after = phone(said, vapid or before.vapid)
    if after is not before:
        if after.id is not None:
            db.session.delete(after)
            db.session.flush()
        before.endpoint, before.p256dh, before.auth = after.endpoint, after.p256dh, after.auth
    before.vapid, before.heard_at = vapid or before.vapid, now()
    flush()


def devices_of(account_id: int | None) -> Select[PushDevice]:
    """The phones that ring for this account, by the name of their browser."""
    found = select(PushDevice).join(SessionRow, SessionRow.id == PushDevice.session_id)
    living = found.where(SessionRow.account_id == account_id, SessionRow.expires_at > now())
    return living.order_by(SessionRow.device, PushDevice.id)


def ringing_for(people: Sequence[int], *, official: bool) -> Select[int, int]:
    """The phones that ring for these people when the town hall speaks, or when a neighbour does: (device, person)."""
    found = (
        select(PushDevice.id, Account.person_id)
        .join(SessionRow, SessionRow.id == PushDevice.session_id)
        .join(Account, Account.id == SessionRow.account_id)
    )
    wanted = PushDevice.official if official else PushDevice.direct
    living = found.where(Account.person_id.in_(people), Account.active, SessionRow.expires_at > now(), wanted)
    return living.order_by(PushDevice.id)


def following(concerns: Concerns) -> Select[int]:
    """The phones without account, by id, that follow what this concerns.

    A phone that follows a street hears of its quarter, and one that follows a quarter hears of each of its streets.
    """
    found = select(PushDevice.id).where(PushDevice.session_id.is_(None)).order_by(PushDevice.id)
    if concerns.whole_town:
        return found
    around = select(Address.quarter_id).where(Address.street_id.in_(concerns.streets)).distinct()
    within = select(Address.street_id).where(Address.quarter_id.in_(concerns.quarters)).distinct()
    numbers = Concerns(
        quarters=(*concerns.quarters, *db.session.scalars(around)),
        streets=(*concerns.streets, *db.session.scalars(within)),
    )
    heard = select(PushTopic.device_id).where(or_(PushTopic.token == EVERYTHING, PushTopic.token.in_(_tokens(numbers))))
    return found.where(PushDevice.id.in_(heard))


@forgets(
    "notices.push",
    what=_l("How to make a phone ring: the address that its browser gave, and which notices it wants"),
    why=_l("To tell you at once, if you asked for it"),
    then=_l("It is erased: that phone rings no more"),
    lasts=Span(months=12),
    since=_l("after the last notice that reached it, or at once when you stop it, sign out or the phone is gone"),
    rows=lambda: select(PushDevice.id),
    over=lambda limit: PushDevice.heard_at < limit,
)
def forget_silent_phones(limit: datetime) -> None:
    db.session.execute(delete(PushDevice).where(PushDevice.heard_at < limit))


def _of_person(person_id: int) -> Select[Any]:
    found = select(PushDevice).join(SessionRow, SessionRow.id == PushDevice.session_id).join(Account)
    return found.where(Account.person_id == person_id).order_by(PushDevice.id)


mine(
    PushDevice,
    "session_id",
    title=_l("Phones that ring for me"),
    rows=_of_person,
    shows={
        "device": (_l("Device"), lambda phone: phone.session.device),
        "endpoint": _l("Its address at its push service"),
        "official": _l("Notices of the town hall"),
        "direct": _l("Messages"),
        "created_at": _l("Since"),
        "heard_at": _l("Last reached"),
    },
)
