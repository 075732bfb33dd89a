"""Who lives around: certified residents of a quarter or of the town, as rows that hold no address and no last name."""

from typing import Any, Final

from sqlalchemy import Select, func, select, tuple_

from town.commons.people.models import Person
from town.commons.places.models import Address, Quarter
from town.kernel.db import db, now

PAGE: Final = 30


def neighbours(quarter_id: int | None = None) -> Select[Any]:
    """Certified residents who appear in the list, of one quarter or of the town, by first name."""
    found: Select[Any] = (
        select(
            Person.public_id,
            Person.first_name,
            func.upper(func.substr(Person.last_name, 1, 1)).label("initial"),
            Person.portrait,
            Person.certified_at,
            Person.certified_how,
            Quarter.name.label("quarter"),
        )
        .join(Address, Address.id == Person.address_id)
        .join(Quarter, Quarter.id == Address.quarter_id)
        .where(Person.certified_until > now(), Person.left_at.is_(None), Person.listed)
        .order_by(Person.folded, Person.id)
        .limit(PAGE + 1)
    )
    return found.where(Address.quarter_id == quarter_id) if quarter_id is not None else found


def after(found: Select[Any], public_id: str) -> Select[Any]:
    """From that person on. A cursor names the person, since the name it sorts by is nobody's business."""
    here = select(Person.folded, Person.id).where(
        Person.public_id == public_id, Person.listed, Person.left_at.is_(None)
    )
    place = db.session.execute(here).first()
    return found.where(tuple_(Person.folded, Person.id) > tuple_(*place)) if place is not None else found
