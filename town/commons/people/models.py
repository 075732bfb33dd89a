"""A person is a resident; an account, which they may or may not have, is how they sign in."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_security.core import UserMixin
from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Select,
    String,
    Text,
    UniqueConstraint,
    select,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from town.commons.places.models import Address, Quarter
from town.kernel.db import Base, Moment, PublicId, now
from town.kernel.inventory import mine
from town.kernel.tenancy import current_town
from town.kernel.text import fold

ROLES = ("agent", "councillor", "certifier", "trust_manager", "moderator", "admin")


def _folded(context: Any) -> str:
    """For rows written without the record, such as those of a bench."""
    given = context.get_current_parameters()
    return fold(f"{given['first_name']} {given['last_name']}")[:240]


class Person(PublicId, Base):
    """A resident, as their neighbours know them: "Prénom N.", a quarter, never a street number.

    `certified_*` are written by `commons.trust` alone; a profile, an import or an address can never set them.
    `left_at` and `erase_on` are written by `people.leaving`. A number is never given twice: the audit keeps it.
    """

    __tablename__ = "person"
    __table_args__ = {"sqlite_autoincrement": True}

    first_name: Mapped[str] = mapped_column(String(80))
    last_name: Mapped[str] = mapped_column(String(80))
    folded: Mapped[str] = mapped_column(String(240), index=True, default=_folded)
    bio: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str | None] = mapped_column(String(5))
    address_id: Mapped[int | None] = mapped_column(ForeignKey("address.id"), index=True)
    address: Mapped[Address | None] = relationship()
    address_words: Mapped[str] = mapped_column(String(200), default="")
    listed: Mapped[bool] = mapped_column(default=True)
    portrait: Mapped[str | None] = mapped_column(String(32))
    joined_at: Mapped[Moment] = mapped_column(default=now)
    left_at: Mapped[Moment | None]
    erase_on: Mapped[Moment | None] = mapped_column(index=True)
    certified_at: Mapped[Moment | None]
    certified_until: Mapped[Moment | None] = mapped_column(index=True)
    certified_how: Mapped[str | None] = mapped_column(String(20))

    account: Mapped["Account | None"] = relationship(back_populates="person", uselist=False)
    grants: Mapped[list["RoleGrant"]] = relationship(back_populates="person", cascade="all, delete-orphan")

    @validates("first_name", "last_name")
    def _fold(self, part: str, words: str) -> str:
        names = {"first_name": self.first_name or "", "last_name": self.last_name or "", part: words}
        self.folded = fold(f"{names['first_name']} {names['last_name']}")[:240]
        return words

    @property
    def name(self) -> str:
        """ "Prénom N.", the form everybody sees."""
        return short_name(self.first_name, self.last_name)

    @property
    def full_name(self) -> str:
        """For oneself, the town hall, and people one has an agreed exchange with."""
        return f"{self.first_name} {self.last_name}".strip()

    @hybrid_property
    def certified(self) -> bool:
        return self.certified_until is not None and self.certified_until > now()

    @certified.inplace.expression
    @classmethod
    def _certified_expression(cls) -> ColumnElement[bool]:
        return cls.certified_until.is_not(None) & (cls.certified_until > now())

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(grant.role for grant in self.grants)

    @property
    def staff(self) -> bool:
        return bool(self.grants)

    @property
    def quarter(self) -> Quarter | None:
        return self.address.quarter if self.address else None

    def __repr__(self) -> str:
        return f"<Person {self.id}>"


def short_name(first: str, last: str) -> str:
    """ "Marie-Claude D." from first and last name."""
    return f"{first} {last[:1].upper()}." if last else first


class Account(Base, UserMixin):
    """How a person signs in. Its e-mail is optional: somebody the desk registered may have none."""

    __tablename__ = "account"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), unique=True)
    person: Mapped[Person] = relationship(back_populates="account")
    email: Mapped[str | None] = mapped_column(String(254), unique=True)  # type: ignore[assignment]  # optional here
    email_confirmed_at: Mapped[Moment | None]
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    tf_last_step: Mapped[int | None] = mapped_column(BigInteger)
    charter_accepted_at: Mapped[Moment | None]
    created_at: Mapped[Moment] = mapped_column(default=now)
    seen_at: Mapped[Moment | None]  # to the night: sessions say it better while they last
    warned: Mapped[int | None]  # days before erasure that the last warning named, while nobody comes
    warned_at: Mapped[Moment | None]

    def get_id(self) -> str:
        """What a session names: worthless in another town, even one whose file is a copy of this one."""
        return f"{current_town().uid}:{self.fs_uniquifier}"


class RoleGrant(Base):
    """A role of the town hall, held by a person. A village's secretary may hold several."""

    __tablename__ = "role_grant"
    __table_args__ = (
        UniqueConstraint("person_id", "role"),
        CheckConstraint("role IN ('" + "', '".join(ROLES) + "')", name="known_role"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    person: Mapped[Person] = relationship(back_populates="grants")
    role: Mapped[str] = mapped_column(String(20))
    granted_at: Mapped[Moment] = mapped_column(default=now)


class SessionRow(PublicId, Base):
    """A sign-in on one device. The cookie's token is kept as an HMAC with the town's uid, which is not in this file."""

    __tablename__ = "session"

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    data: Mapped[str] = mapped_column(Text, default="{}")
    device: Mapped[str] = mapped_column(String(80), default="")
    created_at: Mapped[Moment] = mapped_column(default=now)
    seen_at: Mapped[Moment] = mapped_column(default=now)
    expires_at: Mapped[Moment] = mapped_column(index=True)


class Pin(PublicId, Base):
    """Somebody comes back with a few figures on a device that a household shares. Verbs: `people.pins`.

    device_hash: of the device's own cookie, which only a sign-in with the password on it can have got a PIN for.
    """

    __tablename__ = "pin"
    __table_args__ = (UniqueConstraint("device_hash", "account_id"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    account: Mapped["Account"] = relationship()
    device_hash: Mapped[str] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(String(80), default="")
    figures: Mapped[str] = mapped_column(String(255))
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Moment] = mapped_column(default=now)
    used_at: Mapped[Moment] = mapped_column(default=now)


class OneUseCode(PublicId, Base):
    """A code sent by e-mail: kept hashed, tried a few times, used once. Its public id names the page that asks for it.

    account_id: whose, if anybody's: an unknown e-mail gets a code that nobody receives, so that both look the same.
    details: what the right code does, such as the name and address of somebody who joins. Verbs: `people.codes`.
    """

    __tablename__ = "one_use_code"

    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    email: Mapped[str] = mapped_column(String(254))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    code_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[Moment] = mapped_column(default=now)
    expires_at: Mapped[Moment] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[Moment | None]


def initials(first: str, last: str) -> str:
    return (first[:1] + last[:1]).upper() or "?"


def _of_account(table: type[SessionRow] | type[OneUseCode] | type[Pin], person_id: int) -> Select[Any]:
    return select(table).join(Account).where(Account.person_id == person_id).order_by(table.id)


mine(
    Person,
    "id",
    title=_l("My profile"),
    shows={
        "first_name": _l("First name"),
        "last_name": _l("Last name"),
        "bio": _l("A few words about you"),
        "language": _l("Language"),
        "address": (_l("Address"), lambda person: person.address.line if person.address else person.address_words),
        "quarter": _l("Quarter"),
        "listed": _l("My neighbours find me in the list"),
        "joined_at": _l("Joined"),
        "certified_until": _l("Certified until"),
    },
)
mine(
    Account,
    "person_id",
    title=_l("My account"),
    shows={
        "email": _l("Your e-mail"),
        "email_confirmed_at": _l("E-mail confirmed"),
        "charter_accepted_at": _l("Charter accepted"),
        "created_at": _l("Opened"),
        "seen_at": _l("Last seen"),
        "second_factor": (_l("Second factor"), lambda account: account.tf_totp_secret is not None),
    },
)
mine(
    RoleGrant,
    "person_id",
    title=_l("My roles at the town hall"),
    shows={"role": _l("Role"), "granted_at": _l("Since")},
)
mine(
    SessionRow,
    "account_id",
    title=_l("My devices"),
    rows=lambda person_id: _of_account(SessionRow, person_id),
    shows={"device": _l("Device"), "created_at": _l("Signed in"), "seen_at": _l("Last seen")},
)
mine(
    OneUseCode,
    "account_id",
    title=_l("Codes I was sent"),
    rows=lambda person_id: _of_account(OneUseCode, person_id),
    shows={"email": _l("Your e-mail"), "purpose": _l("Purpose"), "created_at": _l("Sent")},
)
mine(
    Pin,
    "account_id",
    title=_l("My PINs"),
    rows=lambda person_id: _of_account(Pin, person_id),
    shows={"device": _l("Device"), "created_at": _l("Since"), "used_at": _l("Last used")},
)
