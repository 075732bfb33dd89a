"""Where an address stands: longitude and latitude, from what the file says and within reach of its municipality."""

import math
from typing import Final

from town.commons.places.communes import Commune

Point = tuple[float, float]

# Lambert-93, from the constants published by IGN (NTG 71, ALG0001 to ALG0004): ellipsoid GRS 80, meridian 3° East.
_FIRST_ECCENTRICITY: Final = 0.08181919104281579
_EXPONENT: Final = 0.7256077650532670
_CONSTANT: Final = 11754255.4261
_FALSE_EASTING: Final = 700000.0
_FALSE_NORTHING: Final = 12655612.0499
_MERIDIAN: Final = 3.0

_DEGREE_KM: Final = 111.2
# Large enough for the longest municipality (Arles: 40 km; overseas, archipelagos), small enough to see a wrong point.
_REACH_KM: Final = 60.0
_REACH_OVERSEAS_KM: Final = 700.0


def number(text: str) -> float | None:
    """A decimal as people write it: `48.1`, `48,1`, ` 906 010,92 `; None when it is no finite number."""
    try:
        value = float("".join(text.split()).replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def point(first: str, second: str, commune: Commune) -> Point | None:
    """Longitude and latitude, if they are two numbers and a place of this municipality."""
    lon, lat = number(first), number(second)
    if lon is None or lat is None or not within_reach((lon, lat), commune):
        return None
    return round(lon, 7), round(lat, 7)


def projected(first: str, second: str, commune: Commune) -> Point | None:
    """The same from metres in Lambert-93. Overseas uses other projections, that this does not read."""
    x, y = number(first), number(second)
    if x is None or y is None or overseas(commune) or not (0 < x < 1_400_000 and 6_000_000 < y < 7_300_000):
        return None
    lon, lat = from_lambert93(x, y)
    return (round(lon, 7), round(lat, 7)) if within_reach((lon, lat), commune) else None


def overseas(commune: Commune) -> bool:
    return commune.departement.startswith(("97", "98"))


def within_reach(place: Point, commune: Commune) -> bool:
    """Whether a point is on Earth and not absurdly far from the centre of the municipality, where that is known."""
    lon, lat = place
    if not (-180 <= lon <= 180 and -90 <= lat <= 90) or (abs(lon) < 0.001 and abs(lat) < 0.001):
        return False
    if commune.lon is None or commune.lat is None:
        return True
    return distance_km(place, (commune.lon, commune.lat)) < (_REACH_OVERSEAS_KM if overseas(commune) else _REACH_KM)


def distance_km(here: Point, there: Point) -> float:
    """Kilometres between two points not too far apart."""
    east = (there[0] - here[0] + 180) % 360 - 180
    east *= math.cos(math.radians((here[1] + there[1]) / 2))
    return math.hypot(east, there[1] - here[1]) * _DEGREE_KM


def from_lambert93(x: float, y: float) -> Point:
    """Longitude and latitude (RGF93, WGS 84 within a metre) of a point in Lambert-93 metres."""
    east, north = x - _FALSE_EASTING, _FALSE_NORTHING - y
    radius = math.hypot(east, north)
    lon = _MERIDIAN + math.degrees(math.atan2(east, north) / _EXPONENT)
    isometric = math.log(_CONSTANT / radius) / _EXPONENT
    latitude = 2 * math.atan(math.exp(isometric)) - math.pi / 2
    while True:
        slant = _FIRST_ECCENTRICITY * math.sin(latitude)
        better = 2 * math.atan(
            ((1 + slant) / (1 - slant)) ** (_FIRST_ECCENTRICITY / 2) * math.exp(isometric)
        ) - math.pi / 2  # fmt: skip
        if abs(better - latitude) < 1e-11:
            return lon, math.degrees(better)
        latitude = better
