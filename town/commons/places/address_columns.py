"""The columns of address files: Base Adresse Locale 1.1 to 1.5, Base Adresse Nationale, and what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from town.kernel.text import one_line

# Names met for each thing, the preferred one first.
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "ban": ("id_ban_adresse",),
    "interop": ("cle_interop", "id"),
    "uid": ("uid_adresse",),
    "commune": ("commune_insee", "code_insee"),
    "street": ("voie_nom", "toponyme", "nom_voie"),
    "hamlet": ("lieudit_complement_nom", "nom_ld"),
    "old_commune": ("commune_deleguee_nom", "nom_ancienne_commune"),
    "number": ("numero",),
    "suffix": ("suffixe", "rep"),
    "postcode": ("code_postal",),
    "position": ("position", "type_position"),
    "lon": ("long", "lon"),
    "lat": ("lat",),
    "x": ("x",),
    "y": ("y",),
    "parcels": ("cad_parcelles",),
    "updated": ("date_der_maj",),
    "certified": ("certification_commune",),
}
# Words that stand for nothing in exports of spreadsheets and databases.
_NOTHING: Final = frozenset(("", "-", "null", "none", "nan", "n/a", "#n/a", "nul", "\\n"))
# Shapefiles cut the names of columns there.
_SHAPEFILE: Final = 10


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds what. Other columns are left alone."""

    places: Mapping[str, int]
    width: int

    def missing(self) -> list[str]:
        """The columns without which addresses cannot be read, by their official names."""
        wanted = [NAMES[thing][0] for thing in ("street", "number") if thing not in self.places]
        if not {"ban", "interop", "uid"} & self.places.keys():
            wanted.append(NAMES["interop"][0])
        if not {"commune", "interop"} & self.places.keys():
            wanted.append(NAMES["commune"][0])
        return wanted

    def has(self, thing: str) -> bool:
        return thing in self.places

    def cell(self, cells: Sequence[str], thing: str) -> str:
        """What a line says of it, cleaned; empty when it says nothing or stops before."""
        place = self.places.get(thing)
        if place is None or place >= len(cells):
            return ""
        text = one_line(cells[place])
        return "" if text.casefold() in _NOTHING else text


def columns_of(header: Sequence[str]) -> Columns:
    """Recognise the columns of a header, whatever their order, capitals and ends cut off."""
    seen: dict[str, int] = {}
    for place, cell in enumerate(header):
        seen.setdefault(one_line(cell).casefold().replace(" ", "_"), place)
    places = {}
    for thing, names in NAMES.items():
        for name in (*names, *(name[:_SHAPEFILE] for name in names)):
            if name in seen and not _ambiguous(name):
                places[thing] = seen[name]
                break
    return Columns(places, width=len(header))


def _ambiguous(name: str) -> bool:
    """`commune_de` was the code or the name of the former municipality: nobody can tell."""
    whole = {name for names in NAMES.values() for name in names} | {"commune_deleguee_insee"}
    return name not in whole and sum(other.startswith(name) for other in whole) > 1
