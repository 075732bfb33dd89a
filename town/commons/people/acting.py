"""Acting for a resident: at the counter or on the phone, the town hall fills any form in somebody's name.

An agent begins a sitting, with the resident's consent. As long as an address or a form names it (`?acting=…`), whoever
asks is the resident, with what the resident may do and no more; activities and the audit also keep which agent it was.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from flask import Flask, abort, g, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import CheckConstraint, ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from town.commons.audit import audit
from town.commons.people.models import Person
from town.commons.people.visit import Visitor, visitor
from town.commons.places.models import Address
from town.kernel.db import Base, Moment, PublicId, db, flush, now, set_writing
from town.kernel.features import features, route_of
from town.kernel.forgery import SAFE_METHODS, also_in_forms
from town.kernel.inventory import mine, not_mine
from town.kernel.retention import Span, forgets
from town.kernel.signals import person_erased

FIELD: Final = "acting"
LASTS: Final = timedelta(hours=1)
"""How long a resident stays at the counter, at most: then consent is asked again."""

COUNTER, PHONE, LETTER = "counter", "phone", "letter"
CONSENTS: Final = (COUNTER, PHONE, LETTER)
AGENTS: Final = ("agent", "admin")


class Sitting(PublicId, Base):
    """A resident asked the town hall to write for them. `consent`: how they said so."""

    __tablename__ = "acting_sitting"
    __table_args__ = (CheckConstraint(f"consent IN {CONSENTS}", name="known_consent"),)

    agent_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    agent: Mapped[Person | None] = relationship(foreign_keys=[agent_id])
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    consent: Mapped[str] = mapped_column(String(10))
    began_at: Mapped[Moment] = mapped_column(default=now)
    ended_at: Mapped[Moment | None]

    @property
    def lasts(self) -> bool:
        return self.ended_at is None and now() - self.began_at < LASTS

    def end(self) -> None:
        """The resident leaves: nothing more is written in their name."""
        if self.ended_at is None:
            self.ended_at = min(now(), self.began_at + LASTS)
        flush()


def begin_for(person: Person, agent: Person, consent: str) -> Sitting:
    """The resident agrees that this agent writes in their name, here and now."""
    sitting = Sitting(person=person, agent=agent, consent=consent)
    db.session.add(sitting)
    flush()
    audit("desk:acting:begin", actor=agent, on=person, consent=consent, sitting=sitting.public_id)
    return sitting


def done_for_others(endpoint: str | None) -> bool:
    """Whether this may be done in a resident's name. What asks for a role stays the agent's own."""
    route, feature = route_of(endpoint), features().get((endpoint or "").partition(".")[0])
    if route is None or route.access.staff or route.access.alone:
        return False
    return feature is not None and not feature.personal


def _named() -> str:
    """The sitting that this request speaks of; address and form must say the same."""
    sources = [request.args] if request.method in SAFE_METHODS else [request.args, request.form]
    said = {name for source in sources for name in source.getlist(FIELD)}
    return said.pop() if len(said) == 1 else " or ".join(sorted(said))


def act() -> None:
    """Before the view: whoever asks is the resident, if the request says so and the agent may.

    A sitting that is over is refused: what was typed for a resident must never be sent in the agent's own name.
    """
    viewer = visitor()
    if not viewer.signed_in or request.endpoint == "static":
        return
    name = _named()
    if not name:
        return
    route = route_of(request.endpoint)
    if route is None or route.access.staff:
        return
    set_writing(False)
    door = joinedload(Sitting.person).joinedload(Person.address).joinedload(Address.quarter)
    found = select(Sitting).where(Sitting.public_id == name, Sitting.agent_id == viewer.person_id).options(door)
    sitting = db.session.scalar(found)
    if sitting is None or not sitting.lasts or not viewer.has_role(*AGENTS) or sitting.person.left_at is not None:
        abort(403, description=_("This sitting is over. Begin again at the desk with the resident’s consent."))
    if not done_for_others(request.endpoint):
        abort(403, description=_("Nobody does this for somebody else: only they can."))
    g.viewer = _as_resident(viewer, sitting)
    db.session.rollback()


def _as_resident(agent: Visitor, sitting: Sitting) -> Visitor:
    """The resident as they would be if they were signed in, on the agent's session."""
    person = sitting.person
    quarter = person.quarter
    return replace(
        agent,
        account_id=None,
        person_id=person.id,
        public_id=person.public_id,
        first_name=person.first_name,
        last_name=person.last_name,
        email="",
        email_confirmed=False,
        portrait=person.portrait,
        language=agent.language,
        address_id=person.address_id,
        street_id=person.address.street_id if person.address else None,
        quarter_id=quarter.id if quarter else None,
        quarter_name=quarter.name if quarter else "",
        certified_until=person.certified_until,
        roles=frozenset(),
        waiting_roles=frozenset(),
        acting=sitting.public_id,
        agent_id=agent.person_id,
        agent_name=agent.name,
    )


def _keep_in_addresses(endpoint: str, values: dict[str, Any]) -> None:
    """Links of a page shown for a resident lead on in their name; the desk's and personal ones do not."""
    acting = getattr(g.get("viewer"), "acting", "")
    if acting and FIELD not in values and done_for_others(endpoint):
        values[FIELD] = acting


def _in_forms() -> dict[str, str]:
    return {FIELD: visitor().acting}


def acting_field() -> Markup:
    """For forms that only look (GET): the sitting goes on through them. Changing forms have it from `form_keys()`."""
    name = visitor().acting
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, name) if name else Markup("")


def init_app(app: Flask) -> None:
    app.before_request(act)
    app.url_defaults(_keep_in_addresses)
    also_in_forms(_in_forms)
    app.jinja_env.globals["acting_field"] = acting_field


@person_erased.connect
def forget(person: Person, **_: Any) -> None:
    """Whose sittings they were is forgotten; those of an erased agent stay, unnamed, with the resident."""
    db.session.execute(delete(Sitting).where(Sitting.person_id == person.id))
    for sitting in db.session.scalars(select(Sitting).where(Sitting.agent_id == person.id)):
        sitting.agent_id = None


@forgets(
    "people.sittings",
    what=_l("That the town hall wrote for you, with your consent, and which agent did"),
    why=_l("So that you can see what was done in your name"),
    then=_l("It is erased"),
    lasts=Span(months=12),
    rows=lambda: select(Sitting.id),
    over=lambda limit: Sitting.began_at < limit,
)
def forget_sittings(limit: datetime) -> None:
    db.session.execute(delete(Sitting).where(Sitting.began_at < limit))


mine(
    Sitting,
    "person_id",
    title=_l("When the town hall wrote for me"),
    rows=lambda person_id: (
        select(Sitting).where(Sitting.person_id == person_id).options(joinedload(Sitting.agent)).order_by(Sitting.id)
    ),
    shows={"began_at": _l("When"), "agent": _l("Agent"), "consent": _l("How you agreed")},
)
not_mine(Sitting.agent_id, "an agent wrote for somebody else; the journal of acts is in their copy")
