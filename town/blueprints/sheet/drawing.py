"""The sheet on paper, as it was composed: black on white, so that any printer and photocopier does."""

from functools import lru_cache

from town.blueprints.sheet.composing import (
    GUTTER,
    HEIGHT,
    INSIDE,
    MARGIN,
    WIDTH,
    Block,
    Foot,
    Laid,
    Lines,
    Matter,
    compose,
    gap,
    side,
)
from town.kernel.paper import BOLD, VILLAGE, Paper, draw_icon, draw_plate, draw_village, height_of

LEAST_VILLAGE = 20.0
"""Under this height it would be a smudge."""


@lru_cache(maxsize=16)
def sheet_pdf(matter: Matter) -> bytes:
    """The PDF of this matter: one page, always."""
    return draw(matter).file()


def draw(matter: Matter) -> Paper:
    """The page with everything on it, and the record of where it stands."""
    laid = compose(matter)
    paper = Paper(f"{matter.town}, {matter.week}")
    paper.add_page()
    y = draw_plate(paper, matter.arms, matter.town, matter.week, MARGIN, MARGIN, INSIDE) + gap(laid.size)
    for block in laid.top:
        _frame(paper, block, laid.size, y)
        y += block.height + gap(laid.size) + laid.air
    count = len(laid.columns)
    width = (INSIDE - GUTTER * (count - 1)) / count
    ends = [y]
    for number, column in enumerate(laid.columns):
        ends.append(_column(paper, column, laid, MARGIN + number * (width + GUTTER), y, width))
    _foot(paper, laid.foot, HEIGHT - MARGIN - laid.foot.height)
    _village(paper, max(ends), HEIGHT - MARGIN - laid.foot.height)
    return paper


def _column(paper: Paper, blocks: tuple[Block, ...], laid: Laid, x: float, y: float, width: float) -> float:
    for block in blocks:
        if block.sort == "heading":
            _heading(paper, block, x, y, width)
        else:
            _said(paper, block, laid.size, x, y, width)
        y += block.height + gap(laid.size) + laid.air
    return y


def _said(paper: Paper, block: Block, size: float, x: float, y: float, width: float) -> None:
    """An item: its words, and its square with the code under it at the right."""
    if block.address:
        square = side(size)
        left = x + width - square
        paper.put_square(left, y + 0.8, square, block.address)
        code = paper.fitting(block.code, BOLD, size, square)
        under = y + square + 1 + (height_of(size) - height_of(code.size)) / 2
        paper.put_lines(left, under, [block.code], code, square, "C")
    for lines in block.texts:
        y = _put(paper, lines, x, y, width)


def _put(paper: Paper, lines: Lines, x: float, y: float, width: float) -> float:
    return paper.put_lines(x, y, lines.lines, paper.face(lines.font, lines.size), width)


def _heading(paper: Paper, block: Block, x: float, y: float, width: float) -> None:
    high = block.height - 1.5
    draw_icon(paper, block.icon, x, y + 0.3, high - 0.6)
    _put(paper, block.texts[0], x + high + 2, y, width)
    paper.set_line_width(0.6)
    paper.set_draw_color(0)
    paper.line(x, y + block.height, x + width, y + block.height)


def _frame(paper: Paper, block: Block, size: float, y: float) -> None:
    """White paper with a double rule is the town hall's alone."""
    paper.set_draw_color(0)
    paper.set_line_width(0.3)
    paper.rect(MARGIN, y, INSIDE, block.height, round_corners=True, corner_radius=1.5)
    paper.set_line_width(0.7)
    paper.rect(MARGIN + 1.2, y + 1.2, INSIDE - 2.4, block.height - 2.4, round_corners=True, corner_radius=1)
    _said(paper, block, size, MARGIN + 6, y + 4, INSIDE - 12)


def _foot(paper: Paper, foot: Foot, y: float) -> None:
    paper.set_draw_color(0)
    for thick, down in ((0.7, 0.0), (0.25, 1.1)):
        paper.set_line_width(thick)
        paper.line(MARGIN, y + down, WIDTH - MARGIN, y + down)
    below = foot.stacked
    width = INSIDE if below else (INSIDE - GUTTER * (len(foot.parts) - 1)) / max(1, len(foot.parts))
    x, top = MARGIN, y + 3
    for part in foot.parts:
        line = top
        for lines in part:
            line = _put(paper, lines, x, line, width)
        x, top = (x, line + 2) if below else (x + width + GUTTER, top)
    _put(paper, foot.how, MARGIN, HEIGHT - MARGIN - foot.how.height, INSIDE)


def _village(paper: Paper, top: float, bottom: float) -> None:
    """Where the page has room for it; it never takes any from the words."""
    high = min(INSIDE / VILLAGE, bottom - top)
    if high >= LEAST_VILLAGE:
        draw_village(paper, MARGIN + (INSIDE - high * VILLAGE) / 2, bottom - high, high * VILLAGE)
