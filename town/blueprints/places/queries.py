"""What a map of the town is drawn from."""

from collections.abc import Collection

from sqlalchemy import Select, func, select

from town.commons.places.models import Address, Street
from town.commons.places.spots import standing


def doors() -> Select[float | None, float | None, str]:
    """Where doors stand, and the public id of their street. Neither number nor who lives there."""
    found = select(Address.lon, Address.lat, Street.public_id).join(Street, Street.id == Address.street_id)
    return found.where(standing()).order_by(Address.lon, Address.lat)


def street_names(only: Collection[str] = ()) -> Select[str, str, float, float]:
    """Every street's public id, its name, and where it is written: the middle of its doors."""
    middle = (func.avg(Address.lon), func.avg(Address.lat))
    found = select(Street.public_id, Street.name, *middle).join(Address, Address.street_id == Street.id)
    found = found.where(standing()).group_by(Street.id).order_by(func.count().desc(), Street.name)
    return found.where(Street.public_id.in_(only)) if only else found
