"""The list of a round on paper: quarter by quarter, each street with its number of sheets and a box to tick."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from town.blueprints.sheet.composing import HEIGHT, INSIDE, MARGIN, WIDTH
from town.blueprints.sheet.queries import Stretch
from town.kernel.paper import BOLD, TEXT, TITLE, Paper, draw_plate, height_of

SIZE: Final = 14.0
TICK: Final = 5.0
COUNT: Final = 32.0
"""What the number of sheets takes, at the right."""
LEFT: Final = MARGIN + TICK + 3
STREET: Final = INSIDE - TICK - 3 - COUNT


@dataclass(frozen=True, slots=True)
class Heading:
    """What the list is about."""

    town: str
    under: str
    title: str
    places: str
    total: str


def round_pdf(heading: Heading, found: Sequence[Stretch]) -> bytes:
    """As many pages of A4 as the town has streets."""
    return draw_round(heading, found).file()


def draw_round(heading: Heading, found: Sequence[Stretch]) -> Paper:
    """The list, and the record of where everything stands."""
    paper = Paper(f"{heading.town}, {heading.title}")
    paper.add_page()
    y = draw_plate(paper, None, heading.town, heading.under, MARGIN, MARGIN, INSIDE) + 4
    for words, font, size in ((heading.title, TITLE, 18.0), (f"{heading.total}. {heading.places}.", TEXT, SIZE)):
        y = paper.put_words(MARGIN, y, words, font, size, INSIDE)
    for quarter, streets in groupby(found, key=lambda stretch: stretch.quarter):
        y = _room(paper, y + 3, 2 * height_of(SIZE) + 3)
        y = paper.put_words(MARGIN, y, quarter, TITLE, SIZE, INSIDE) + 0.5
        paper.set_line_width(0.6)
        paper.set_draw_color(0)
        paper.line(MARGIN, y, WIDTH - MARGIN, y)
        y += 1.5
        for stretch in streets:
            y = _stretch(paper, stretch, y)
    return paper


def _stretch(paper: Paper, stretch: Stretch, y: float) -> float:
    bold, street = paper.wrapped(stretch.street, BOLD, SIZE, STREET)
    face, doors = paper.wrapped(", ".join(stretch.numbers), TEXT, SIZE, STREET + COUNT)
    y = _room(paper, y, height_of(SIZE) * (len(street) + min(len(doors), 3)) + 1.5)
    paper.set_line_width(0.4)
    paper.rect(MARGIN, y + 0.6, TICK, TICK)
    paper.put_lines(LEFT + STREET, y, [str(stretch.boxes)], paper.face(BOLD, SIZE), COUNT, "R")
    y = paper.put_lines(LEFT, y, street, bold, STREET)
    for line in doors:
        y = paper.put_lines(LEFT, _room(paper, y, height_of(SIZE)), [line], face, STREET + COUNT)
    return y + 1.5


def _room(paper: Paper, y: float, high: float) -> float:
    """Where so much fits whole: here, or at the head of a new page."""
    if y + high <= HEIGHT - MARGIN:
        return y
    paper.add_page()
    return MARGIN
