"""The municipalities of France, from packaged data: name, postcodes, population, centre and time zone by INSEE code."""

import csv
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

_DATA: Final = files("town").joinpath("data")
_INSEE: Final = re.compile(r"[0-9][0-9AB][0-9]{3}")
# Districts of the three cities that have any: addresses bear their codes.
_DISTRICTS: Final = {
    **dict.fromkeys((str(code) for code in range(75101, 75121)), "75056"),
    **dict.fromkeys((str(code) for code in range(69381, 69390)), "69123"),
    **dict.fromkeys((str(code) for code in range(13201, 13217)), "13055"),
}
# French Polynesia keeps three times.
_TIMES: Final = {
    **dict.fromkeys(("98718", "98723", "98731", "98746", "98756", "98757"), "Pacific/Marquesas"),
    "98719": "Pacific/Gambier",
}
PARIS_TIME: Final = "Europe/Paris"


@dataclass(frozen=True, slots=True)
class Commune:
    """A municipality as the official geographic code knows it. Without a known centre, `lon` and `lat` are None."""

    insee: str
    name: str
    postcodes: tuple[str, ...]
    population: int | None
    departement: str
    departement_name: str
    lon: float | None
    lat: float | None
    timezone: str


# 99 is « abroad » to INSEE, whose codes of countries begin at 99100: no municipality ever bears this one.
DEMO: Final = Commune(
    insee="99001",
    name="Saint-Loup-des-Tilleuls",
    postcodes=("99001",),
    population=2412,
    departement="99",
    departement_name="",
    lon=3.2000,
    lat=47.4000,
    timezone=PARIS_TIME,
)


@lru_cache(maxsize=64)
def find(insee: str) -> Commune | None:
    """The municipality of an INSEE code, or of one of its districts (`75104` is Paris); None when there is none."""
    insee = _DISTRICTS.get(insee, insee)
    if insee == DEMO.insee:
        return DEMO
    fields = _line_of(insee)
    if fields is None:
        return None
    code, name, postcodes, population, lon, lat = fields
    departement = departement_of(code)
    departement_name, timezone = _departements()[departement]
    return Commune(
        insee=code,
        name=name,
        postcodes=tuple(postcodes.split("|")) if postcodes else (),
        population=int(population) if population else None,
        departement=departement,
        departement_name=departement_name,
        lon=float(lon) if lon else None,
        lat=float(lat) if lat else None,
        timezone=_TIMES.get(code, timezone),
    )


def departement_of(insee: str) -> str:
    """The department in an INSEE code: two characters, three overseas."""
    return insee[:3] if insee.startswith(("97", "98")) else insee[:2]


def _line_of(insee: str) -> list[str] | None:
    """Its line in the file, looked for as bytes: parsing all of it would cost fifty times more."""
    if not _INSEE.fullmatch(insee):
        return None
    data = _DATA.joinpath("communes.csv").read_bytes()
    start = data.find(f"\n{insee},".encode())
    if start < 0:
        return None
    end = data.find(b"\n", start + 1)
    return next(csv.reader([data[start + 1 : end if end > 0 else None].decode()]))


@cache
def _departements() -> dict[str, tuple[str, str]]:
    lines = csv.reader(_DATA.joinpath("departements.csv").read_text(encoding="utf-8").splitlines())
    return {code: (name, timezone) for code, name, timezone in lines}
