"""Which cards go on the sheet, the most important first.

Urgent notices stand above. Then turns are taken, so that no subject drives out the others: two notices, two things with
a date, an offer, two words of neighbours (who seeks before who gives, who gives before who lends), and again.

What is over before the sheet's first day is not on it; a notice without a date is news for seven days.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from flask_babel import force_locale
from sqlalchemy import Select, and_, func, or_, select

from town.blueprints.sheet.composing import MOST_URGENT
from town.blueprints.sheet.models import week_of
from town.commons.board import Card
from town.commons.feed import CardRow, card_rows, cards
from town.commons.people.visit import ANYBODY
from town.commons.signups import Slot
from town.kernel.db import db, now
from town.kernel.language import clock, day, today
from town.kernel.tenancy import current_town

TOWN_HALL, OUT, SHOPS, SHARING = "townhall", "out", "shops", "sharing"
SECTIONS: Final = {
    "notice": (TOWN_HALL, 0),
    "consultation": (TOWN_HALL, 1),
    "event": (OUT, 0),
    "offer": (SHOPS, 0),
    "seek": (SHARING, 0),
    "help": (SHARING, 1),
    "volunteers": (SHARING, 2),
    "carpool": (SHARING, 3),
    "give": (SHARING, 4),
    "groupbuy": (SHARING, 5),
    "lend": (SHARING, 6),
}
"""The kinds that paper carries: their section, and who goes first inside it."""
TURNS: Final = ((TOWN_HALL, 2), (OUT, 2), (SHOPS, 1), (SHARING, 2))
FRESH: Final = timedelta(days=30)
NEWS: Final = timedelta(days=7)
"""How long a notice without a date is printed."""
MOST: Final = 60


def on_paper(week: date) -> Select[tuple[object, ...]]:
    """The cards that the sheet of this week may carry: those that anybody may read, whoever asks for the paper.

    One query. What ends before the week begins is left to the screen.
    """
    posted = and_(Card.posted_at > now() - FRESH, or_(Card.kind != "notice", Card.posted_at > now() - NEWS))
    of_use = or_(Card.expires_at > _begins(week), and_(Card.expires_at.is_(None), posted))
    found = cards(ANYBODY).where(Card.kind.in_(SECTIONS), of_use)
    return found.order_by(Card.pinned_until.desc().nulls_last(), Card.posted_at.desc(), Card.id.desc()).limit(MOST)


def _begins(week: date) -> datetime:
    """Its Monday, on the town's clock."""
    return datetime.combine(week, time.min, ZoneInfo(current_town().timezone))


def candidates() -> list[CardRow]:
    """The cards of this week, in the order in which they are given room. Two queries."""
    week = week_of(today())
    return in_turn(_with_their_hour(card_rows(on_paper(week)), week))


def _with_their_hour(rows: Iterable[CardRow], week: date) -> list[CardRow]:
    """A call for volunteers says when: its next slot, from the sheet's first day on."""
    rows = list(rows)
    calls = [row.public_id for row in rows if row.kind == "volunteers"]
    ahead = (
        select(Card.public_id, func.min(Slot.starts, type_=Slot.starts.type))
        .join(Slot, and_(Slot.thing == Card.thing, Slot.thing_id == Card.thing_id))
        .where(Card.public_id.in_(calls), Slot.cancelled_at.is_(None), Slot.ends > max(now(), _begins(week)))
        .group_by(Card.public_id)
    )
    if not calls:
        return rows
    with force_locale(current_town().language):
        said = {public_id: f"{day(starts)}, {clock(starts)}" for public_id, starts in db.session.execute(ahead)}
    return [replace(row, detail=said[row.public_id]) if row.public_id in said else row for row in rows]


def is_urgent(row: CardRow) -> bool:
    """Whether it stands in a frame at the head of the sheet."""
    return row.pinned and row.official


def in_turn(rows: list[CardRow]) -> list[CardRow]:
    """Urgent ones, then the sections by turns; inside a section by kind, then the newest first."""
    urgent = [row for row in rows if is_urgent(row)][:MOST_URGENT]
    others = [row for row in rows if row not in urgent]
    queues = {
        section: deque(
            sorted((row for row in others if SECTIONS[row.kind][0] == section), key=lambda row: SECTIONS[row.kind][1])
        )
        for section, _turn in TURNS
    }
    ordered = list(urgent)
    while any(queues.values()):
        for section, turn in TURNS:
            ordered += [queues[section].popleft() for _ in range(min(turn, len(queues[section])))]
    return ordered
