"""Which ways of proving an address work in this town today, and what waits for whoever certifies."""

from dataclasses import dataclass, field
from typing import Any, Final

from flask_babel import ngettext
from sqlalchemy import Select, case, exists, func, select
from sqlalchemy.orm import joinedload

from town.commons.people.models import Person, RoleGrant
from town.commons.places.models import Address, Quarter, Street
from town.commons.trust.launches import CANCELLED, PRINTED, WAITING, Launch, LetterboxCard
from town.commons.trust.postcards import ASKED, Postcard
from town.commons.waiting import waits
from town.kernel.db import db
from town.kernel.tenancy import current_town

Rows = Select[*tuple[Any, ...]]


CERTIFIERS: Final = ("certifier", "agent", "admin")


def methods() -> list[str]:
    """The ways, the simplest first: a card needs somebody to print it, the desk somebody to stand there.

    A town may do without one: `"proofs": ["desk"]` in its profile.
    """
    offered = current_town().settings.get("proofs", ["postcard", "desk"])
    staffed = db.session.scalar(select(exists().where(RoleGrant.role.in_(CERTIFIERS))))
    return [way for way in ("postcard", "desk") if way in offered] if staffed else []


def cards_asked() -> Select[int, Any]:
    """How many cards wait to be printed, and since when the first does."""
    return select(func.count(), func.min(Postcard.asked_at)).where(Postcard.state == ASKED)


def addresses_to_find() -> Select[int, Any]:
    """How many residents live at an address that the town's list lacks, and since when the first waits."""
    lost = select(func.count(), func.min(Person.joined_at)).where(Person.address_id.is_(None), Person.left_at.is_(None))
    return lost.where(Person.address_words != "")


def cards_to_deliver() -> Select[int, Any]:
    """How many letterbox cards wait to be printed, and since when the first launch was prepared."""
    waiting = select(func.count(), func.min(Launch.prepared_at)).select_from(LetterboxCard).join(LetterboxCard.launch)
    return waiting.where(LetterboxCard.state == WAITING)


def doors() -> Select[Address]:
    """The addresses of today, with street and quarter."""
    with_street = joinedload(Address.street), joinedload(Address.quarter)
    return select(Address).where(Address.retired_at.is_(None)).options(*with_street)


def quarters_with_boxes() -> Rows:
    """The quarters that have letterboxes, and how many."""
    return _with_boxes(Quarter, Address.quarter_id == Quarter.id)


def streets_with_boxes() -> Rows:
    """The streets that have letterboxes, and how many."""
    return _with_boxes(Street, Address.street_id == Street.id)


def _with_boxes(place: type[Quarter] | type[Street], there: Any) -> Rows:
    rows = select(place.id, place.public_id, place.name, func.count(Address.id).label("boxes")).join(Address, there)
    return rows.where(Address.retired_at.is_(None)).group_by(place.id, place.public_id, place.name).order_by(place.name)


FIGURES: Final = ("boxes", "printed", "opened", "certified", "left")
"""What the page of a launch sums up, street by street and for all."""

_LEFT_OUT = (LetterboxCard.state == CANCELLED) & (LetterboxCard.prints == 0)
_PRINTABLE = LetterboxCard.state.in_((WAITING, PRINTED))
_FIGURES = (
    func.count(LetterboxCard.id).label("boxes"),
    func.sum(case((LetterboxCard.prints > 0, 1), else_=0)).label("printed"),
    func.sum(case((LetterboxCard.state == WAITING, 1), else_=0)).label("waiting"),
    func.sum(case((LetterboxCard.state == PRINTED, 1), else_=0)).label("living"),
    func.count(LetterboxCard.opened_at).label("opened"),
    func.sum(LetterboxCard.certified).label("certified"),
    func.max(LetterboxCard.expires_at, type_=LetterboxCard.expires_at.type).label("until"),
)


def launches_with_figures() -> Rows:
    """Every launch that is remembered, the newest first, with what became of its cards."""
    rows = select(Launch, *_FIGURES).join(LetterboxCard, LetterboxCard.launch_id == Launch.id)
    return rows.group_by(Launch.id).order_by(Launch.prepared_at.desc(), Launch.id.desc())


@dataclass(frozen=True, slots=True)
class Round:
    """One walk with a bag: its streets in order, each a row of figures."""

    number: int
    streets: list[Any] = field(default_factory=list)

    @property
    def labels(self) -> int:
        """How many streets still have something to print."""
        return sum(1 for street in self.streets if street.printable)

    def total(self, figure: str) -> int:
        return sum(int(getattr(street, figure)) for street in self.streets)


def launch_rounds(launch: Launch) -> list[Round]:
    """The rounds of a launch and their streets, as they are walked. Cards left out at printing are counted apart."""
    rows = (
        select(
            LetterboxCard.round,
            Street.name,
            *_FIGURES,
            func.sum(case((_PRINTABLE, 1), else_=0)).label("printable"),
            func.sum(case((_PRINTABLE, LetterboxCard.prints), else_=0)).label("prints"),
            func.sum(case((_LEFT_OUT, 1), else_=0)).label("left"),
        )
        .join(Address, Address.id == LetterboxCard.address_id)
        .join(Street, Street.id == Address.street_id)
        .where(LetterboxCard.launch_id == launch.id)
        .group_by(LetterboxCard.round, Street.id, Street.name)
        .order_by(LetterboxCard.round, func.min(LetterboxCard.place))
    )
    rounds: dict[int, Round] = {}
    for row in db.session.execute(rows):
        rounds.setdefault(row.round, Round(row.round)).streets.append(row)
    return list(rounds.values())


waits(
    "certification",
    cards_asked,
    lambda n: ngettext("%(num)s postcard to print", "%(num)s postcards to print", n),
    endpoint="certification.letters",
    icon="print",
    roles=CERTIFIERS,
    minutes=2,
)
waits(
    "certification",
    addresses_to_find,
    lambda n: ngettext("%(num)s address to find", "%(num)s addresses to find", n),
    endpoint="certification.desk",
    icon="place",
    roles=CERTIFIERS,
    minutes=3,
    missing="address",
)
waits(
    "certification",
    cards_to_deliver,
    lambda n: ngettext("%(num)s letterbox card to print", "%(num)s letterbox cards to print", n),
    endpoint="certification.launches",
    icon="print",
    roles=CERTIFIERS,
    minutes=10,
)
