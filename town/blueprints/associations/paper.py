"""Paper: the list that hangs on the door on the morning itself, and the certificate of somebody's hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from flask_babel import gettext as _
from fpdf import FPDF

from town.kernel.assets import vendor_file
from town.kernel.db import guard_slow
from town.kernel.language import dated, language, typography

MARGIN: Final = 16.0
"""Millimetres, like all that is measured here."""
WIDTH: Final = 210 - 2 * MARGIN


@dataclass(frozen=True, slots=True)
class Line:
    """A volunteer on the list: "Prénom N.", and a number if they gave one for this."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One slot on the list."""

    heading: str
    seats: int
    lines: Sequence[Line]
    waiting: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Hours:
    """One line of a certificate."""

    day: date
    words: str
    minutes: int


def said(minutes: int) -> str:
    """« 2 h 30 », on paper in either language."""
    return f"{minutes // 60} h" + (f" {minutes % 60:02}" if minutes % 60 else "")


def _page(title: str) -> FPDF:
    guard_slow("lay out a PDF")
    paper = FPDF(unit="mm", format="A4")
    paper.set_margins(MARGIN, MARGIN)
    paper.set_auto_page_break(True, MARGIN)
    for name in ("paper", "paper-bold", "paper-title", "paper-fallback"):
        paper.add_font(name, "", vendor_file(f"{name}.ttf"))
    paper.set_fallback_fonts(["paper-fallback"])
    paper.set_title(title)
    paper.set_lang(language())
    paper.add_page()
    return paper


def _text(paper: FPDF, words: str, font: str = "paper", size: float = 12, line: float = 6) -> None:
    paper.set_font(font, size=size)
    paper.multi_cell(WIDTH, line, typography(words), align="L", new_x="LMARGIN", new_y="NEXT")


def attendance_list(title: str, association: str, where: str, sheets: Sequence[Sheet]) -> bytes:
    """A page a slot, in large letters, with a box for each person and lines for whoever comes unannounced."""
    paper = _page(title)
    for number, sheet in enumerate(sheets):
        if number:
            paper.add_page()
        _text(paper, title, "paper-title", 22, 10)
        _text(paper, sheet.heading, "paper-bold", 16, 8)
        _text(paper, f"{association}. {where}", size=12)
        paper.ln(4)
        for line in sheet.lines:
            _boxed(paper, line)
        for _empty in range(min(5, max(2, sheet.seats - len(sheet.lines)))):
            _boxed(paper, Line("", ""))
        if sheet.waiting:
            paper.ln(3)
            _text(paper, _("Waiting list, in order"), "paper-bold", 13, 7)
            for line in sheet.waiting:
                _boxed(paper, line)
        paper.ln(4)
        _text(paper, _("For this day only: destroy this sheet once the hours are entered."), "paper-bold", 14, 7)
    return bytes(paper.output())


def _boxed(paper: FPDF, line: Line) -> None:
    if paper.get_y() + 11 > paper.h - MARGIN:
        paper.add_page()
    y = paper.get_y()
    paper.set_draw_color(0)
    paper.set_line_width(0.5)
    paper.rect(MARGIN, y + 1.5, 7, 7)
    paper.set_xy(MARGIN + 11, y)
    paper.set_font("paper", size=16)
    paper.cell(WIDTH - 66, 10, line.name)
    paper.set_font("paper", size=13)
    paper.cell(55, 10, line.phone, align="R", new_x="LMARGIN", new_y="NEXT")
    paper.set_line_width(0.15)
    paper.set_draw_color(130)
    paper.line(MARGIN + 11, y + 9.6, MARGIN + WIDTH, y + 9.6)
    paper.set_y(y + 11)


def certificate(
    name: str, association: str, registration: str, town: str, year: int, hours: Sequence[Hours], on: date
) -> bytes:
    """What the association has validated for this person that year, ready to be signed."""
    title = _("Certificate of volunteer hours, %(year)s", year=year)
    paper = _page(title)
    _text(paper, title, "paper-title", 22, 10)
    paper.ln(6)
    number = _(" (number %(number)s)", number=registration) if registration else ""
    _text(
        paper,
        _(
            "The association %(association)s%(number)s certifies that %(name)s gave it, without pay:",
            association=association,
            number=number,
            name=name,
        ),
        size=13,
        line=7,
    )
    paper.ln(4)
    for line in hours:
        paper.set_font("paper", size=12)
        y = paper.get_y()
        day = dated(line.day, "d MMMM y")
        paper.cell(45, 8, day)
        paper.multi_cell(WIDTH - 70, 8, typography(line.words), align="L", new_x="RIGHT", new_y="TOP")
        bottom = max(paper.get_y(), y) + 8
        paper.set_xy(MARGIN + WIDTH - 25, y)
        paper.cell(25, 8, said(line.minutes), align="R", new_x="LMARGIN", new_y="NEXT")
        paper.set_y(max(bottom, paper.get_y()))
    paper.ln(2)
    _text(paper, _("In all: %(hours)s", hours=said(sum(line.minutes for line in hours))), "paper-bold", 15, 8)
    paper.ln(8)
    day = dated(on, "d MMMM y")
    _text(
        paper,
        _(
            "These hours were validated by the association in the application of %(town)s. Printed on %(day)s.",
            town=town,
            day=day,
        ),
    )
    paper.ln(8)
    _text(paper, _("For the association, name, title and signature:"))
    return bytes(paper.output())
