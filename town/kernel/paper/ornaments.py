"""What makes a sheet the town's: its plate with the coat of arms, icons, the village. In black on white alone."""

import re
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image

from town.kernel.assets import STATIC
from town.kernel.paper.sheet import TEXT, TITLE, Paper, height_of

_DRAWINGS: Final = Path(__file__).parents[2] / "templates" / "components"
_GREYS: Final = {"w": "#e8e8e8", "r": "#6a6a6a", "r2": "#858585", "l": "#ffffff", "t": "#505050", "s": "#383838"}
"""Of the village, by the classes of its drawing: walls, roofs, windows, trees, slate."""
_HEAD: Final = '<svg xmlns="http://www.w3.org/2000/svg" '
_LINES: Final = 'fill="none" stroke="#000" stroke-linecap="round" stroke-linejoin="round"'
VILLAGE: Final = 6.0
"""The village is so many times wider than high."""


@cache
def _icon(name: str) -> bytes:
    sprite = (STATIC / "icons" / "sprite.svg").read_text()
    found = re.search(rf'<symbol id="i-{re.escape(name)}" viewBox="0 0 24 24">(.*?)</symbol>', sprite)
    if found is None:
        raise LookupError(f"no icon is called {name!r}")
    return f'{_HEAD}viewBox="0 0 24 24"><g {_LINES} stroke-width="1.75">{found[1]}</g></svg>'.encode()


@cache
def _village() -> bytes:
    drawn = (_DRAWINGS / "skyline.svg").read_text()
    for name, grey in _GREYS.items():
        drawn = drawn.replace(f'class="{name}"', f'fill="{grey}"')
    return re.sub(r"<svg [^>]*>", f'{_HEAD}viewBox="0 0 780 130">', drawn).encode()


@cache
def _shield() -> bytes:
    drawn = (_DRAWINGS / "arms.svg").read_text()
    drawn = drawn.replace('class="f"', 'fill="#fff" stroke="#000" stroke-width="2"')
    drawn = drawn.replace('class="s"', f'{_LINES} stroke-width="2"')
    return re.sub(r"<svg [^>]*>", f'{_HEAD}viewBox="0 0 40 48">', drawn).encode()


def draw_icon(paper: Paper, name: str, x: float, y: float, side: float) -> None:
    """One of the icons of the screens."""
    paper.image(BytesIO(_icon(name)), x, y, side, side)


def draw_village(paper: Paper, x: float, y: float, width: float) -> None:
    """The village, with its bottom line: `width / VILLAGE` high."""
    paper.image(BytesIO(_village()), x, y, width, width / VILLAGE)
    paper.set_draw_color(0)
    paper.set_line_width(0.5)
    paper.line(x, y + width / VILLAGE, x + width, y + width / VILLAGE)


def _draw_arms(paper: Paper, arms: Path | None, x: float, y: float, width: float, height: float) -> None:
    if arms is None:
        paper.image(BytesIO(_shield()), x, y, width, height)
        return
    with Image.open(arms) as coloured:
        grey = coloured.convert("LA")
    paper.image(grey, x, y, width, height, keep_aspect_ratio=True)


def draw_plate(paper: Paper, arms: Path | None, name: str, under: str, x: float, y: float, width: float) -> float:
    """The town's street plate: its coat of arms, its name, a line under it. Answers where it ends."""
    inside = width - 28
    title, small = paper.fitting(name, TITLE, 27, inside, 14), paper.fitting(under, TEXT, 14, inside, 10)
    high = height_of(title.size) + height_of(small.size) + 7
    paper.set_draw_color(0)
    paper.set_line_width(0.9)
    paper.rect(x, y, width, high, round_corners=True, corner_radius=3)
    paper.set_line_width(0.3)
    paper.rect(x + 1.5, y + 1.5, width - 3, high - 3, round_corners=True, corner_radius=2)
    shield = min(high - 7, 17)
    _draw_arms(paper, arms, x + 5, y + (high - shield) / 2, shield * 5 / 6, shield)
    line = paper.put_lines(x + 23, y + 3.2, [name], title, inside)
    paper.put_lines(x + 23, line, [under], small, inside)
    return y + high
