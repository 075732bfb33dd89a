"""Which notices those who have no screen have not had on paper yet, and where they live."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from flask_babel import ngettext
from sqlalchemy import Select, and_, func, or_, select

from town.blueprints.sheet.models import Round
from town.commons.board import Card, readable_by
from town.commons.notices.reach import silent_doors, silent_streets
from town.commons.people.models import Account, Person
from town.commons.people.visit import ANYBODY
from town.commons.places.concerns import Concerns
from town.commons.places.models import Address
from town.commons.waiting import waits
from town.kernel.db import db, now

PAPER_FOR: Final = timedelta(days=14)
"""After so long, a notice is no news on paper either."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A street of a round. `numbers`: the doors to serve, where they were asked for."""

    quarter: str
    street: str
    boxes: int
    households: int
    numbers: tuple[str, ...] = ()


def stretches(concerns: Concerns, *, numbers: bool = False) -> list[Stretch]:
    """The streets of a round, by quarter: one query, two with the numbers of the doors."""
    doors = _numbers(db.session.execute(silent_doors(concerns))) if numbers else {}
    return [
        Stretch(at.quarter, at.street, int(at.boxes), at.households, tuple(doors.get((at.quarter, at.street_id), ())))
        for at in db.session.execute(silent_streets(concerns))
    ]


def _numbers(rows: Iterable[Any]) -> dict[tuple[str, int], list[str]]:
    found: dict[tuple[str, int], list[str]] = defaultdict(list)
    for row in rows:
        if row.number is not None:
            found[row.quarter, row.street_id].append(f"{row.number}\u00a0{row.suffix}".strip())
    return found


def official_cards() -> Select[Card]:
    """The town hall's notices that anybody may read, those whose day has passed too."""
    return select(Card).where(readable_by(ANYBODY, over=True), Card.official.is_(True))


def not_on_paper() -> Select[int, Any]:
    """How many notices of these two weeks no round has brought yet, and since when, while some home has no other way.

    A round of the sheet brings all that was published before it.
    """
    last_sheet = select(func.max(Round.done_at)).where(Round.about.like("sheet:%")).scalar_subquery()
    told = select(Person.address_id).join(Account, Account.person_id == Person.id)
    told = told.where(Person.left_at.is_(None), Account.active, Person.address_id.is_not(None))
    silent = select(Address.id).where(Address.retired_at.is_(None), Address.id.not_in(told)).exists()
    waiting = and_(
        readable_by(ANYBODY),
        Card.kind == "notice",
        Card.official.is_(True),
        Card.posted_at > now() - PAPER_FOR,
        or_(last_sheet.is_(None), Card.posted_at > last_sheet),
        Card.public_id.not_in(select(Round.about)),
        silent,
    )
    return select(func.count(), func.min(Card.posted_at)).select_from(Card).where(waiting)


waits(
    "sheet",
    not_on_paper,
    lambda n: ngettext(
        "%(num)s notice to bring on paper to homes without any channel",
        "%(num)s notices to bring on paper to homes without any channel",
        n,
    ),
    endpoint="sheet.round_",
    icon="print",
    minutes=20,
)
