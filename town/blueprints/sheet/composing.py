"""What stands where on the sheet: words are measured, the most important go first, and what does not fit is left out.

A title is never shortened, nor what is said under it: a date, a price. An excerpt ends with « … » between two words, or
goes. Nothing is ever cut or overflows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from town.kernel.paper import BOLD, TEXT, TITLE, Paper, begin_with, break_lines, height_of, printable

WIDTH: Final = 210.0
HEIGHT: Final = 297.0
MARGIN: Final = 12.0
INSIDE: Final = WIDTH - 2 * MARGIN
GUTTER: Final = 8.0
SIZES: Final = {False: (17.0, 16.0, 15.0, 14.0), True: (22.0, 20.0, 18.0)}
"""Points of the text, the largest first, without and with `large`; all in millimetres elsewhere."""
MOST_URGENT: Final = 3
MOST_LINES: Final = 3
"""Lines of an excerpt, until everything has had its chance."""


@dataclass(frozen=True, slots=True)
class Item:
    """One card as paper shows it. `section` names where it stands; urgent ones stand above, in a frame."""

    key: str
    section: str
    title: str
    detail: str = ""
    excerpt: str = ""
    code: str = ""
    address: str = ""
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Matter:
    """All that a sheet may say. `items`: the most important first. `sections`: key, heading, icon, in their order."""

    town: str
    week: str
    items: tuple[Item, ...]
    sections: tuple[tuple[str, str, str], ...]
    word_title: str
    word: str
    nothing: str
    ways: tuple[tuple[str, str], ...]
    """At the foot of the page: titles and their words."""
    how: str
    arms: Path | None = None
    large: bool = False


@dataclass(frozen=True, slots=True)
class Lines:
    """Some lines in one font."""

    font: str
    size: float
    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        return len(self.lines) * height_of(self.size)


@dataclass(frozen=True, slots=True)
class Block:
    """What is drawn whole, in one place: an item, a heading, a frame."""

    sort: str
    texts: tuple[Lines, ...]
    height: float
    key: str = ""
    code: str = ""
    address: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Foot:
    """The bottom of the page, measured: `parts` side by side or stacked, `how` under them."""

    parts: tuple[tuple[Lines, ...], ...]
    how: Lines
    height: float
    stacked: bool


@dataclass(frozen=True, slots=True)
class Laid:
    """A sheet that fits. `top` and `columns` are blocks in their order; `air` is added between them."""

    size: float
    top: tuple[Block, ...]
    columns: tuple[tuple[Block, ...], ...]
    air: float
    spare: float
    foot: Foot
    left_out: tuple[str, ...]

    @property
    def shown(self) -> tuple[str, ...]:
        """The keys of the items that stand on it."""
        return tuple(block.key for part in (self.top, *self.columns) for block in part if block.key)


def side(size: float) -> float:
    """Of an item's QR code."""
    return 15 * min(size, 16) / 14


def gap(size: float) -> float:
    """Between two items."""
    return 2.6 * size / 14


@lru_cache(maxsize=32)
def compose(matter: Matter, plate: float = 24.5) -> Laid:
    """The sheet of this matter. `plate`: what the head of the page takes. Slow: measures every word."""
    paper = Paper("")
    sizes = SIZES[matter.large]
    for size in sizes:
        table = _Table(paper, matter, size, plate)
        if table.fill(generous=True) or size == sizes[-1]:
            break
    else:
        raise AssertionError("there is a smallest size")
    if table.left_out:
        table = _Table(paper, matter, sizes[-1], plate)
        table.fill(generous=False)
        table.lengthen()
    return table.laid()


class _Table:
    """A page in the making, at one size of text: items are put on it while everything still fits."""

    def __init__(self, paper: Paper, matter: Matter, size: float, plate: float) -> None:
        self.paper, self.matter, self.size = paper, matter, size
        self.count = 1 if matter.large else 2
        self.column = (INSIDE - GUTTER * (self.count - 1)) / self.count
        self.foot = self._foot()
        self.room = HEIGHT - 2 * MARGIN - plate - gap(size) - self.foot.height - gap(size)
        self.top: dict[str, Block] = {}
        self.chosen: dict[str, Block] = {}
        self.left_out: list[str] = []
        if matter.word:
            self._put_word(Item("word", "", matter.word_title, excerpt=matter.word))
        if not matter.items and not matter.word:
            self._put_word(Item("nothing", "", matter.nothing))

    def _put_word(self, said: Item) -> None:
        block = self._frame(said, 9)
        if block is not None and self._fits([block], []):
            self.top[said.key] = replace(block, key="")

    def fill(self, *, generous: bool) -> bool:
        """Put every item that fits, the most important first; whether all of them did."""
        framed = 0
        for item in self.matter.items:
            urgent = item.urgent and framed < MOST_URGENT
            for most in (99,) if generous else (MOST_LINES, 2, 1, 0):
                if self._put(item, most, urgent):
                    framed += urgent
                    break
            else:
                self.left_out.append(item.key)
                if generous:
                    return False
        return True

    def lengthen(self) -> None:
        """Give the room that is left to excerpts that were shortened, the most important first."""
        for item in self.matter.items:
            if item.key in self.top or item.key in self.chosen:
                for most in (99, 6, 5, 4):
                    if self._put(item, most, item.key in self.top):
                        break

    def _put(self, item: Item, most: int, urgent: bool) -> bool:
        block = self._frame(item, most) if urgent else self._item(item, most)
        if block is None:
            return False
        top, chosen = dict(self.top), dict(self.chosen)
        (top if urgent else chosen)[item.key] = block
        if not self._fits(top.values(), chosen.values()):
            return False
        self.top, self.chosen = top, chosen
        return True

    def _fits(self, top: Iterable[Block], chosen: Iterable[Block]) -> bool:
        return self._height(top) + max(map(self._height, self._columns(list(chosen)))) <= self.room

    def _height(self, blocks: Iterable[Block], air: float = 0) -> float:
        """Of blocks below each other, each with its gap."""
        return sum(block.height + gap(self.size) + air for block in blocks)

    def _columns(self, chosen: Sequence[Block]) -> list[list[Block]]:
        """The sections in their order, cut into columns where these come out most alike. A heading leads its items."""
        of = {item.key: item.section for item in self.matter.items}
        flow: list[tuple[Block, Block]] = []
        for key, words, icon in self.matter.sections:
            heading = self._heading(words, icon)
            flow += [(heading, block) for block in chosen if of[block.key] == key]
        cuts = range(len(flow) + 1) if self.count == 2 else [len(flow)]
        columns = [[self._headed(flow[:cut]), self._headed(flow[cut:])][: self.count] for cut in cuts]
        return min(columns, key=lambda parts: max(map(self._height, parts)))

    @staticmethod
    def _headed(flow: Sequence[tuple[Block, Block]]) -> list[Block]:
        found: list[Block] = []
        above = None
        for heading, block in flow:
            found += [block] if heading == above else [heading, block]
            above = heading
        return found

    # Measuring

    def _lines(self, words: str, font: str, size: float, width: float, most: int = 99) -> Lines | None:
        """The words as lines, with « … » when there would be more than `most`; None when they cannot be printed."""
        said = printable(words, self.paper.letters)
        if said is None:
            return None
        face = self.paper.face(font, size)
        lines = break_lines(said, face, width)
        return None if lines is None else Lines(font, size, tuple(begin_with(lines, most, face, width)))

    def _title(self, words: str, sizes: Sequence[float], width: float) -> Lines | None:
        """A title whole, in the first of these sizes in which its longest word stands on one line."""
        for size in sizes:
            lines = self._lines(words, TITLE, size, width)
            if lines is not None:
                return lines if lines.lines else None
        return None

    def _said(self, item: Item, width: float, most: int, sizes: Sequence[float]) -> tuple[Lines, ...] | None:
        title = self._title(item.title, sizes, width)
        if title is None:
            return None
        detail = self._lines(item.detail, BOLD, self.size, width)
        excerpt = self._lines(item.excerpt, TEXT, self.size, width, most) if most else None
        return (title, *(lines for lines in (detail, excerpt) if lines is not None and lines.lines))

    def _item(self, item: Item, most: int) -> Block | None:
        texts = self._said(item, self.column - side(self.size) - 4, most, (self.size,))
        return None if texts is None else self._block("item", item, texts, 0)

    def _frame(self, item: Item, most: int) -> Block | None:
        width = INSIDE - 12 - (side(self.size) + 4 if item.address else 0)
        texts = self._said(item, width, most, (self.size * 1.4, self.size * 1.2, self.size))
        return None if texts is None else self._block("frame", item, texts, 8)

    def _block(self, sort: str, item: Item, texts: tuple[Lines, ...], padding: float) -> Block:
        words = sum(part.height for part in texts)
        square = side(self.size) + height_of(self.size) if item.address else 0
        return Block(sort, texts, max(words, square) + padding, item.key, item.code, item.address)

    def _heading(self, words: str, icon: str) -> Block:
        size = self.size * 1.2
        lines = Lines(TITLE, size, (words,))
        return Block("heading", (lines,), lines.height + 1.5, icon=icon)

    def _foot(self) -> Foot:
        size = SIZES[self.matter.large][-1]
        count = 1 if self.matter.large else max(1, len(self.matter.ways))
        width = (INSIDE - GUTTER * (count - 1)) / count
        parts = []
        for title, words in self.matter.ways:
            told = (self._lines(title, BOLD, size, width, 1), self._lines(words, TEXT, size, width, 5))
            parts.append(tuple(lines for lines in told if lines is not None))
        how = self._lines(self.matter.how, TEXT, size, INSIDE, 3) or Lines(TEXT, size, ())
        heights = [sum(lines.height for lines in part) for part in parts] or [0]
        high = sum(heights) + 2 * (len(heights) - 1) if count == 1 else max(heights)
        return Foot(tuple(parts), how, 3 + high + 1.5 + how.height, stacked=count == 1)

    def laid(self) -> Laid:
        """What was decided; what is left of the page becomes air, the rest is for the village."""
        columns = self._columns(list(self.chosen.values()))
        spare = self.room - self._height(self.top.values()) - max(map(self._height, columns))
        most = max(1, len(self.top) + max(map(len, columns)))
        air = min(2.5, spare / most)
        return Laid(
            self.size,
            tuple(self.top.values()),
            tuple(map(tuple, columns)),
            air,
            spare - air * most,
            self.foot,
            tuple(self.left_out),
        )
