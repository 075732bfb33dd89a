"""From an address file to the town's streets and doors, the first time and every time a newer file comes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import select

from town.commons.places.address_file import AddressRow
from town.commons.places.models import Address, Quarter, Street
from town.kernel.db import db, now
from town.kernel.text import fold


@dataclass
class Laid:
    """What a file changed, in numbers of doors."""

    added: int = 0
    changed: int = 0
    retired: int = 0
    kept: int = 0


def lay_out(rows: Iterable[AddressRow], town_name: str, progress: Callable[[int], None] = lambda done: None) -> Laid:
    """Store the doors of the file, in this transaction. Doors that left it are retired: a resident may live there.

    The key of a door never changes, so whoever lives there goes on living there when its street is renamed.
    """
    laid = Laid()
    quarters = {quarter.name: quarter for quarter in db.session.scalars(select(Quarter))}
    streets = {street.name: street for street in db.session.scalars(select(Street))}
    doors = {door.key: door for door in db.session.scalars(select(Address))}
    seen: set[str] = set()
    for done, row in enumerate(rows, 1):
        if row.key in seen:
            continue
        seen.add(row.key)
        quarter = quarters.get(row.quarter or town_name)
        if quarter is None:
            quarter = quarters[row.quarter or town_name] = Quarter(name=row.quarter or town_name)
            db.session.add(quarter)
        street = streets.get(row.street)
        if street is None:
            street = streets[row.street] = Street(name=row.street, folded=fold(row.street), quarter=quarter)
            db.session.add(street)
        number = f"{row.number or ''} {row.suffix}".strip()
        values = {
            "street": street,
            "number": row.number,
            "suffix": row.suffix,
            "postcode": row.postcode,
            "lon": row.lon,
            "lat": row.lat,
            "folded": fold(f"{number} {row.street}"),
            "retired_at": None,
        }
        door = doors.get(row.key)
        if door is None:
            db.session.add(Address(key=row.key, quarter=quarter, **values))
            laid.added += 1
        elif any(getattr(door, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(door, name, value)
            laid.changed += 1
        else:
            laid.kept += 1
        progress(done)
    for key, door in doors.items():
        if key not in seen and door.retired_at is None:
            door.retired_at = now()
            laid.retired += 1
    db.session.flush()
    return laid
