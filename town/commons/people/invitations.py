"""Invitations: who runs an organisation asks somebody to run it too, by their e-mail; only that person says yes.

The page looks the same whether or not anybody here has that e-mail: it is matched with a confirmed one when they look.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, String, delete, func, or_, select, text
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from town.commons.audit import audit
from town.commons.people.models import Account, Person
from town.commons.people.organisations import DUTIES, Membership, Organisation
from town.kernel.db import Base, Moment, PublicId, db, flush, now
from town.kernel.inventory import mine
from town.kernel.refusals import Refused
from town.kernel.retention import Span, forgets
from town.kernel.signals import person_erased

OPEN_FOR: Final = timedelta(days=30)
"""How long somebody has to answer; then the e-mail that was typed is forgotten."""

_WAITING = text("answered_at IS NULL")


class InvitedAlready(Refused):
    sentence = _l("This e-mail was asked already. The person finds the question in their account.")


class NotAskedAnyMore(Refused):
    sentence = _l("This invitation is over.")


class Invitation(PublicId, Base):
    """Somebody, known by an e-mail, is asked to run an organisation or to help."""

    __tablename__ = "organisation_invitation"
    __table_args__ = (
        Index(
            "uq_organisation_invitation_waiting",
            "organisation_id",
            "email",
            unique=True,
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        CheckConstraint(f"duty IN {tuple(DUTIES)}", name="known_duty"),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    organisation: Mapped[Organisation] = relationship()
    email: Mapped[str] = mapped_column(String(254), index=True)
    duty: Mapped[str] = mapped_column(String(20))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    by: Mapped[Person | None] = relationship()
    made_at: Mapped[Moment] = mapped_column(default=now)
    answered_at: Mapped[Moment | None]

    @property
    def title(self) -> str:
        return self.organisation.name

    @property
    def open_until(self) -> datetime:
        """Until when they may answer."""
        return self.made_at + OPEN_FOR

    @property
    def lasts(self) -> bool:
        return self.answered_at is None and now() < self.open_until

    def accept(self, person: Person, *, title: str = "", shown: bool = False) -> Membership:
        """They run it from now on. Raises `NotAskedAnyMore`, `RunsItAlready`."""
        self._answer()
        return self.organisation.welcome(person, self.duty, self.by, title=title, shown=shown)

    def decline(self) -> None:
        """They would rather not, or whoever asked takes the question back."""
        self._answer()

    def _answer(self) -> None:
        db.session.refresh(self, ["answered_at"], with_for_update={"of": Invitation})
        if not self.lasts or self.organisation.closed_at is not None:
            raise NotAskedAnyMore
        self.answered_at = now()
        flush()


def invite(organisation: Organisation, email: str, duty: str, by: Person) -> Invitation:
    """Ask whoever has that e-mail. Raises `InvitedAlready`."""
    asked = Invitation(organisation=organisation, email=email.strip().lower(), duty=duty, by=by)
    over = Invitation.organisation_id == organisation.id, Invitation.made_at <= now() - OPEN_FOR
    db.session.execute(delete(Invitation).where(*over).execution_options(synchronize_session=False))
    db.session.add(asked)
    flush(InvitedAlready)
    audit(f"organisation:{duty}:invite", actor=by, organisation=organisation.public_id)
    return asked


def send_away(membership: Membership, by: Person) -> None:
    """Somebody else ends this duty. Whom that person has asked, themselves perhaps, is asked no more."""
    membership.end(by)
    asked = asked_by(membership.organisation_id).where(Invitation.by_id == membership.person_id)
    for invitation in db.session.scalars(asked).all():
        invitation.decline()


def _open() -> Select[Invitation]:
    return (
        select(Invitation)
        .join(Organisation, Organisation.id == Invitation.organisation_id)
        .where(Invitation.answered_at.is_(None), Invitation.made_at > now() - OPEN_FOR)
        .where(Organisation.closed_at.is_(None))
        .options(joinedload(Invitation.organisation), joinedload(Invitation.by))
        .order_by(Invitation.id.desc())
    )


def asked_by(organisation_id: int) -> Select[Invitation]:
    """Whom an organisation waits for."""
    return _open().where(Invitation.organisation_id == organisation_id)


def invitations_of(email: str) -> Select[Invitation]:
    """What whoever has this confirmed e-mail is asked."""
    return _open().where(Invitation.email == email.lower())


def invited(invitation: Invitation) -> Select[Any]:
    """Whoever has that e-mail here, if anybody."""
    known = select(Person).join(Account, Account.person_id == Person.id)
    return known.where(func.lower(Account.email) == invitation.email, Account.email_confirmed_at.is_not(None))


@forgets(
    "people.invitations",
    what=_l("The e-mail of somebody who is asked to run an organisation’s page"),
    why=_l("So that they find the question in their account"),
    then=_l("It is erased"),
    lasts=Span(days=OPEN_FOR.days),
    rows=lambda: select(Invitation.id),
    over=lambda limit: Invitation.made_at < limit,
    guarded=False,
)
def forget_old_invitations(limit: datetime) -> None:
    """An answer is kept as a duty, or not at all."""
    db.session.execute(delete(Invitation).where(Invitation.made_at < limit))


def _sent_or_received(person_id: int) -> Select[Any]:
    theirs = select(func.lower(Account.email)).where(Account.person_id == person_id).scalar_subquery()
    found = select(Invitation).where(or_(Invitation.by_id == person_id, Invitation.email == theirs))
    return found.options(joinedload(Invitation.organisation), joinedload(Invitation.by)).order_by(Invitation.id)


mine(
    Invitation,
    "by_id",
    title=_l("Invitations to run an organisation’s page, sent or received"),
    rows=_sent_or_received,
    shows={
        "organisation": _l("Organisation"),
        "duty": _l("Duty"),
        "by": _l("Sent by"),
        "made_at": _l("Sent"),
        "answered_at": _l("Answered"),
    },
)


@person_erased.connect
def forget(person: Person, **_: Any) -> None:
    """Nobody waits any more for somebody who is gone; what they asked of others goes on, unnamed."""
    if person.account is not None and person.account.email:
        mine = Invitation.email == person.account.email.lower()
        db.session.execute(delete(Invitation).where(mine).execution_options(synchronize_session=False))
    for asked in db.session.scalars(select(Invitation).where(Invitation.by_id == person.id)):
        asked.by = None
    flush()
