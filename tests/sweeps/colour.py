"""Reads the colours of tokens.css as a browser does, and measures contrast as WCAG does."""

import math
import re
from dataclasses import dataclass

Colour = tuple[float, float, float]  # linear sRGB, each 0-1


def block(css: str, selector: str) -> str:
    """What stands between the braces after the selector's last occurrence in the text."""
    start = css.index("{", css.rindex(selector)) + 1
    depth, end = 1, start
    while depth:
        depth += {"{": 1, "}": -1}.get(css[end], 0)
        end += 1
    return css[start : end - 1]


def declared(text: str) -> dict[str, str]:
    """The custom properties of a block."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return {name: value.strip() for name, value in re.findall(r"(--[\w-]+):\s*([^;]+);", text)}


@dataclass
class Palette:
    """The tokens of one theme, for one town's hue and chroma and one kind's hue."""

    tokens: dict[str, str]

    def __getitem__(self, name: str) -> Colour:
        return self.colour(self.tokens[f"--{name}"])

    def colour(self, value: str) -> Colour:
        value = self._filled(value)
        if value.startswith("#"):
            digits = value[1:] if len(value) == 7 else "".join(2 * digit for digit in value[1:])
            return _linear(*(int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)))
        mixed = re.fullmatch(r"color-mix\(in oklab, (oklch\(.*?\)) (\d+)%, (oklch\(.*?\))\)", value)
        if mixed:
            one, share, other = _oklab(mixed[1]), float(mixed[2]) / 100, _oklab(mixed[3])
            return _from_oklab([a * share + b * (1 - share) for a, b in zip(one, other, strict=True)])
        return _from_oklab(_oklab(value))

    def _filled(self, value: str) -> str:
        while "var(" in value:
            value = re.sub(r"var\((--[\w-]+)\)", lambda found: self.tokens[found[1]], value)
        value = re.sub(r"calc\(([\d.]+) \* ([\d.]+)\)", lambda found: str(float(found[1]) * float(found[2])), value)
        return re.sub(r"min\(([\d.]+), ([\d.]+)\)", lambda found: str(min(float(found[1]), float(found[2]))), value)


def contrast(one: Colour, other: Colour) -> float:
    """The WCAG ratio, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = colour
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(*channels: float) -> Colour:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return red, green, blue


def _oklab(value: str) -> list[float]:
    found = re.fullmatch(r"oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)", value)
    assert found, f"a colour written in a way this reader does not know: {value}"
    lightness, chroma, hue = (float(part) for part in found.groups())
    return [lightness, chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))]


def _from_oklab(lab: list[float]) -> Colour:
    """Björn Ottosson's matrices; what sRGB cannot show is clipped."""
    lightness, a, b = lab
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    return tuple(min(1.0, max(0.0, channel)) for channel in (red, green, blue))  # type: ignore[return-value]  # three of them
