"""Delivery rounds: a walk that somebody can take, the same each time it is asked for."""

import random

from town.commons.places.rounds import ROUND, Box, along, rounds, walk


def street(name: str, numbers: list[int], lon: float, number: int = 0) -> list[Box]:
    first = number * 1000
    return [Box(first + n, number, name, n, "", (lon + n * 1e-5, 48.0)) for n in numbers]


def test_one_walks_up_the_odd_side_and_back_down_the_even_one() -> None:
    boxes = street("rue haute", [4, 1, 2, 5, 3], 3.0)
    assert [box.number for box in along(boxes)] == [1, 3, 5, 4, 2]
    assert [box.number for box in along(boxes, by_sides=False)] == [1, 2, 3, 4, 5]


def test_numbers_with_a_suffix_follow_theirs_and_houses_without_number_come_first() -> None:
    boxes = [
        Box(1, 1, "moulin", 3, "bis"),
        Box(2, 1, "moulin", 3),
        Box(3, 1, "moulin", None),
        Box(4, 1, "moulin", 2),
        Box(5, 1, "moulin", 2, "bis"),
    ]
    assert [(box.number, box.suffix) for box in along(boxes)] == [(None, ""), (3, ""), (3, "bis"), (2, "bis"), (2, "")]


def test_from_the_town_hall_each_street_is_the_nearest_to_where_the_last_ended() -> None:
    far, near, middle = (
        street(name, [1, 3], lon, n) for n, (name, lon) in enumerate([("a", 3.3), ("b", 3.1), ("c", 3.2)])
    )
    lost = [Box(9000, 9, "aa", 1)]
    in_order = [boxes[0].street for boxes in walk([*lost, *far, *near, *middle], (3.0, 48.0))]
    assert in_order == ["b", "c", "a", "aa"]


def test_the_order_is_the_same_however_the_boxes_come() -> None:
    boxes = [box for n in range(12) for box in street(f"rue {n}", list(range(1, 30)), 3 + (n * 7 % 12) / 100, n)]
    expected = rounds(boxes, (3.0, 48.0))
    random.Random(4).shuffle(boxes)
    assert rounds(boxes, (3.0, 48.0)) == expected


def test_a_round_is_a_bag_that_anybody_carries_and_streets_stay_whole() -> None:
    boxes = [box for n in range(9) for box in street(f"rue {n}", list(range(1, 51)), 3 + n / 100, n)]
    boxes += street("avenue", list(range(1, ROUND * 2 + 10)), 4.0, 20)
    found = rounds(boxes, (3.0, 48.0))
    assert sorted(box.address_id for bag in found for box in bag) == sorted(box.address_id for box in boxes)
    assert max(map(len, found)) <= ROUND
    for n in range(9):
        assert len([bag for bag in found if any(box.street_id == n for box in bag)]) == 1


def test_a_town_that_says_nowhere_where_it_is_walks_by_name() -> None:
    boxes = [Box(1, 1, "rue c", 1), Box(2, 2, "rue a", 1), Box(3, 3, "rue b", 1)]
    assert [bag[0].street for bag in walk(boxes, None)] == ["rue a", "rue b", "rue c"]
