"""Postcards on paper: four A6 cards on a sheet of A4, with the code in large print, a QR code and an address block."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import segno
from babel.dates import format_date
from flask_babel import force_locale
from flask_babel import gettext as _
from fpdf import FPDF

from town.kernel.assets import vendor_file
from town.kernel.db import guard_slow
from town.kernel.language import typography

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
    guard_slow("lay out a PDF")
    sheet = FPDF(orientation="landscape", unit="mm", format="A4")
    sheet.set_auto_page_break(False)
    sheet.set_margin(0)
    sheet.c_margin = 0
    for name in ("paper", "paper-bold", "paper-title", "paper-fallback"):
        sheet.add_font(name, "", vendor_file(f"{name}.ttf"))
    sheet.set_fallback_fonts(["paper-fallback"])
    sheet.set_title(f"Cartes, {imprint.town}")
    sheet.set_lang("fr")
    for number, (envelope, code) in enumerate(cards):
        place = number % 4
        if place == 0:
            sheet.add_page()
            _cutting_lines(sheet)
        _card(sheet, WIDTH * (place % 2), HEIGHT * (place // 2), envelope, code, imprint)
    return bytes(sheet.output())


def _cutting_lines(sheet: FPDF) -> None:
    sheet.set_draw_color(170)
    sheet.set_line_width(0.1)
    sheet.set_dash_pattern(1.5, 1.5)
    sheet.line(WIDTH, 0, WIDTH, 2 * HEIGHT)
    sheet.line(0, HEIGHT, 2 * WIDTH, HEIGHT)
    sheet.set_dash_pattern()


def _card(sheet: FPDF, x: float, y: float, envelope: Envelope, code: str, imprint: Imprint) -> None:
    _text(sheet, x + MARGIN, y + 9, imprint.town, "paper-title", 17, LEFT, 7)
    sheet.set_y(sheet.get_y() + 2.5)
    for language, size in (("fr", 12), ("en", 10.5)):
        with force_locale(language):
            until = format_date(imprint.until, "d MMMM y", locale=language)
            words = _("Scan the square with your phone, or open %(address)s and type the code.", address=imprint.shown)
            good = _("Good until %(day)s.", day=until)
            if language == "fr":
                greeting = _("Your code shows that you live here.")
                _text(sheet, x + MARGIN, sheet.get_y(), typography(greeting), "paper", 12, LEFT, 5.2)
                _code(sheet, x + MARGIN, sheet.get_y() + 3, code)
            _text(
                sheet, x + MARGIN, sheet.get_y() + 2, typography(f"{words}\n{good}"), "paper", size, LEFT, size * 0.43
            )
    _square(sheet, x + WIDTH - MARGIN - QR, y + MARGIN, f"{imprint.address}#{code}")
    _address(sheet, x + RIGHT, y + 55, envelope)
    lost = []
    for language in ("fr", "en"):
        with force_locale(language):
            lost.append(typography(_("Not for you? Please bring this card to the town hall.")))
    sheet.set_text_color(70)
    _text(sheet, x + MARGIN, y + HEIGHT - 13, "\n".join(lost), "paper", 8.5, WIDTH - 2 * MARGIN, 3.8)
    sheet.set_text_color(0)


def _text(sheet: FPDF, x: float, y: float, words: str, font: str, size: float, width: float, line: float) -> None:
    sheet.set_font(font, size=size)
    sheet.set_xy(x, y)
    sheet.multi_cell(width, line, words, align="L", new_x="LEFT", new_y="NEXT")


def _code(sheet: FPDF, x: float, y: float, code: str) -> None:
    """In two groups of four, so that it is read and typed without losing one's place."""
    words = f"{code[:4]}-{code[4:]}"
    sheet.set_draw_color(0)
    sheet.set_line_width(0.5)
    sheet.rect(x, y, LEFT, 16, round_corners=True, corner_radius=2)
    sheet.set_char_spacing(2)
    sheet.set_font("paper-bold", size=_fitting(sheet, words, "paper-bold", 31, LEFT - 5))
    sheet.set_xy(x, y)
    sheet.cell(LEFT, 16, words, align="C", new_x="LEFT", new_y="NEXT")
    sheet.set_char_spacing(0)


def _square(sheet: FPDF, x: float, y: float, address: str) -> None:
    """The QR code. Its margin is the paper's own white."""
    drawn = segno.make(address, error="m", boost_error=False)
    size = QR / drawn.symbol_size(border=0)[0]
    sheet.set_fill_color(0)
    for row, modules in enumerate(drawn.matrix):
        start = None
        for column, dark in enumerate([*modules, 0]):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                sheet.rect(x + start * size, y + row * size, (column - start) * size, size, style="F")
                start = None


def _address(sheet: FPDF, x: float, y: float, envelope: Envelope) -> None:
    width = WIDTH - RIGHT - 5
    lines = ((envelope.name, "paper-bold"), (envelope.street, "paper"), (envelope.town, "paper"))
    for words, font in lines:
        size = _fitting(sheet, words, font, 12, width)
        _text(sheet, x, y, words, font, size, width, 5.6 if size > 10 else 4.6)
        y = sheet.get_y()


def _fitting(sheet: FPDF, words: str, font: str, size: float, width: float) -> float:
    """A smaller size for a line that is a little too long; sorting machines read nine points still."""
    sheet.set_font(font, size=size)
    return max(9, min(size, size * width / sheet.get_string_width(words) - 0.1)) if words else size
