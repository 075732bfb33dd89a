"""The icon of the town: its bell tower in white on a plate of its colour, drawn in the sizes that devices ask for."""

import hashlib
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw

from town.blueprints.pwa.colours import ENAMEL, rgb

SIZES = {
    "32": 32,
    "96": 96,
    "192": 192,
    "512": 512,
    "maskable-192": 192,
    "maskable-512": 512,
    "apple-touch-icon": 180,
    "favicon": 48,
}
GRID = 48
FINER = 4
WHITE = (255, 255, 255, 255)
Points = list[tuple[float, float]]

# The bell tower on a grid of 48: a spire with its weathervane, the belfry where the bell hangs, the village's ground.
SPIRE: Points = [(24, 8.5), (31, 22), (17, 22)]
TOWER: Points = [(18.25, 23.25), (29.75, 23.25), (29.75, 39), (18.25, 39)]
GROUND: Points = [(12.5, 37.75), (35.5, 37.75), (35.5, 39.5), (12.5, 39.5)]
POLE: Points = [(23.5, 5), (24.5, 5), (24.5, 11), (23.5, 11)]
VANE: Points = [(24, 5), (29, 6.6), (24, 8.2)]
OPENINGS = [(20.75, 25, 27.25, 32), (22.25, 34, 25.75, 37.75)]
BELL = (22.4, 26.6, 25.6, 30.2)
LIP: Points = [(21.7, 29.9), (26.3, 29.9), (26.3, 30.7), (21.7, 30.7)]


@lru_cache(maxsize=256)
def icon(name: str, hue: float, chroma: float) -> bytes:
    """The picture file of that name. KeyError for a name that is none of `SIZES`."""
    size = SIZES[name]
    ground = (*rgb(ENAMEL, chroma, hue), 255)
    whole = name.startswith(("maskable", "apple"))  # these are cut to a shape by the device
    picture = Image.new("RGBA", (size * FINER, size * FINER), ground if whole else (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    unit = size * FINER / GRID
    if not whole:
        draw.rounded_rectangle((0, 0, GRID * unit - 1, GRID * unit - 1), 10 * unit, fill=ground)
    if not name.startswith("maskable") and size > 48:
        inner = (2.75 * unit, 2.75 * unit, (GRID - 2.75) * unit, (GRID - 2.75) * unit)
        draw.rounded_rectangle(inner, 7.75 * unit, outline=WHITE, width=round(0.9 * unit))
    # a mask may cut all but the middle four fifths; a very small icon fills its square
    scale = 0.78 if name.startswith("maskable") else 1.24 if size <= 48 else 1.0
    _tower(draw, unit, scale, ground)
    picture = picture.resize((size, size), Image.Resampling.LANCZOS)
    file = BytesIO()
    if name == "favicon":
        picture.save(file, "ICO", sizes=[(16, 16), (32, 32), (48, 48)])
    else:
        few = picture.quantize(64, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        few.save(file, "PNG", optimize=True)
    return file.getvalue()


def _tower(draw: ImageDraw.ImageDraw, unit: float, scale: float, ground: tuple[int, ...]) -> None:
    def at(x: float, y: float) -> tuple[float, float]:
        return (24 + (x - 24) * scale) * unit, (24 + (y - 23) * scale) * unit

    def arch(left: float, top: float, right: float, bottom: float, fill: tuple[int, ...]) -> None:
        half = (right - left) / 2
        draw.ellipse((*at(left, top), *at(right, top + 2 * half)), fill=fill)
        draw.rectangle((*at(left, top + half), *at(right, bottom)), fill=fill)

    for shape in (POLE, VANE, SPIRE, TOWER, GROUND):
        draw.polygon([at(x, y) for x, y in shape], fill=WHITE)
    for opening in OPENINGS:
        arch(*opening, ground)
    arch(*BELL, WHITE)
    draw.polygon([at(x, y) for x, y in LIP], fill=WHITE)


def digest(hue: float, chroma: float) -> str:
    """Changes with the town's colour and with this drawing, so that icons may be kept forever."""
    return hashlib.sha256(icon("96", hue, chroma)).hexdigest()[:12]
