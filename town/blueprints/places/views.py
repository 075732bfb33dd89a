"""The drawing of the town for maps, and suggestions for address fields."""

import json
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from town.blueprints.places.queries import doors, street_names
from town.commons.people.access import PUBLIC
from town.commons.people.visit import visitor
from town.commons.places.spots import suggestions
from town.kernel.db import db
from town.kernel.features import Feature
from town.kernel.tenancy import current_town, towns
from town.kernel.web import page

SCALE = 100_000
"""Degrees are sent as whole hundred-thousandths, a metre or so, counted from the drawing's own corner."""

MOST_STREETS = 60

feature = Feature("places", __name__, title=_l("Map"), icon="map", essential=True)


@feature.get("/points.json", access=PUBLIC)
def points() -> ResponseReturnValue:
    """Doors, street names and outline. `?streets=` (public ids, with commas) says which doors to colour."""
    chosen = set(request.args.get("streets", "").split(",")[:MOST_STREETS]) - {""}
    return drawing(_drawn(chosen))


def _drawn(chosen: set[str]) -> dict[str, Any]:
    standing = [
        (lon, lat, street) for lon, lat, street in db.session.execute(doors()) if lon is not None and lat is not None
    ]
    if not standing:
        return {"at": None, "doors": [], "streets": [], "chosen": []}
    west, south = min(lon for lon, _lat, _street in standing), min(lat for _lon, lat, _street in standing)

    def units(lon: float, lat: float) -> list[int]:
        return [round((lon - west) * SCALE), round((lat - south) * SCALE)]

    plain: list[int] = []
    coloured: list[int] = []
    for lon, lat, street in standing:
        (coloured if street in chosen else plain).extend(units(lon, lat))
    return {
        "at": [west, south, SCALE],
        "doors": plain,
        "chosen": coloured,
        "streets": [[name, *units(lon, lat)] for _id, name, lon, lat in db.session.execute(street_names())],
        "outline": [[units(lon, lat) for lon, lat, *_ in ring] for ring in _outline()],
    }


def _outline() -> list[list[list[float]]]:
    """The rings of the town's limits, where its folder holds an `outline.geojson`."""
    file = towns().folder(current_town().slug) / "outline.geojson"
    if not file.is_file():
        return []
    found = json.loads(file.read_text(encoding="utf-8"))
    rings: list[list[list[float]]] = []
    for part in found.get("features", [found]):
        shape = part.get("geometry", part)
        for polygon in [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]:
            rings += polygon
    return rings


def drawing(content: dict[str, Any]) -> Response:
    """JSON for a map: the same for everybody, asked for again only once it may have changed."""
    response = Response(json.dumps(content, separators=(",", ":"), ensure_ascii=False), mimetype="application/json")
    keep = "private" if visitor().signed_in else "public"
    response.headers["Cache-Control"] = f"{keep}, max-age=3600"
    response.headers["X-Offline"] = "public"
    response.add_etag()
    response.make_conditional(request)
    return response


@feature.get("/addresses", access=PUBLIC)
def addresses() -> ResponseReturnValue:
    """The doors or streets that somebody who types may mean, as a list for the field."""
    text = request.args.get("q") or request.args.get("where") or request.args.get("address", "")
    found = db.session.scalars(suggestions(text)).all() if len(text.strip()) >= 2 else []
    numbered = any(letter.isdigit() for letter in text)
    return page("places/addresses.html", "suggestions", found=found, numbered=numbered)
