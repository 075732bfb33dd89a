"""Postcards on paper: four A6 cards on a sheet of A4, with the code in large print, a QR code and an address block."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from babel.dates import format_date
from flask_babel import force_locale
from flask_babel import gettext as _

from town.kernel.language import typography
from town.kernel.paper import BOLD, TEXT, TITLE, Paper

WIDTH: Final = 148.5
HEIGHT: Final = 105.0
MARGIN: Final = 9.0
LEFT: Final = 74.0
"""What the left-hand column measures; all in millimetres."""
RIGHT: Final = 87.0
QR: Final = 33.0


@dataclass(frozen=True, slots=True)
class Envelope:
    """What one card says, its code apart: to whom and where it goes."""

    name: str
    street: str
    town: str


@dataclass(frozen=True, slots=True)
class Imprint:
    """What all cards of a sheet say: whose they are, where the code is typed, until when it is good."""

    town: str
    address: str
    until: date

    @property
    def shown(self) -> str:
        """The address as people type it."""
        return self.address.partition("://")[2]


def lay_out(cards: Sequence[tuple[Envelope, str]], imprint: Imprint) -> bytes:
    """The PDF of these cards, each with its code. It is written nowhere. Slow, so never inside a write transaction."""
    sheet = Paper(f"Cartes, {imprint.town}", "landscape")
    for number, (envelope, code) in enumerate(cards):
        place = number % 4
        if place == 0:
            sheet.add_page()
            _cutting_lines(sheet)
        _card(sheet, WIDTH * (place % 2), HEIGHT * (place // 2), envelope, code, imprint)
    return sheet.file()


def _cutting_lines(sheet: Paper) -> None:
    sheet.set_draw_color(170)
    sheet.set_line_width(0.1)
    sheet.set_dash_pattern(1.5, 1.5)
    sheet.line(WIDTH, 0, WIDTH, 2 * HEIGHT)
    sheet.line(0, HEIGHT, 2 * WIDTH, HEIGHT)
    sheet.set_dash_pattern()


def _card(sheet: Paper, x: float, y: float, envelope: Envelope, code: str, imprint: Imprint) -> None:
    _text(sheet, x + MARGIN, y + 9, imprint.town, TITLE, 17, LEFT, 7)
    sheet.set_y(sheet.get_y() + 2.5)
    for language, size in (("fr", 12), ("en", 10.5)):
        with force_locale(language):
            until = format_date(imprint.until, "d MMMM y", locale=language)
            words = _("Scan the square with your phone, or open %(address)s and type the code.", address=imprint.shown)
            good = _("Good until %(day)s.", day=until)
            if language == "fr":
                greeting = _("Your code shows that you live here.")
                _text(sheet, x + MARGIN, sheet.get_y(), typography(greeting), TEXT, 12, LEFT, 5.2)
                _code(sheet, x + MARGIN, sheet.get_y() + 3, code)
            _text(sheet, x + MARGIN, sheet.get_y() + 2, typography(f"{words}\n{good}"), TEXT, size, LEFT, size * 0.43)
    sheet.put_square(x + WIDTH - MARGIN - QR, y + MARGIN, QR, f"{imprint.address}#{code}")
    _address(sheet, x + RIGHT, y + 55, envelope)
    lost = []
    for language in ("fr", "en"):
        with force_locale(language):
            lost.append(typography(_("Not for you? Please bring this card to the town hall.")))
    sheet.set_text_color(70)
    _text(sheet, x + MARGIN, y + HEIGHT - 13, "\n".join(lost), TEXT, 8.5, WIDTH - 2 * MARGIN, 3.8)
    sheet.set_text_color(0)


def _text(sheet: Paper, x: float, y: float, words: str, font: str, size: float, width: float, line: float) -> None:
    sheet.set_font(font, size=size)
    sheet.set_xy(x, y)
    sheet.multi_cell(width, line, words, align="L", new_x="LEFT", new_y="NEXT")


def _code(sheet: Paper, x: float, y: float, code: str) -> None:
    """In two groups of four, so that it is read and typed without losing one's place."""
    words = f"{code[:4]}-{code[4:]}"
    sheet.set_draw_color(0)
    sheet.set_line_width(0.5)
    sheet.rect(x, y, LEFT, 16, round_corners=True, corner_radius=2)
    sheet.set_char_spacing(2)
    sheet.set_font(BOLD, size=sheet.fitting(words, BOLD, 31, LEFT - 5).size)
    sheet.set_xy(x, y)
    sheet.cell(LEFT, 16, words, align="C", new_x="LEFT", new_y="NEXT")
    sheet.set_char_spacing(0)


def _address(sheet: Paper, x: float, y: float, envelope: Envelope) -> None:
    width = WIDTH - RIGHT - 5
    lines = ((envelope.name, BOLD), (envelope.street, TEXT), (envelope.town, TEXT))
    for words, font in lines:
        size = sheet.fitting(words, font, 12, width).size
        _text(sheet, x, y, words, font, size, width, 5.6 if size > 10 else 4.6)
        y = sheet.get_y()
