"""The paper of a launch: a list of rounds, then for each its cards and a label per street, in the order of the walk.

The cards of a round are laid out to be cut as one pile: on every sheet the same corner holds cards that follow each
other, so that the four cut piles, put on top of each other, are in order.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from flask_babel import gettext as _
from flask_babel import ngettext

from town.blueprints.certification.paper import Envelope, Imprint, draw_card, face_of
from town.blueprints.certification.sheet import HEIGHT, PER_SHEET, WIDTH, Cards, places
from town.kernel.language import typography
from town.kernel.paper import BOLD, TEXT, TITLE

EDGE: Final = 15.0
BOTTOM: Final = 2 * HEIGHT - 15


@dataclass(frozen=True, slots=True)
class Label:
    """The card that lies in front of a street's cards. numbers: the sides, one a line."""

    round: int
    street: str
    boxes: int
    numbers: list[str]


@dataclass(slots=True)
class Bag:
    """The cards of one round, as they are walked, each street behind its label."""

    round: int
    cards: list[Label | tuple[Envelope, str]] = field(default_factory=list)

    def add(self, card: Label | tuple[Envelope, str]) -> None:
        self.cards.append(card)

    @property
    def labels(self) -> list[Label]:
        return [card for card in self.cards if isinstance(card, Label)]

    @property
    def sheets(self) -> int:
        return -(-len(self.cards) // PER_SHEET)


def lay_out_bags(bags: Sequence[Bag], imprint: Imprint) -> bytes:
    """The PDF of these rounds, each beginning on a new sheet."""
    sheet = Cards(_("Delivery rounds, %(town)s", town=imprint.town))
    _list_of_rounds(sheet, bags, imprint)
    face = face_of(sheet, imprint)
    for bag in bags:
        for number in range(bag.sheets):
            sheet.open_cards()
            for corner, (x, y) in enumerate(places()):
                index = corner * bag.sheets + number
                if index >= len(bag.cards):
                    continue
                card = bag.cards[index]
                if isinstance(card, Label):
                    _label(sheet, x, y, card)
                else:
                    draw_card(sheet, x, y, *card, face)
    return sheet.file()


def _list_of_rounds(sheet: Cards, bags: Sequence[Bag], imprint: Imprint) -> None:
    """For whoever cuts and shares out the bags. No code stands on these pages."""
    width = 2 * (WIDTH - EDGE)
    sheet.add_page()
    lines, y = sheet.block(EDGE, EDGE, _("Delivery rounds, %(town)s", town=imprint.town), TITLE, 20, width, 9)
    how = _(
        "Cut the sheets of one round as one pile. Then put the piles under each other: top left, top right, bottom "
        "left, bottom right. The cards are then in the order of the walk, each street behind its label."
    )
    more, y = sheet.block(EDGE, y + 3, typography(how), TEXT, 12, width, 5.6)
    sheet.put(0, 0, lines + more)
    y += 5
    for bag in bags:
        boxes = sum(label.boxes for label in bag.labels)
        title = _("Round %(number)s: %(what)s", number=bag.round, what=f"{_boxes(boxes)}, {_sheets(bag.sheets)}")
        walk = ", ".join(f"{label.street} ({label.boxes})" for label in bag.labels)
        head, below = sheet.block(EDGE, y, typography(title), BOLD, 13, width, 6.5)
        rest, end = sheet.block(EDGE, below, walk, TEXT, 12, width, 5.6)
        if end > BOTTOM:
            sheet.add_page()
            head, below = sheet.block(EDGE, EDGE, typography(title), BOLD, 13, width, 6.5)
            rest, end = sheet.block(EDGE, below, walk, TEXT, 12, width, 5.6)
        sheet.put(0, 0, head + rest)
        y = end + 4


def _label(sheet: Cards, x: float, y: float, label: Label) -> None:
    width = WIDTH - 2 * EDGE
    head, below = sheet.block(EDGE, EDGE, _("Round %(number)s", number=label.round), TITLE, 20, width, 9)
    name, below = sheet.block(EDGE, below + 6, label.street, BOLD, 24, width, 10.5)
    words = typography("\n".join([_boxes(label.boxes), *label.numbers]))
    rest, _end = sheet.block(EDGE, below + 4, words, TEXT, 15, width, 8)
    sheet.put(x, y, head + name + rest)


def _boxes(number: int) -> str:
    return ngettext("%(num)s letterbox", "%(num)s letterboxes", number)


def _sheets(number: int) -> str:
    return ngettext("%(num)s sheet", "%(num)s sheets", number)
