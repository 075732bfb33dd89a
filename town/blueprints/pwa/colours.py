"""The town's colours as the six digits that manifests and pictures understand; stylesheets say them in oklch."""

import math

ENAMEL = 0.4
"""The lightness of the plate at the top of every page, as in tokens.css. A town chooses hue and chroma only."""
STONE = "#f3efe7"
"""The ground of the pages by day, while the app opens."""


def rgb(lightness: float, chroma: float, hue: float) -> tuple[int, int, int]:
    """An oklch colour on screens of today: what sRGB cannot show is clipped. The matrices are Björn Ottosson's."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _channel(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
        _channel(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
        _channel(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short),
    )


def _channel(light: float) -> int:
    light = min(1.0, max(0.0, light))
    return round(255 * (12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055))


def enamel(hue: float, chroma: float) -> str:
    """The colour of the town's plate: `#114684`."""
    return "#" + "".join(f"{channel:02x}" for channel in rgb(ENAMEL, chroma, hue))
