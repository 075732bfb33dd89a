"""A PDF with the town's fonts, which remembers where everything was put."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

import segno
from fpdf import FPDF

from town.kernel.assets import vendor_file
from town.kernel.db import guard_slow
from town.kernel.paper.words import Face, break_lines, printable

TEXT: Final = "paper"
BOLD: Final = "paper-bold"
TITLE: Final = "paper-title"
_FALLBACK: Final = "paper-fallback"
LEADING: Final = 1.25
"""The height of a line, in sizes of its letters."""
_POINT: Final = 25.4 / 72
_BASELINE: Final = 0.78
"""Where letters stand, from the top of their line."""


def height_of(size: float) -> float:
    """A line of letters of so many points, in millimetres."""
    return size * _POINT * LEADING


@dataclass(frozen=True, slots=True)
class Box:
    """What was put somewhere: millimetres from the top left corner of its page."""

    page: int
    x: float
    y: float
    width: float
    height: float
    words: str
    size: float


class Paper(FPDF):
    """A document of A4 pages without margins of its own: whoever draws says where. Slow to make and to lay out."""

    def __init__(self, title: str, orientation: Literal["portrait", "landscape"] = "portrait") -> None:
        guard_slow("lay out a PDF")
        super().__init__(orientation=orientation, unit="mm", format="A4")
        self.set_auto_page_break(False)
        self.set_margin(0)
        self.c_margin = 0
        for name in (TEXT, BOLD, TITLE, _FALLBACK):
            self.add_font(name, "", vendor_file(f"{name}.ttf"))
        self.set_fallback_fonts([_FALLBACK])
        self.set_title(title)
        self.set_lang("fr")
        self.boxes: list[Box] = []
        self._widths: dict[str, dict[str, float]] = {}

    @cached_property
    def letters(self) -> frozenset[int]:
        """The characters that can be printed in every font, by code point."""
        known: list[set[int]] = [set(self._font(name).cmap) for name in (TEXT, BOLD, TITLE)]
        return frozenset(set.intersection(*known) | set(self._font(_FALLBACK).cmap))

    def _font(self, name: str) -> Any:
        return self.fonts[name]

    def face(self, font: str, size: float) -> Face:
        """How words are measured in this font and size. Letters stand side by side, so that each is measured once."""
        known = self._widths.setdefault(font, {})

        def letter(character: str) -> float:
            if character not in known:
                family, points = self.font_family, self.font_size_pt
                self.set_font(font, size=1000)
                known[character] = self.get_string_width(character) / 1000
                self.set_font(family or font, size=points)
            return known[character]

        return Face(font, size, lambda words: size * sum(map(letter, words)))

    def put_lines(
        self, x: float, y: float, lines: Sequence[str], face: Face, width: float, align: Literal["L", "C", "R"] = "L"
    ) -> float:
        """Lines as they were measured, from the top at `y`; answers where the next may begin."""
        self.set_font(face.font, size=face.size)
        step = height_of(face.size)
        for line in lines:
            room = self.get_string_width(line)
            start = x + {"L": 0, "C": (width - room) / 2, "R": width - room}[align]
            self.boxes.append(Box(self.page, start, y, room, step, line, face.size))
            self.set_xy(start, y)
            self.cell(room, step, line)
            y += step
        return y

    def put_words(self, x: float, y: float, words: str, font: str, size: float, width: float) -> float:
        """Words in as many lines as they need, smaller where one word alone is too wide. Answers where they end."""
        face, lines = self.wrapped(words, font, size, width)
        return self.put_lines(x, y, lines, face, width)

    def wrapped(self, words: str, font: str, size: float, width: float) -> tuple[Face, list[str]]:
        """How `put_words` would set these words. Characters that no font has become a question mark, not a hole."""
        said = printable(words, self.letters)
        if said is None:
            said = "".join(letter if ord(letter) in self.letters else "?" for letter in words)
        face = self.face(font, size)
        lines = break_lines(said, face, width)
        while lines is None:
            face = self.face(font, face.size * 0.9)
            lines = break_lines(said, face, width)
        return face, lines

    def fitting(self, words: str, font: str, size: float, width: float, least: float = 9) -> Face:
        """A smaller size for a line that is a little too long; sorting machines read nine points still."""
        room = self.face(font, size).width(words)
        return self.face(font, max(least, min(size, size * width / room - 0.1)) if room > width else size)

    def put_square(self, x: float, y: float, side: float, address: str, mask: int | None = None) -> None:
        """A QR code. Its margin is the paper's own white.

        mask: one of the eight, all of which are read by every phone. Comparing them takes five times as long.
        """
        drawn = segno.make(address, error="m", boost_error=False, mask=mask)
        size = side / drawn.symbol_size(border=0)[0]
        self.boxes.append(Box(self.page, x, y, side, side, "", 0))
        shapes = []
        for row, modules in enumerate(drawn.matrix):
            start = None
            for column, dark in enumerate([*modules, 0]):
                if dark and start is None:
                    start = column
                elif not dark and start is not None:
                    shapes.append((x + start * size, y + row * size, (column - start) * size, size))
                    start = None
        self.set_fill_color(0)
        k, top = self.k, self.h_pt
        drawing = (f"{a * k:.2f} {top - b * k:.2f} {w * k:.2f} {-h * k:.2f} re" for a, b, w, h in shapes)
        self._out(" ".join(drawing) + " f")  # one shape: some 400 calls of rect() a code are a minute for a town

    def file(self) -> bytes:
        """The PDF."""
        return bytes(self.output())
