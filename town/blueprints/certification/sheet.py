"""Sheets of paper: A4 with four A6 cards, and what is drawn on them. All measures in millimetres, sizes in points."""

from dataclasses import dataclass
from functools import cache
from typing import Final

from town.kernel.paper import BOLD, Paper

WIDTH: Final = 148.5
HEIGHT: Final = 105.0
PER_SHEET: Final = 4
_POINT: Final = 25.4 / 72


@dataclass(frozen=True, slots=True)
class Line:
    """One line of words. y: its baseline. grey: 0 is black."""

    x: float
    y: float
    words: str
    font: str
    size: float
    grey: int = 0


class Cards(Paper):
    """The PDF of a pile of cards. It is written nowhere."""

    def __init__(self, title: str) -> None:
        super().__init__(title, "landscape")

    def open_cards(self) -> None:
        """A new sheet, with the lines along which it is cut."""
        self.add_page()
        self.set_draw_color(170)
        self.set_line_width(0.1)
        self.set_dash_pattern(1.5, 1.5)
        self.line(WIDTH, 0, WIDTH, 2 * HEIGHT)
        self.line(0, HEIGHT, 2 * WIDTH, HEIGHT)
        self.set_dash_pattern()

    def block(
        self, x: float, y: float, words: str, font: str, size: float, width: float, line: float, grey: int = 0
    ) -> tuple[list[Line], float]:
        """Words broken into lines of `width`, and where the next may begin. Measured once for all cards of a pile."""
        face, broken = self.wrapped(words, font, size, width)
        baseline = y + 0.5 * line + 0.3 * face.size * _POINT
        lines = [Line(x, baseline + n * line, part, font, face.size, grey) for n, part in enumerate(broken)]
        return lines, y + line * len(broken)

    def put(self, x: float, y: float, lines: list[Line]) -> None:
        """Draw these lines on the card whose corner is there."""
        for line in lines:
            self.set_font(line.font, size=line.size)
            if line.grey:
                self.set_text_color(line.grey)
            if self._writes(line.words):
                self.text(x + line.x, y + line.y, line.words)
            else:  # slower, but it finds a letter of Kyiv or Hanoi in another font
                self.set_xy(x + line.x, y + line.y - 0.8 * self.font_size)
                self.cell(WIDTH, self.font_size, line.words, align="L")
            if line.grey:
                self.set_text_color(0)

    def _writes(self, words: str) -> bool:
        """Whether the font that is set has every letter of these words."""
        known = self.current_font.cmap  # type: ignore[union-attr]  # a font is set, and it is ours
        return all(ord(letter) in known for letter in words)

    def put_code(self, x: float, y: float, code: str, width: float) -> None:
        """In two groups of four, so that it is read and typed without losing one's place."""
        words = f"{code[:4]}-{code[4:]}"
        self.set_draw_color(0)
        self.set_line_width(0.5)
        self.rect(x, y, width, 16, round_corners=True, corner_radius=2)
        self.set_char_spacing(2)
        self.set_font(BOLD, size=self.fitting(words, BOLD, 31, width - 5).size)
        self.set_xy(x, y)
        self.cell(width, 16, words, align="C", new_x="LEFT", new_y="NEXT")
        self.set_char_spacing(0)


@cache
def places() -> tuple[tuple[float, float], ...]:
    """The corners of the four cards, in the order in which the cut piles are put on top of each other."""
    return tuple((WIDTH * (place % 2), HEIGHT * (place // 2)) for place in range(PER_SHEET))
