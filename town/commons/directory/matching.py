"""Whether the town knows a line already, and where in the town it is. Each is read once for a whole file."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from town.commons.directory.lines import Line, after_number, cased_address
from town.commons.people.organisations import Organisation
from town.commons.places.address_line import fold_street, typed
from town.commons.places.models import Address, Place, Street
from town.kernel.db import db
from town.kernel.text import fold

NEW, HERE = "new", "here"
VERDICTS: Final = (NEW, HERE)


class Known:
    """The organisations of the town as they are now, closed ones included: what the town hall took out stays out."""

    def __init__(self) -> None:
        found = select(Organisation).options(joinedload(Organisation.place).joinedload(Place.street))
        self._numbers: dict[str, Organisation] = {}
        self._names: dict[str, list[tuple[str, Organisation]]] = {}
        for organisation in db.session.scalars(found):
            self.learn(organisation, _street_of(organisation.place))

    def learn(self, organisation: Organisation, street: str) -> None:
        if organisation.registration:
            self._numbers[organisation.registration] = organisation
        self._names.setdefault(organisation.folded, []).append((street, organisation))

    def namesake(self, line: Line) -> Organisation | None:
        """One that bears its name, wherever it is: it may have moved, or be another one."""
        return next((one for _, one in self._names.get(fold(line.name)[:240], ())), None)

    def find(self, line: Line) -> Organisation | None:
        """By its number; else by its name in the same street, or in none where no number says that it is another."""
        if (known := self._numbers.get(line.registration)) is not None:
            return known
        street = street_said(line.where)
        for theirs, one in self._names.get(fold(line.name)[:240], ()):
            unsaid = not (street and theirs) and one.registration is None
            if unsaid or (street and street == theirs):
                return one
        return None


def street_said(where: str) -> str:
    return fold_street(typed(where).street) if where else ""


def _street_of(place: Place | None) -> str:
    if place is None:
        return ""
    return fold_street(place.street.name) if place.street else street_said(place.words)


class Spots:
    """The streets and doors of the town."""

    def __init__(self) -> None:
        self._streets = {fold_street(street.name): street for street in db.session.scalars(select(Street))}
        doors = db.session.scalars(select(Address).where(Address.retired_at.is_(None)))
        self._doors = {(door.street_id, door.number, door.suffix.casefold()): door for door in doors}

    def words(self, where: str) -> str:
        """An address as a register writes it, as people do: « 12 RUE DES TANNERIES » is « 12 rue des Tanneries »."""
        said = typed(where)
        street = self._streets.get(fold_street(said.street))
        if street is None:
            return cased_address(where)[:200]
        number = f"{said.number or ''} {said.suffix}".strip()
        name = after_number(street.name) if number else street.name
        return f"{number} {name}".strip()

    def place(self, where: str) -> Place | None:
        """A new place for such an address. None for no address."""
        if not where:
            return None
        said, place = typed(where), Place(words=self.words(where))
        street = self._streets.get(fold_street(said.street))
        if street is not None:
            place.street, place.quarter_id = street, street.quarter_id
            door = self._doors.get((street.id, said.number, said.suffix))
            if door is not None:
                place.address_id, place.quarter_id, place.lon, place.lat = door.id, door.quarter_id, door.lon, door.lat
        return place
