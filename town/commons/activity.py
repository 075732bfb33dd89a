"""What happened: verbs write an activity each. Notices and impact read them; nothing else does.

Ballots, care, registers and proofs of address never call `record()`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import JSON, ForeignKey, Index, Select, String, func, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from town.commons.audit import audit
from town.commons.people.models import Person
from town.commons.people.organisations import Organisation
from town.commons.people.visit import visitor
from town.commons.places.concerns import Concerns
from town.commons.worth import Worth
from town.kernel.db import Base, Moment, db, now
from town.kernel.inventory import mine
from town.kernel.jobs import enqueue
from town.kernel.retention import Span, forgets
from town.kernel.signals import person_erased

TELL = "notices.tell"


class Activity(Base):
    """One thing that happened: who did it, to what, in whose name. `title` is the subject's name at that moment.

    acting_for: the resident for whom an agent did it. on_behalf_of: the organisation whose hat they wore.
    """

    __tablename__ = "activity"
    __table_args__ = (Index("ix_activity_subject", "thing", "thing_id"),)

    kind: Mapped[str] = mapped_column(String(60), index=True)
    thing: Mapped[str] = mapped_column(String(40))
    thing_id: Mapped[int]
    title: Mapped[str] = mapped_column(String(200), default="")
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    actor: Mapped[Person | None] = relationship(foreign_keys=[actor_id])
    acting_for_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    acting_for: Mapped[Person | None] = relationship(foreign_keys=[acting_for_id])
    on_behalf_of_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    on_behalf_of: Mapped[Organisation | None] = relationship()
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[Moment] = mapped_column(default=now, index=True)

    @property
    def speaker(self) -> Person | None:
        """Whose deed it is to everybody else."""
        return self.acting_for or self.actor

    @property
    def subject(self) -> Any:
        """The thing itself, or None when it is gone."""
        model = next((m.class_ for m in Base.registry.mappers if m.class_.__tablename__ == self.thing), None)
        return db.session.get(model, self.thing_id) if model is not None else None

    def in_words(self) -> str:
        """What happened, as it is told today in the reader's language."""
        speaker = self.on_behalf_of or self.speaker
        return sentence(self.kind, self.title, self.details, speaker.name if speaker else None)


class Kind:
    """A sort of thing that happens.

    sentence: with {actor}, {subject} and the names of `details`, in the source language. tells: whom to tell of it,
    the actor left out: some people, or a query of `Person` when they may be many. endpoint: the page that shows it,
    found by the subject's public id. official: the town hall speaks, to whoever lives where it concerns them.
    urgent: it rings at night too. concerns: the places it is about, for phones that follow them without an account.
    worth: of a kind that confirms an exchange, how impact values it.
    """

    registry: dict[str, "Kind"] = {}

    def __init__(
        self,
        name: str,
        *,
        sentence: str | LazyString,
        tells: Callable[[Activity], Iterable[Person] | Select[Any]] | None = None,
        endpoint: str | None = None,
        by_mail: bool = True,
        official: bool = False,
        urgent: bool = False,
        concerns: Callable[[Activity], Concerns | None] | None = None,
        worth: Worth | None = None,
    ) -> None:
        if name in Kind.registry:
            raise ValueError(f"{name} is declared twice")
        self.name = name
        self.sentence = sentence
        self.tells = tells
        self.endpoint = endpoint
        self.by_mail = by_mail
        self.official = official
        self.urgent = urgent
        self.concerns = concerns
        self.worth = worth
        Kind.registry[name] = self

    def __repr__(self) -> str:
        return f"<Kind {self.name}>"


def sentence(kind: str, title: str, details: dict[str, Any], speaker: str | None) -> str:
    """What happened, in the reader's language: « Karim B. vous prête Échelle télescopique ».

    Titles are people's words: they are put into the sentence, never read as one.
    """
    known = Kind.registry.get(kind)
    actor = speaker or _("Somebody")
    if known is None:
        return title
    return str(known.sentence).format_map(defaultdict(str, {**details, "actor": actor, "subject": title}))


def record(
    kind: Kind,
    subject: Any,
    actor: Person | None,
    *,
    acting_for: Person | None = None,
    on_behalf_of: Organisation | None = None,
    **details: Any,
) -> Activity:
    """Write down that it happened, in this transaction, and promise to tell whom it concerns.

    What is done in another's name is audited too; what an agent does for a resident names both.
    """
    agent = visitor().agent_id
    if agent is not None and acting_for is None and actor is not None and visitor().is_person(actor.id):
        acting_for, actor = actor, db.session.get(Person, agent)
        audit(f"acting:{kind.name}", actor=actor, on=acting_for)
        g.names_the_agent = True
    db.session.flush()
    happened = Activity(
        kind=kind.name,
        thing=subject.__tablename__,
        thing_id=subject.id,
        title=_called(subject),
        actor=actor,
        acting_for=acting_for,
        on_behalf_of=on_behalf_of,
        details=details,
    )
    db.session.add(happened)
    db.session.flush()
    if on_behalf_of is not None:
        audit(f"hat:{kind.name}", actor=actor, on=acting_for, organisation=on_behalf_of.public_id)
    if kind.worth is not None:
        kind.worth.keep(happened)
    if kind.tells is not None:
        enqueue(TELL, {"activity": happened.id})
    return happened


def entered_by_the_town_hall(subject: Any) -> bool:
    """Whether an agent wrote this for the resident whose it is: what happened to it first says so. One query."""
    first = select(Activity.acting_for_id).where(
        Activity.thing == subject.__tablename__, Activity.thing_id == subject.id
    )
    return db.session.scalar(first.order_by(Activity.id).limit(1)) is not None


def _called(subject: Any) -> str:
    return str(getattr(subject, "title", None) or getattr(subject, "name", ""))[:200]


def retitle(subject: Any) -> None:
    """What happened to this thing calls it as it is called now: its former title was somebody's words."""
    db.session.flush()
    theirs = update(Activity).where(Activity.thing == subject.__tablename__, Activity.thing_id == subject.id)
    db.session.execute(theirs.values(title=_called(subject)).execution_options(synchronize_session=False))


def happenings(subject: Any) -> list[Activity]:
    """What happened to this thing, oldest first."""
    found = select(Activity).where(Activity.thing == subject.__tablename__, Activity.thing_id == subject.id)
    return list(db.session.scalars(found.order_by(Activity.id)))


def _named() -> Any:
    return or_(Activity.actor_id.is_not(None), Activity.acting_for_id.is_not(None), Activity.title != "")


@forgets(
    "activity.activities",
    what=_l("What happened in the town: who did what, to which thing"),
    why=_l("To tell those concerned, and to count what neighbours do for each other"),
    then=_l("It becomes a number, without names or titles"),
    lasts=Span(months=24),
    rows=lambda: select(Activity.id).where(_named()),
    over=lambda limit: Activity.at < limit,
)
def forget_names(limit: datetime) -> None:
    old = update(Activity).where(Activity.at < limit, _named()).execution_options(synchronize_session=False)
    db.session.execute(old.values(actor_id=None, acting_for_id=None, title=""))


@person_erased.connect
def forget_actor(person: Person, **_: Any) -> None:
    """It happened, and counts; by whom and for whom is no longer said."""
    db.session.flush()
    for column in (Activity.actor_id, Activity.acting_for_id):
        nobody = update(Activity).where(column == person.id).values({column: None})
        db.session.execute(nobody.execution_options(synchronize_session=False))


mine(
    Activity,
    "actor_id",
    "acting_for_id",
    title=_l("What I did"),
    rows=lambda person_id: (
        select(Activity)
        .where(func.coalesce(Activity.acting_for_id, Activity.actor_id) == person_id)
        .order_by(Activity.id)
    ),
    shows={"at": _l("When"), "kind": (_l("What happened"), Activity.in_words), "title": _l("To what")},
    stays=_l(
        "That something happened, for the figures of the town: without who, and after two years without its title."
    ),
)
