"""Spots: from what somebody types or taps to a place of this town, and from a place to what strangers may see of it."""

import math
import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Float, Select, cast, false, func, literal, select
from sqlalchemy.orm import joinedload

from town.commons.places.address_line import fold_street, typed
from town.commons.places.models import Address, Place, Street
from town.commons.places.positions import Point, distance_km
from town.kernel.db import db
from town.kernel.text import one_line

MARGIN_KM: Final = 1.5
"""How far beyond its outermost doors a town still goes: fields, woods, the road to the next village."""

PARCEL_KM: Final = 0.030
"""A point as near as this to somebody's door is at their home (SECURITY T5)."""

FEWEST_DOORS: Final = 5
"""A street or quarter with fewer doors says too much about whoever lives there."""

SUGGESTIONS: Final = 8
_DEGREE_KM: Final = 111.2
_NUMBER_AT_END: Final = re.compile(r"(?:^| )(\d{1,5}) ?(bis|ter|quater|quinquies|[abcdqt])?$")


@dataclass(frozen=True, slots=True)
class Extent:
    """The rectangle of degrees that holds every door of the town, and `MARGIN_KM` around."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, point: Point) -> bool:
        lon, lat = point
        return self.west <= lon <= self.east and self.south <= lat <= self.north


@dataclass(frozen=True, slots=True)
class Shown:
    """What anybody may see of a place: words, and a point rounded to some ten metres where there may be one."""

    words: str
    lon: float | None
    lat: float | None


def standing() -> ColumnElement[bool]:
    """The condition on `Address` that it is a door of today whose position is known."""
    return Address.retired_at.is_(None) & Address.lon.is_not(None) & Address.lat.is_not(None)


def extent() -> Extent | None:
    """Where the town is, or None when no door of it has a position."""
    corners = select(func.min(Address.lon), func.min(Address.lat), func.max(Address.lon), func.max(Address.lat))
    west, south, east, north = db.session.execute(corners.where(standing())).one()
    if west is None or south is None or east is None or north is None:
        return None
    up = MARGIN_KM / _DEGREE_KM
    across = up / max(math.cos(math.radians((south + north) / 2)), 0.1)
    return Extent(west - across, south - up, east + across, north + up)


def point_of(lon: str | None, lat: str | None) -> Point | None:
    """Two numbers as a browser sends them; None for anything that is no place on Earth, NaN and infinities included."""
    try:
        there = float(lon or ""), float(lat or "")
    except ValueError:
        return None
    if not all(map(math.isfinite, there)) or abs(there[0]) > 180 or abs(there[1]) > 90:
        return None
    return round(there[0], 6), round(there[1], 6)


def nearest(point: Point) -> Address | None:
    """The door nearest to a point, with its street and quarter."""
    lon, lat = point
    east = (cast(Address.lon, Float) - literal(lon, Float)) * literal(math.cos(math.radians(lat)), Float)
    north = cast(Address.lat, Float) - literal(lat, Float)
    found = select(Address).where(standing()).order_by(east * east + north * north).limit(1)
    return db.session.scalar(found.options(joinedload(Address.street), joinedload(Address.quarter)))


def recognise(words: str) -> tuple[Street | None, Address | None]:
    """The street and the door that a sentence names, such as « devant le 14 rue des Tanneries »."""
    said = f" {fold_street(words)} "
    streets = db.session.scalars(select(Street).options(joinedload(Street.quarter)))
    named = [(name, street) for street in streets if f" {(name := fold_street(street.name))} " in said]
    if not named:
        return None, None
    name, street = max(named, key=lambda pair: len(pair[0]))
    number = _NUMBER_AT_END.search(said[: said.index(f" {name} ")])
    if number is None:
        return street, None
    doors = select(Address).where(Address.retired_at.is_(None), Address.street_id == street.id)
    doors = doors.where(Address.number == int(number[1]), func.lower(Address.suffix) == (number[2] or ""))
    return street, db.session.scalar(doors.options(joinedload(Address.quarter)).limit(1))


def spot(words: str, point: Point | None) -> Place | None:
    """A new place for what was typed and tapped, or None for nothing at all. A tapped point wins over typed words.

    Words that name no street of the town are a landmark: « derrière le lavoir ».
    """
    words = one_line(words, 200)
    if point is not None:
        door = nearest(point)
        place = Place(words=words, lon=point[0], lat=point[1])
        if door is not None:
            place.street, place.quarter = door.street, door.quarter
            place.address = door if _near(point, door) else None
        return place
    if not words:
        return None
    street, door = recognise(words)
    place = Place(words=words, street=street, address=door)
    if door is not None:
        place.quarter, place.lon, place.lat = door.quarter, door.lon, door.lat
    elif street is not None:
        place.quarter = street.quarter
    return place


def seen_by_strangers(place: Place, home: Address | None) -> Shown:
    """What anybody may see of a place told by somebody who lives at `home`: never that home (SECURITY T5).

    There, the street stands for the door; a street of few doors gives way to nothing.
    """
    if not _at_home(place, home):
        words = "" if home is not None and _names(place.words, home) else place.words
        words = words or (place.street.name if place.street else "")
        if place.lon is not None or place.street is None:
            return Shown(words, _rounded(place.lon), _rounded(place.lat))
        _doors, lon, lat = db.session.execute(middle_of(place.street.id)).one()
        return Shown(words, _rounded(lon), _rounded(lat))
    if place.street is None:
        return Shown("", None, None)
    doors, lon, lat = db.session.execute(middle_of(place.street.id)).one()
    if doors < FEWEST_DOORS:
        return Shown("", None, None)
    return Shown(place.street.name, _rounded(lon), _rounded(lat))


def middle_of(street_id: int) -> Select[int, float, float]:
    """How many doors a street has, and the middle of them: where its name is written on a map."""
    return select(func.count(), func.avg(Address.lon), func.avg(Address.lat)).where(
        standing(), Address.street_id == street_id
    )


def suggestions(text: str) -> Select[Address]:
    """The doors that somebody typing may mean, or each street once while no number was typed."""
    asked = typed(text)
    begins = Street.folded.like(f"{asked.street}%")  # folded text holds letters and digits, no wildcard
    street = begins | Street.folded.like(f"% {asked.street}%") if asked.street else false()
    found = select(Address).join(Street, Street.id == Address.street_id).options(joinedload(Address.street))
    found = found.where(Address.retired_at.is_(None), street)
    if asked.number is None:
        first = select(func.min(Address.id)).where(Address.retired_at.is_(None)).group_by(Address.street_id)
        return found.where(Address.id.in_(first)).order_by(begins.desc(), Street.folded).limit(SUGGESTIONS)
    found = found.where(Address.number == asked.number)
    if asked.suffix:
        found = found.where(func.lower(Address.suffix).like(f"{asked.suffix}%"))
    return found.order_by(begins.desc(), Street.folded, Address.suffix).limit(SUGGESTIONS)


def _at_home(place: Place, home: Address | None) -> bool:
    if home is None:
        return False
    if place.address is not None and place.address.id == home.id:
        return True
    if place.lon is None or place.lat is None:
        return False
    return _near((place.lon, place.lat), home)


def _names(words: str, home: Address) -> bool:
    """Whether these words say which door is home: as an address, or the street with the number anywhere beside it."""
    street, door = recognise(words)
    if door is not None:
        return door.id == home.id
    named = (street is not None and street.id == home.street_id) or home.street.folded in fold_street(words)
    return named and str(home.number) in re.findall(r"\d+", words)


def _near(point: Point, door: Address) -> bool:
    return door.lon is not None and door.lat is not None and distance_km(point, (door.lon, door.lat)) <= PARCEL_KM


def _rounded(degrees: float | None) -> float | None:
    return None if degrees is None else round(degrees, 4)
