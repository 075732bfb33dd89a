"""From an address file to the town's streets and doors, the first time and every time a newer file comes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from town.commons.places.address_line import fold_street
from town.commons.places.address_row import AddressRow
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


class Doors:
    """The doors that the town knows, found by what a newer file says of them: either key, else street and number.

    A file that gains the national ids must not turn every resident's door into another one.
    """

    def __init__(self) -> None:
        self.all = list(db.session.scalars(select(Address)))
        self._by_key = {door.key: door for door in self.all}
        self._by_line = {door.folded: door for door in self.all}

    def find(self, row: AddressRow) -> Address | None:
        for key in (row.key, *row.other_keys):
            if key in self._by_key:
                return self._by_key[key]
        return self._by_line.get(_folded(row))


def _folded(row: AddressRow) -> str:
    number = "" if row.number is None else row.number
    return f"{number} {fold(row.suffix)} {fold_street(row.street)}".strip().replace("  ", " ")


def lay_out(rows: Sequence[AddressRow], town_name: str, progress: Callable[[int], None] = lambda done: None) -> Laid:
    """Store the doors of the file, in this transaction. Doors that left it are retired: a resident may live there.

    A renamed street stays the same street; quarters of known doors stay as staff may have regrouped them.
    """
    laid = Laid()
    doors = Doors()
    quarters = {quarter.name: quarter for quarter in db.session.scalars(select(Quarter))}
    streets = {street.name: street for street in db.session.scalars(select(Street))}
    named = {row.street for row in rows}
    met: set[int] = set()
    for done, row in enumerate(rows, 1):
        progress(done)
        door = doors.find(row)
        if door is not None and id(door) in met:
            continue
        quarter = door.quarter if door is not None else quarters.get(row.quarter or town_name)
        if quarter is None:
            quarter = quarters[row.quarter or town_name] = Quarter(name=row.quarter or town_name)
            db.session.add(quarter)
        street = streets.get(row.street)
        if street is None and door is not None and door.street.name not in named:
            street = streets[row.street] = streets.pop(door.street.name)
            street.name, street.folded = row.street, fold_street(row.street)
        if street is None:
            street = streets[row.street] = Street(name=row.street, folded=fold_street(row.street), quarter=quarter)
            db.session.add(street)
        values = {
            "key": row.key,
            "street": street,
            "number": row.number,
            "suffix": row.suffix,
            "postcode": row.postcode or "",
            "lon": row.lon,
            "lat": row.lat,
            "folded": _folded(row),
            "retired_at": None,
        }
        if door is None:
            door = Address(quarter=quarter, **values)
            db.session.add(door)
            laid.added += 1
        elif any(getattr(door, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(door, name, value)
            laid.changed += 1
        else:
            laid.kept += 1
        met.add(id(door))
    for door in doors.all:
        if id(door) not in met and door.retired_at is None:
            door.retired_at = now()
            laid.retired += 1
    db.session.flush()
    return laid
