"""Published factors: what making a thing, or travelling a kilometre, emits; and the share that an exchange avoids."""

import csv
import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

DATA: Final = files("town") / "data" / "impact"


class Perimeter(StrEnum):
    """What a factor counts. Figures of two perimeters are never added."""

    MANUFACTURE = "manufacture"  # Base Carbone (bc-*): raw materials, assembly, delivery; neither use nor end of life
    LIFE_CYCLE = "life-cycle"  # Impact CO2 (ic2-*): the whole life, use and end included
    JOURNEY = "journey"  # Impact CO2, per passenger.km: whether roads and rails are included is not said


_PERIMETERS: Final = {
    "cradle-to-customer": Perimeter.MANUFACTURE,
    "life cycle": Perimeter.LIFE_CYCLE,
    "per passenger.km": Perimeter.JOURNEY,
}
_DATES: Final = ((re.compile(r"(\d{4}-\d{2})$"), "{}"), (re.compile(r"déc\.-(\d{2})$"), "20{}-12"))
_ADDRESS: Final = re.compile(r"https?://\S+")
_BASE_CARBONE: Final = "https://base-empreinte.ademe.fr/"


@dataclass(frozen=True, slots=True)
class Factor:
    """One line of the tables: kilograms of CO2e for one `unit`, or (without perimeter) a share between 0 and 1.

    low, high: the range in which the value lies; the value itself where the source publishes none.
    valid_until: the month that the source gives, 2023-12, or nothing. own: the town has put its own value here.
    """

    id: str
    label: str
    unit: str
    value: Decimal
    low: Decimal
    high: Decimal
    perimeter: Perimeter | None
    category: str
    source: str
    valid_until: str
    own: bool = False

    @property
    def is_share(self) -> bool:
        return self.perimeter is None

    @property
    def url(self) -> str:
        """Where the source publishes it."""
        found = _ADDRESS.search(self.source)
        return found[0] if found else _BASE_CARBONE if self.id.startswith("bc-") else ""

    @property
    def publisher(self) -> str:
        """The source in words, without its address."""
        return (
            _ADDRESS.sub("", self.source).replace(" public/equivalents.csv", "").replace(", element ", ", n° ").strip()
        )


@cache
def published() -> MappingProxyType[str, Factor]:
    """Every factor and share that comes with this version of the software, by id."""
    found: dict[str, Factor] = {}
    for name in ("shares.csv", "factors.csv"):
        text = (DATA / name).read_text(encoding="utf-8")
        for row in csv.DictReader(text.splitlines()):
            found[row["id"]] = _read(row)
    return MappingProxyType(found)


def _read(row: dict[str, str]) -> Factor:
    value = Decimal(row["value"])
    return Factor(
        id=row["id"],
        label=row["label"],
        unit=row["unit"],
        value=value,
        low=Decimal(row.get("low") or value),
        high=Decimal(row.get("high") or value),
        perimeter=_perimeter(row["perimeter"]) if "perimeter" in row else None,
        category=row.get("category", ""),
        source=row["source"],
        valid_until=_month(row["valid_until"]),
    )


def _perimeter(words: str) -> Perimeter:
    return next(perimeter for start, perimeter in _PERIMETERS.items() if words.startswith(start))


def _month(words: str) -> str:
    """2023-12, of « 2023-12 » or « déc.-23 ». A version of the source is no date until which it holds."""
    for pattern, form in _DATES:
        if found := pattern.match(words):
            return form.format(found[1])
    return ""
