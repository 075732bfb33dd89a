"""Which cards go on the sheet, the most important first.

Urgent notices stand above. Then turns are taken, so that no subject drives out the others: two notices, two things with
a date, an offer, two words of neighbours (who seeks before who gives, who gives before who lends), and again.
"""

from collections import deque
from datetime import timedelta
from typing import Final

from sqlalchemy import Select, or_

from town.blueprints.sheet.composing import MOST_URGENT
from town.commons.board import Card
from town.commons.feed import CardRow, card_rows, cards
from town.commons.people.visit import ANYBODY
from town.kernel.db import now

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
MOST: Final = 60


def on_paper() -> Select[tuple[object, ...]]:
    """The cards that a sheet may carry: those that anybody may read, whoever asks for the paper. One query."""
    fresh = or_(Card.posted_at > now() - FRESH, Card.expires_at.is_not(None))
    found = cards(ANYBODY).where(Card.kind.in_(SECTIONS), fresh)
    return found.order_by(Card.pinned_until.desc().nulls_last(), Card.posted_at.desc(), Card.id.desc()).limit(MOST)


def candidates() -> list[CardRow]:
    """The cards of this week, in the order in which they are given room."""
    return in_turn(card_rows(on_paper()))


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
