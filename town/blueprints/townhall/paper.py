"""A notice on one page of A4, in the largest letters that hold it, to pin up or to drop into letterboxes."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from flask_babel import force_locale
from flask_babel import gettext as _

from town.blueprints.townhall.models import Notice
from town.commons.board import shorten
from town.commons.short import short_of
from town.kernel.language import day, typography
from town.kernel.media.store import store
from town.kernel.paper import (
    BOLD,
    TEXT,
    TITLE,
    VILLAGE,
    Face,
    Paper,
    begin_with,
    draw_plate,
    draw_village,
    height_of,
)
from town.kernel.tenancy import current_town

WIDTH: Final = 210.0
HEIGHT: Final = 297.0
MARGIN: Final = 14.0
INSIDE: Final = WIDTH - 2 * MARGIN
PADDING: Final = 7.0
SIZES: Final = (30.0, 27.0, 24.0, 22.0, 20.0, 18.0, 16.0, 14.0)
"""Points of the text, the largest first. What the smallest cannot hold is read on the screen, by the code."""
SQUARE: Final = 36.0


@dataclass(frozen=True, slots=True)
class Poster:
    """What the page says, in the town's language."""

    town: str
    sort: str
    title: str
    paragraphs: tuple[str, ...]
    facts: tuple[str, ...]
    how: str
    code: str
    address: str
    arms: Path | None


def poster_of(notice: Notice) -> Poster:
    """The page of a notice that is published."""
    town, short = current_town(), short_of(notice.public_id)
    with force_locale(town.language):
        how = _("To read on, point your phone at the square or type %(address)s.", address=short.typed)
        ask = _("Questions? The town hall answers at %(phone)s.", phone=town.phone.replace(" ", "\u00a0"))
        facts = (
            _days(notice),
            shorten(notice.places, 160) or _("The whole town"),
            _("Signed: %(name)s", name=notice.signature),
        )
        return Poster(
            town=town.name,
            sort=_("Town hall, urgent") if notice.urgent else _("Town hall notice"),
            title=typography(notice.title),
            paragraphs=tuple(typography(line.strip()) for line in notice.words.split("\n") if line.strip()),
            facts=tuple(typography(fact[0].upper() + fact[1:]) for fact in facts if fact),
            how=typography(f"{how} {ask}" if town.phone else how),
            code=short.code,
            address=short.scanned,
            arms=store().file(town.arms, "small") if town.arms else None,
        )


def _days(notice: Notice) -> str:
    first, last = notice.starts_on, notice.ends_on
    if first and last:
        return day(first) if first == last else _("From %(first)s to %(last)s", first=day(first), last=day(last))
    if first:
        return _("From %(first)s on", first=day(first))
    return _("Until %(last)s", last=day(last)) if last else ""


@lru_cache(maxsize=16)
def poster_pdf(poster: Poster) -> bytes:
    """The PDF: one page, always."""
    return draw_poster(poster).file()


def draw_poster(poster: Poster) -> Paper:
    """The page, and the record of where everything stands."""
    paper = Paper(f"{poster.town}, {poster.title}")
    paper.add_page()
    top = draw_plate(paper, poster.arms, poster.town, poster.sort, MARGIN, MARGIN, INSIDE) + 6
    foot = HEIGHT - MARGIN - SQUARE - 12
    parts = _fitting(paper, poster, foot - top - 2 * PADDING)
    bottom = top + 2 * PADDING + _height(parts)
    paper.set_draw_color(0)
    for inset, thick in ((0.0, 0.4), (1.4, 0.9)):
        wide, high = INSIDE - 2 * inset, bottom - top - 2 * inset
        paper.set_line_width(thick)
        paper.rect(MARGIN + inset, top + inset, wide, high, round_corners=True, corner_radius=2)
    y = top + PADDING
    for face, lines, gap in parts:
        y = paper.put_lines(MARGIN + PADDING, y, lines, face, INSIDE - 2 * PADDING) + gap
    village = min(INSIDE, (foot - bottom - 4) * VILLAGE)
    if village >= INSIDE * 0.7:
        draw_village(paper, MARGIN + (INSIDE - village) / 2, foot - village / VILLAGE, village)
    _foot(paper, poster)
    return paper


def _foot(paper: Paper, poster: Poster) -> None:
    left, code = WIDTH - MARGIN - SQUARE, paper.face(BOLD, 18)
    under = HEIGHT - MARGIN - height_of(code.size)
    paper.put_square(left, under - SQUARE - 0.4, SQUARE, poster.address)
    paper.put_lines(left, under, [poster.code], code, SQUARE, "C")
    face, lines = paper.wrapped(poster.how, TEXT, 16, INSIDE - SQUARE - 8)
    paper.put_lines(MARGIN, HEIGHT - MARGIN - len(lines) * height_of(face.size), lines, face, INSIDE - SQUARE - 8)


Parts = list[tuple[Face, list[str], float]]
"""Each with the gap below it."""


def _height(parts: Parts) -> float:
    return sum(len(lines) * height_of(face.size) + gap for face, lines, gap in parts)


def _fitting(paper: Paper, poster: Poster, room: float) -> Parts:
    """The parts in the largest letters that fit; in the smallest, the words are shortened between two of them."""
    for size in SIZES:
        parts = _parts(paper, poster, size)
        if _height(parts) <= room:
            return parts
    words = [number for number, (face, _lines, _gap) in enumerate(parts) if face.font == TEXT]
    for number in reversed(words):
        face, lines, gap = parts[number]
        others = _height(parts) - len(lines) * height_of(face.size)
        most = max(0, int((room - others) / height_of(face.size)))
        kept = begin_with(lines, most, face, INSIDE - 2 * PADDING) if most < len(lines) else lines
        parts[number] = (face, kept, gap if kept else 0.0)
        if _height(parts) <= room:
            break
    return parts


def _parts(paper: Paper, poster: Poster, size: float) -> Parts:
    width, gap = INSIDE - 2 * PADDING, size * 0.15
    said = [(poster.title, TITLE, size * 1.4), *((words, TEXT, size) for words in poster.paragraphs)]
    facts = [(fact, BOLD, min(size, 18.0)) for fact in poster.facts]
    return [(*paper.wrapped(words, font, points, width), gap) for words, font, points in (*said, *facts)]
