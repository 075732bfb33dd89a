"""Paper: what every PDF of the town shares. Fonts, words measured before they are drawn, QR codes, the town's plate."""

from town.kernel.paper.ornaments import VILLAGE, draw_icon, draw_plate, draw_village
from town.kernel.paper.sheet import BOLD, TEXT, TITLE, Box, Paper, height_of
from town.kernel.paper.words import DOTS, Face, begin_with, break_lines, printable

__all__ = [
    "BOLD",
    "DOTS",
    "TEXT",
    "TITLE",
    "VILLAGE",
    "Box",
    "Face",
    "Paper",
    "begin_with",
    "break_lines",
    "draw_icon",
    "draw_plate",
    "draw_village",
    "height_of",
    "printable",
]
