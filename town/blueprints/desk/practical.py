"""What the town hall says of itself: where it is, when it opens, its telephone, the bins, the numbers of its doctors.

It lives in the registry, with the town's name: home, the town hall's page and the weekly sheet read it from there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from town.commons.audit import audit
from town.commons.people.models import Person
from town.commons.places.hours import Week, normal, suggest
from town.commons.places.hours.expression import Unclear
from town.kernel.tenancy import current_town, towns


@dataclass(frozen=True, slots=True)
class Practical:
    """As people read it. numbers: such as (« Docteur Martin », « 02 99 00 00 10 »)."""

    address: str = ""
    phone: str = ""
    hours: str = ""
    bins: str = ""
    numbers: Sequence[tuple[str, str]] = ()

    @classmethod
    def now(cls) -> "Practical":
        town, said = current_town(), _said()
        numbers = [(str(name), str(number)) for name, number in said.get("numbers", [])]
        words = {name: str(said.get(name, "")) for name in ("address", "hours", "bins")}
        return cls(phone=town.phone, numbers=numbers, **words)

    def keep(self, by: Person) -> None:
        """From now on the town hall says so. Hours that are understood also tell whether it is open at this moment."""
        said: dict[str, Any] = {**_said(), "address": self.address, "hours": self.hours, "bins": self.bins}
        said["numbers"] = [list(pair) for pair in self.numbers]
        more: dict[str, Any] = {}
        if self.hours != _said().get("hours", ""):
            week = understood(self.hours)
            said["opening_hours"] = week.osm if week else ""
            more["opening_days"] = [day for day, spans in enumerate(week.days, 1) if spans] if week else []
        audit("town:practical:change", by)
        towns().registry.change(current_town().slug, phone=self.phone, practical=said, **more)


def _said() -> dict[str, Any]:
    said = current_town().settings.get("practical")
    return said if isinstance(said, dict) else {}


def opening_hours() -> str:
    """When it is open, as OpenStreetMap writes it; nothing where its words were not understood."""
    return str(_said().get("opening_hours") or "")


def understood(words: str) -> Week | None:
    """The week that these words mean, for sure. Town halls are closed on public holidays."""
    try:
        week = Week.of(suggest(words) or normal(words))
    except Unclear:
        return None
    return Week(week.days) if week is not None and any(week.days) else None
