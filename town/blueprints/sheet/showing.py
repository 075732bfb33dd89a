"""The sheet as a page shows it: the same words as on paper, shortened where paper shortens them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from town.blueprints.sheet.composing import Block, Item, Laid, Lines, Matter
from town.commons.feed import CardRow


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing of the sheet. `lines`: what stands under its title."""

    title: str
    lines: list[str]
    code: str


@dataclass(frozen=True, slots=True)
class Part:
    """One section, with its heading and icon."""

    words: str
    icon: str
    things: list[Seen]


@dataclass(frozen=True, slots=True)
class Page:
    """The frames at the head of the sheet, then its sections."""

    frames: list[Seen]
    parts: list[Part]


def seen(matter: Matter, laid: Laid) -> Page:
    """The sheet of this matter, in the order in which one reads it."""
    items = {item.key: item for item in matter.items}
    below = [block for column in laid.columns for block in column if block.key]
    parts = []
    for key, words, icon in matter.sections:
        things = [_seen(block, items) for block in below if items[block.key].section == key]
        if things:
            parts.append(Part(words, icon, things))
    return Page([_seen(block, items) for block in laid.top], parts)


def _seen(block: Block, items: dict[str, Item]) -> Seen:
    title, *others = block.texts
    whole = items[block.key].title if block.key else words_of(title)
    return Seen(whole, [words_of(lines) for lines in others], block.code)


def words_of(lines: Lines) -> str:
    """Lines as one text again: a line that ends in the middle of a compound goes on without a space."""
    words = ""
    for line in lines.lines:
        words += line if not words or (words[-1] in "-/" and words[-2:-1].strip()) else f" {line}"
    return words


def notes_of_choice(rows: Sequence[CardRow], chosen: Collection[str], laid: Laid) -> dict[str, str]:
    """What there is to say of the cards that were chosen and stand on no sheet, by public id."""
    missing = {row.public_id for row in rows if row.public_id in chosen} - set(laid.shown)
    return dict.fromkeys(missing, _("No room left for it"))
