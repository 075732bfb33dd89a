"""What waits for the town hall: each feature says which rows do, and the desk asks for all of them in one query.

`waits("complaints", ...)` stands in a feature's queries or views. A feature that is off says nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, cast, literal, null, select, type_coerce, union_all

from town.commons.people.visit import visitor
from town.kernel.db import UTCDateTime, db
from town.kernel.features import is_on, link_to

TOWN_HALL = ("agent", "councillor", "admin")


@dataclass(frozen=True, slots=True)
class Pile:
    """A sort of thing that waits. `found` selects how many there are, the moment of the oldest and, where there is a
    deadline, the nearest one.

    sentence: « 2 signalements à lire », for so many. minutes: about how long one takes; the quickest come first.
    """

    feature: str
    icon: str
    sentence: Callable[[int], str]
    endpoint: str
    values: dict[str, Any]
    found: Callable[[], Select[*tuple[Any, ...]]]
    roles: tuple[str, ...]
    minutes: int


@dataclass(frozen=True, slots=True)
class Heap:
    """A pile as it is this morning."""

    words: str
    icon: str
    url: str
    count: int
    oldest: datetime | None
    due: datetime | None


_piles: list[Pile] = []


def waits(
    feature: str,
    found: Callable[[], Select[*tuple[Any, ...]]],
    sentence: Callable[[int], str],
    *,
    endpoint: str,
    icon: str,
    roles: tuple[str, ...] = TOWN_HALL,
    minutes: int = 5,
    **values: Any,
) -> None:
    """Declare a pile, and the page where it is dealt with: `endpoint`, with `values`."""
    _piles.append(Pile(feature, icon, sentence, endpoint, values, found, roles, minutes))


def this_morning() -> list[Heap]:
    """Everything that waits for whoever is asking, the quickest first; empty piles are left out. One query."""
    piles = [pile for pile in _piles if is_on(pile.feature) and visitor().has_role(*pile.roles)]
    piles.sort(key=lambda pile: pile.minutes)
    looks: list[Select[int, int, Any, Any]] = []
    for number, pile in enumerate(piles):
        count, oldest, *deadline = pile.found().subquery().c
        due = type_coerce(deadline[0], UTCDateTime()) if deadline else cast(null(), UTCDateTime())
        looks.append(select(literal(number, Integer), count, type_coerce(oldest, UTCDateTime()), due))
    if not looks:
        return []
    rows = {number: found for number, *found in db.session.execute(union_all(*looks))}
    heaps = []
    for number, pile in enumerate(piles):
        count, oldest, due = rows[number]
        if count:
            url = link_to(pile.endpoint, **pile.values)
            heaps.append(Heap(pile.sentence(count), pile.icon, url, count, oldest, due))
    return heaps
