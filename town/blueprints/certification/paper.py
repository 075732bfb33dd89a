"""Cards on paper: the code in large print, a QR code, an address block, and what to do with them, in two languages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from flask_babel import force_locale
from flask_babel import gettext as _

from town.blueprints.certification.sheet import HEIGHT, PER_SHEET, WIDTH, Cards, Line, places
from town.kernel.language import dated, typography
from town.kernel.paper import BOLD, TEXT, TITLE

MARGIN: Final = 9.0
LEFT: Final = 74.0
"""What the left-hand column measures."""
RIGHT: Final = 87.0
QR: Final = 33.0
FOOT: Final = HEIGHT - 13
MASK: Final = 3
SCALES: Final = (1.0, 0.94, 0.88, 0.82, 0.76)
"""A town with a long name and a long address on the web takes smaller print, never less than eight points."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What one card says, its code apart: to whom and where it goes.

    square: where its QR code leads, the code apart, unless that is the imprint's address. corner: its place in the bag.
    """

    name: str
    street: str
    town: str
    square: str = ""
    corner: str = ""


@dataclass(frozen=True, slots=True)
class Imprint:
    """What all cards of a pile say: whose they are, where the code is typed, until when it is good.

    household: whether a card is for whoever lives there, rather than for somebody by name.
    """

    town: str
    address: str
    until: date
    household: bool = False

    @property
    def shown(self) -> str:
        """The address as people type it."""
        return self.address.partition("://")[2]


@dataclass(frozen=True, slots=True)
class Face:
    """The words that all cards of a pile share, broken into lines once; `code_at`: where the code goes."""

    imprint: Imprint
    lines: list[Line]
    code_at: float


def lay_out(cards: Sequence[tuple[Envelope, str]], imprint: Imprint) -> bytes:
    """The PDF of these cards, each with its code, four on a sheet in reading order."""
    sheet = Cards(f"Cartes, {imprint.town}")
    face = None
    for number, (envelope, code) in enumerate(cards):
        if number % PER_SHEET == 0:
            sheet.open_cards()
        face = face or face_of(sheet, imprint)
        draw_card(sheet, *places()[number % PER_SHEET], envelope, code, face)
    return sheet.file()


def face_of(sheet: Cards, imprint: Imprint) -> Face:
    """What is on every card, as large as it fits. Measured once: it is the slow part."""
    lost = []
    for language in ("fr", "en"):
        with force_locale(language):
            lost.append(typography(_not_yours(imprint)))
    foot, _bottom = sheet.block(MARGIN, FOOT, "\n".join(lost), TEXT, 8.5, WIDTH - 2 * MARGIN, 3.8, grey=70)
    for scale in SCALES:
        lines, code_at, bottom = _column(sheet, imprint, scale)
        if bottom <= FOOT - 1:
            break
    return Face(imprint, lines + foot, code_at)


def _column(sheet: Cards, imprint: Imprint, scale: float) -> tuple[list[Line], float, float]:
    """The left-hand column at that size: its lines, where the code goes among them, where it ends."""
    lines, y = sheet.block(MARGIN, 9, imprint.town, TITLE, 17, LEFT, 7)
    y += 2.5
    code_at = 0.0
    for language, largest in (("fr", 12), ("en", 10.5)):
        size = largest * scale
        with force_locale(language):
            if language == "fr":
                greeting = typography(_("Your code shows that you live here."))
                added, y = sheet.block(MARGIN, y, greeting, TEXT, size, LEFT, size * 0.43)
                lines += added
                code_at, y = y + 3, y + 19
            added, y = sheet.block(MARGIN, y + 2, typography(_how(imprint)), TEXT, size, LEFT, size * 0.43)
            lines += added
    return lines, code_at, y


def _how(imprint: Imprint) -> str:
    day = dated(imprint.until, "d MMMM y")
    if imprint.household:
        how = _("Scan the square with your phone. Or open %(address)s to type address and code.", address=imprint.shown)
        return f"{how}\n{_('For the whole household, until %(day)s.', day=day)}"
    how = _("Scan the square with your phone, or open %(address)s and type the code.", address=imprint.shown)
    return f"{how}\n{_('Good until %(day)s.', day=day)}"


def _not_yours(imprint: Imprint) -> str:
    if imprint.household:
        return _("Keep this card: its code opens your address. Without a phone, come to the town hall.")
    return _("Not for you? Please bring this card to the town hall.")


def draw_card(sheet: Cards, x: float, y: float, envelope: Envelope, code: str, face: Face) -> None:
    sheet.put(x, y, face.lines)
    sheet.put_code(x + MARGIN, y + face.code_at, code, LEFT)
    sheet.put_square(x + WIDTH - MARGIN - QR, y + MARGIN, QR, f"{envelope.square or face.imprint.address}#{code}", MASK)
    _address(sheet, x + RIGHT, y + 55, envelope)
    if envelope.corner:
        sheet.set_font(TEXT, size=8.5)
        width = sheet.get_string_width(envelope.corner)
        sheet.put(x, y, [Line(WIDTH - 5 - width, HEIGHT - 4, envelope.corner, TEXT, 8.5, 70)])


def _address(sheet: Cards, x: float, y: float, envelope: Envelope) -> None:
    width = WIDTH - RIGHT - 5
    for words, font in ((envelope.name, BOLD), (envelope.street, TEXT), (envelope.town, TEXT)):
        size = sheet.fitting(words, font, 12, width).size
        lines, bottom = sheet.block(0, 0, words, font, size, width, 5.6 if size > 10 else 4.6)
        sheet.put(x, y, lines)
        y += bottom
