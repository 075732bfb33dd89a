"""Organisations: shops, craftspeople, producers, associations and schools, which act through the people who run them.

A feature keeps what is its own (hours, trade, offers) in a table beside this one, one row an organisation.
"""

from collections.abc import Callable
from typing import Any, Final

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, String, Text, delete, select, text, update
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship, validates

from town.commons.audit import audit
from town.commons.people.acting import AGENTS
from town.commons.people.entering import WHY_NOT_MINE, Entered, EnteredByYou
from town.commons.people.models import Person
from town.commons.places.models import Place
from town.kernel.db import Base, Moment, PublicId, db, flush, now
from town.kernel.inventory import mine, not_mine
from town.kernel.refusals import Refused
from town.kernel.signals import organisation_closed, person_erased, person_left
from town.kernel.text import fold

SHOP, PRODUCER, ASSOCIATION, SCHOOL = "shop", "producer", "association", "school"
SORTS: Final = (SHOP, PRODUCER, ASSOCIATION, SCHOOL)
PAGES: Final = {SHOP: "shops.show", PRODUCER: "shops.show", ASSOCIATION: "associations.show"}
"""Where an organisation of that sort is shown, by its public id; `link_to` gives nothing where that door is shut."""

MANAGER, HELPER = "manager", "helper"
DUTIES: Final = {
    MANAGER: _l("Runs it: publishes, and says who else does"),
    HELPER: _l("Helps: publishes in its name"),
}
"""A manager also says who runs it; a helper speaks in its name."""

_shown: dict[str, Callable[["Organisation"], None]] = {}

_STANDING = text("ended_at IS NULL")
_WAITING = text("decided_at IS NULL")


class RunsItAlready(Refused):
    sentence = _l("This person runs it already.")


class ClaimedAlready(Refused):
    sentence = _l("You have asked for this page already. The town hall will answer you.")


class AnsweredAlready(Refused):
    sentence = _l("Somebody has answered this request already.")


class RegisteredAlready(Refused):
    sentence = _l("An organisation with this number has a page already.")


class LastManager(Refused):
    sentence = _l("Somebody must be left to say who runs it: name another person first.")


class Organisation(PublicId, Base):
    """Who acts in the town without being a person. `registration`: a SIRET (14 digits) or an RNA number (W and 9)."""

    __tablename__ = "organisation"
    __table_args__ = (CheckConstraint(f"sort IN {SORTS}", name="known_sort"),)

    sort: Mapped[str] = mapped_column(String(20), index=True)
    name: Mapped[str] = mapped_column(String(120))
    folded: Mapped[str] = mapped_column(String(240), index=True, default="")
    phone: Mapped[str] = mapped_column(String(30), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    website: Mapped[str] = mapped_column(String(200), default="")
    registration: Mapped[str | None] = mapped_column(String(14), unique=True)
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    place: Mapped[Place | None] = relationship()
    entered_at: Mapped[Moment] = mapped_column(default=now)
    closed_at: Mapped[Moment | None]

    memberships: Mapped[list["Membership"]] = relationship(back_populates="organisation")

    @validates("name")
    def _fold(self, _part: str, words: str) -> str:
        self.folded = fold(words)[:240]
        return words

    @property
    def endpoint(self) -> str:
        """The page that shows it."""
        return PAGES.get(self.sort, "")

    def show(self) -> None:
        """Have its page say what it is now: the feature that shows its sort makes or renews the page."""
        flush()
        if self.sort in _shown:
            _shown[self.sort](self)

    def welcome(
        self, person: Person, duty: str, by: Person | None, *, title: str = "", shown: bool = False
    ) -> "Membership":
        """From now on this person runs it, or helps to. Raises `RunsItAlready`.

        title: « Présidente »; shown: whether visitors of its page may read who they are.
        """
        membership = Membership(organisation=self, person=person, duty=duty, title=title, shown=shown)
        db.session.add(membership)
        flush(RunsItAlready)
        audit(f"organisation:{duty}:add", actor=by, on=person, organisation=self.public_id)
        return membership

    def claim(self, person: Person, words: str) -> "Claim":
        """This person says that they run it, and how the town hall can make sure."""
        if db.session.scalar(runs(person.id).where(Membership.organisation_id == self.id)) is not None:
            raise RunsItAlready
        claim = Claim(organisation=self, person=person, words=words)
        db.session.add(claim)
        flush(ClaimedAlready)
        return claim

    def close(self, by: Person) -> None:
        """It acts no more; what it has published stays its own."""
        self.closed_at = now()
        self.show()
        organisation_closed.send(self)
        audit("organisation:page:close", actor=by, organisation=self.public_id)


class Membership(PublicId, Base):
    """A person's duty in an organisation, from one day to another. Boards change: it ends, it is never rewritten."""

    __tablename__ = "membership"
    __table_args__ = (
        Index(
            "uq_membership_standing",
            "organisation_id",
            "person_id",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        CheckConstraint(f"duty IN {tuple(DUTIES)}", name="known_duty"),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    organisation: Mapped[Organisation] = relationship(back_populates="memberships")
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    person: Mapped[Person] = relationship()
    duty: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(60), default="")  # « Présidente », as it says itself
    shown: Mapped[bool] = mapped_column(default=False)  # only they say whether strangers read their name
    since: Mapped[Moment] = mapped_column(default=now)
    ended_at: Mapped[Moment | None]

    def introduce(self, title: str, shown: bool) -> None:
        """How this person wishes to be named on its page, or not to be."""
        self.title, self.shown = title, shown
        flush()

    def end(self, by: Person) -> None:
        """This person acts in its name no more, from this moment on. Raises `LastManager`."""
        flush()
        its = select(Organisation.id).where(Organisation.id == self.organisation_id)
        db.session.scalar(its.with_for_update())  # two managers who leave at once do so one by one
        db.session.refresh(self, ["duty", "ended_at"])
        if self.ended_at is not None:
            return
        others = select(Membership.duty).where(
            Membership.organisation_id == self.organisation_id, Membership.id != self.id, Membership.ended_at.is_(None)
        )
        by_themselves = by.id == self.person_id or not by.roles.intersection(AGENTS)
        if self.duty == MANAGER and by_themselves and set(db.session.scalars(others)) == {HELPER}:
            raise LastManager
        self.ended_at = now()
        flush()
        audit(f"organisation:{self.duty}:remove", actor=by, on=self.person, organisation=self.organisation.public_id)


class Claim(Entered, PublicId, Base):
    """Somebody asks to run the page of an organisation. An agent compares with what the town hall knows."""

    __tablename__ = "organisation_claim"
    __table_args__ = (
        Index(
            "uq_organisation_claim_waiting",
            "organisation_id",
            "person_id",
            unique=True,
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    organisation: Mapped[Organisation] = relationship()
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    words: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[Moment] = mapped_column(default=now)
    decided_at: Mapped[Moment | None]
    accepted: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(String(300), default="")

    @property
    def title(self) -> str:
        return self.organisation.name

    def accept(self, by: Person) -> Membership:
        """They run it from now on. Raises `AnsweredAlready`, `EnteredByYou`, `RunsItAlready`."""
        self._decide(True, by)
        return self.organisation.welcome(self.person, MANAGER, by)

    def refuse(self, by: Person, reason: str) -> None:
        """They do not, and read why. Raises `AnsweredAlready`, `EnteredByYou`."""
        self.reason = reason
        self._decide(False, by)

    def _decide(self, accepted: bool, by: Person) -> None:
        db.session.refresh(self, ["decided_at"], with_for_update={"of": Claim})
        if self.decided_at is not None:
            raise AnsweredAlready
        if self.entered_by(by.id):
            raise EnteredByYou
        self.decided_at, self.accepted = now(), accepted
        flush()
        audit(
            f"organisation:claim:{'accept' if accepted else 'refuse'}",
            actor=by,
            on=self.person,
            organisation=self.organisation.public_id,
        )


def runs(person_id: Any) -> Select[Organisation]:
    """The organisations in whose name this person may act now. person_id: a number, or a `bindparam`."""
    return (
        select(Organisation)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.person_id == person_id, Membership.ended_at.is_(None), Organisation.closed_at.is_(None))
        .order_by(Organisation.folded, Organisation.id)
    )


def manages(person_id: int | None) -> Select[Organisation]:
    """Those of which this person also says who runs them."""
    return runs(person_id).where(Membership.duty == MANAGER)


def team(organisation_id: int) -> Select[Membership]:
    """Who runs it now, managers first, with their names."""
    return (
        select(Membership)
        .where(Membership.organisation_id == organisation_id, Membership.ended_at.is_(None))
        .options(joinedload(Membership.person))
        .order_by(Membership.duty.desc(), Membership.id)
    )


def duty_in(organisation_id: int, person_id: int | None) -> str:
    """What this person may do in its name: a duty, or nothing."""
    found = select(Membership.duty).where(
        Membership.organisation_id == organisation_id, Membership.person_id == person_id, Membership.ended_at.is_(None)
    )
    return db.session.scalar(found) or ""


def shown_by(*sorts: str) -> Callable[[Callable[[Organisation], None]], Callable[[Organisation], None]]:
    """Declare what makes or renews the page of such an organisation: a feature's own row beside it, and its card."""

    def declare(show: Callable[[Organisation], None]) -> Callable[[Organisation], None]:
        _shown.update(dict.fromkeys(sorts, show))
        return show

    return declare


def shown_sorts() -> list[str]:
    """The sorts that have a page in this code, in a fixed order."""
    return [sort for sort in SORTS if sort in _shown]


@person_left.connect
def leave(person: Person, **_: Any) -> None:
    """Who leaves town runs nothing here any more."""
    standing = update(Membership).where(Membership.person_id == person.id, Membership.ended_at.is_(None))
    db.session.execute(standing.values(ended_at=now()))


@person_erased.connect
def forget(person: Person, **_: Any) -> None:
    """What an organisation did stays its own; who ran it is forgotten. The audit keeps its number."""
    for table in (Membership, Claim):
        db.session.execute(delete(table).where(table.person_id == person.id))


def _of(table: type[Membership] | type[Claim], person_id: int) -> Select[Any]:
    return select(table).where(table.person_id == person_id).options(joinedload(table.organisation)).order_by(table.id)


mine(
    Membership,
    "person_id",
    title=_l("Organisations I run or help to run"),
    rows=lambda person_id: _of(Membership, person_id),
    shows={
        "organisation": _l("Organisation"),
        "duty": (_l("Duty"), lambda held: DUTIES[held.duty]),
        "title": _l("Title"),
        "since": _l("Since"),
        "ended_at": _l("Ended"),
    },
    stays=_l("What an organisation published stays its own, without who ran it."),
)
mine(
    Claim,
    "person_id",
    title=_l("Pages I asked to run"),
    rows=lambda person_id: _of(Claim, person_id),
    shows={
        "organisation": _l("Organisation"),
        "words": _l("Your words"),
        "made_at": _l("Sent"),
        "accepted": _l("Accepted"),
        "reason": _l("The answer"),
    },
)
not_mine(Claim.entered_by_id, WHY_NOT_MINE)
