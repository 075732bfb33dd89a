"""Delivery rounds: in which order somebody with a bag of cards walks past the letterboxes of the town."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from town.commons.places.positions import Point, distance_km

ROUND: Final = 120
"""Letterboxes of one round: about two hours on foot, and a bag that anybody carries."""


@dataclass(frozen=True, slots=True)
class Box:
    """One letterbox. `street` is its folded name, for streets that no distance tells apart."""

    address_id: int
    street_id: int
    street: str
    number: int | None = None
    suffix: str = ""
    point: Point | None = None


def rounds(boxes: Iterable[Box], start: Point | None, *, by_sides: bool = True) -> list[list[Box]]:
    """The rounds, each a walk of at most `ROUND` letterboxes. Only a street that is longer than that is cut."""
    found: list[list[Box]] = []
    for street in walk(boxes, start, by_sides=by_sides):
        for part in (street[first : first + ROUND] for first in range(0, len(street), ROUND)):
            if not found or len(found[-1]) + len(part) > ROUND:
                found.append([])
            found[-1].extend(part)
    return found


def walk(boxes: Iterable[Box], start: Point | None, *, by_sides: bool = True) -> Iterator[list[Box]]:
    """Street after street, each the nearest to where the last one ended; streets without positions come last."""
    streets: dict[int, list[Box]] = defaultdict(list)
    for box in boxes:
        streets[box.street_id].append(box)
    left = sorted((along(street, by_sides=by_sides) for street in streets.values()), key=_name)
    here = start
    while left:
        following = min(left, key=partial(_steps, here))
        left.remove(following)
        yield following
        here = next((box.point for box in reversed(following) if box.point is not None), here)


def along(street: Sequence[Box], *, by_sides: bool = True) -> list[Box]:
    """The letterboxes of one street: up the odd side and back down the even one, or by number where nobody crosses."""
    in_order = sorted(street, key=lambda box: (box.number or 0, box.suffix, box.address_id))
    if not by_sides:
        return in_order
    unnumbered = [box for box in in_order if box.number is None]
    odd = [box for box in in_order if box.number is not None and box.number % 2]
    even = [box for box in in_order if box.number is not None and not box.number % 2]
    return unnumbered + odd + even[::-1]


def _steps(here: Point | None, street: Sequence[Box]) -> tuple[float, tuple[str, int]]:
    steps = (distance_km(here, box.point) for box in street if here is not None and box.point is not None)
    nearest = min(steps, default=float("inf"))
    return nearest, _name(street)


def _name(street: Sequence[Box]) -> tuple[str, int]:
    return street[0].street, street[0].street_id
