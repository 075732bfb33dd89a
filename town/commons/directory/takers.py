"""What becomes of a register's lines: the feature that keeps such pages says it. None does, and the file is refused."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar

from town.commons.directory.lines import Line
from town.commons.people.organisations import Organisation
from town.commons.places.models import Place
from town.kernel.features import is_on


@dataclass(frozen=True, slots=True)
class Sorted:
    """What a line is, in words; whether it is proposed, or left out unless somebody ticks it."""

    words: str
    proposed: bool


class Taker(Protocol):
    """A feature's hands: feature: its name, since it may be off. table: that of its own rows."""

    feature: str
    table: str

    def sort(self, line: Line) -> Sorted: ...

    def add(self, line: Line, place: Place | None) -> Organisation:
        """Its page, published."""

    def states(self, organisation_ids: Collection[int]) -> dict[int, dict[str, Any]]:
        """By organisation, all that its page says, as JSON, and the `id` of its row. What has changed is not undone."""

    def remove(self, organisation: Organisation) -> None:
        """The feature's own row and its card leave without a trace; the organisation goes after them."""


SHARED: Final = ("name", "phone", "email", "website", "registration", "closed_at", "place_id")


def state_of(page: Any) -> dict[str, Any]:
    """All that a feature's row and its organisation say, as JSON."""
    organisation: Organisation = page.organisation
    own = {column.key: getattr(page, column.key) for column in page.__table__.columns}
    shared = {f"organisation.{part}": getattr(organisation, part) for part in SHARED}
    said = own | shared | {"organisation.where": organisation.place.words if organisation.place else ""}
    return {part: value.isoformat() if isinstance(value, datetime) else value for part, value in said.items()}


T = TypeVar("T", bound=type[Any])
_takers: dict[str, Taker] = {}


def taker_of(register: str) -> Callable[[T], T]:
    """Declare who takes the lines of a register: `sirene` or `rna`. The class is made once, without arguments."""

    def declare(cls: T) -> T:
        if register in _takers:
            raise ValueError(f"{register} is taken twice")
        _takers[register] = cls()
        return cls

    return declare


def takers() -> dict[str, Taker]:
    """By register, those whose feature is on in this town."""
    return {register: taker for register, taker in _takers.items() if is_on(taker.feature)}
