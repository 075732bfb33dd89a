"""Whom a thing concerns: the town, some quarters, some streets. Relevance orders and notifies; it never permits."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select, true

from town.commons.places.models import Address, Quarter, Street
from town.kernel.db import db

TOWN = "town"


@dataclass(frozen=True, slots=True)
class Concerns:
    """Some streets and quarters, by id; neither means the whole town."""

    quarters: tuple[int, ...] = ()
    streets: tuple[int, ...] = ()

    @property
    def whole_town(self) -> bool:
        return not self.quarters and not self.streets

    def tokens(self) -> list[str]:
        """The rows under which the card is found: its streets, the quarters they touch, and always the town."""
        found = [f"street:{street}" for street in self.streets]
        around = set(self.quarters)
        if self.streets:
            around.update(
                db.session.scalars(select(Address.quarter_id).where(Address.street_id.in_(self.streets)).distinct())
            )
        found += [f"quarter:{quarter}" for quarter in sorted(around)]
        return [*found, TOWN]

    def doors(self) -> ColumnElement[bool]:
        """The condition on `Address` that means "told": the right street, and no other.

        Doors that left the address file are among them: somebody may live behind one.
        """
        if self.whole_town:
            return true()
        return or_(Address.quarter_id.in_(self.quarters), Address.street_id.in_(self.streets))

    def addresses(self) -> ColumnElement[bool]:
        """The same, for the doors of today's address file."""
        return Address.retired_at.is_(None) & self.doors()

    def households(self) -> int:
        """How many distinct addresses are concerned."""
        return db.session.scalar(select(func.count()).select_from(Address).where(self.addresses())) or 0

    def to_json(self) -> dict[str, list[int]]:
        return {"quarters": list(self.quarters), "streets": list(self.streets)}

    @classmethod
    def from_json(cls, kept: dict[str, list[int]]) -> "Concerns":
        return cls(tuple(kept.get("quarters", ())), tuple(kept.get("streets", ())))


def quarters() -> Select[Quarter]:
    return select(Quarter).order_by(Quarter.name)


def streets() -> Select[Street]:
    return select(Street).order_by(Street.name)


def names(concerns: Concerns) -> Iterable[str]:
    """The names of what is concerned, for people to read."""
    yield from db.session.scalars(select(Quarter.name).where(Quarter.id.in_(concerns.quarters)).order_by(Quarter.name))
    yield from db.session.scalars(select(Street.name).where(Street.id.in_(concerns.streets)).order_by(Street.name))
