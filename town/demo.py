"""The demo town: Saint-Loup-des-Tilleuls, its cast, and each feature's share of living content."""

from importlib import import_module
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from town.commons.people.accounts import hash_password
from town.commons.people.cast import PASSWORD, move_in
from town.commons.places.address_file import read_address_file
from town.commons.places.opening import lay_out
from town.commons.trust.cast import prove_addresses
from town.kernel.db import db
from town.kernel.features import feature_packages
from town.kernel.tenancy import Towns, enter
from town.kernel.towns import make_town, unmake_town
from town.kernel.web import TownApp

DEMO_SLUG = "saint-loup-des-tilleuls"
DEMO_NAME = "Saint-Loup-des-Tilleuls"
DEMO_HOSTS = ["saint-loup.localhost"]


def open_demo_town(app: TownApp, *, content: bool = True) -> None:
    """Open the demo town with its cast and, unless told otherwise, its living content. All of it or nothing.

    Raises `RegistryError` when it is open already.
    """
    towns: Towns = app.extensions["towns"]
    with app.app_context():
        password = hash_password(PASSWORD)
    profile = {
        "name": DEMO_NAME,
        "insee": "99001",
        "postcodes": ["99001"],
        "population": 2412,
        "language": "fr",
        "hue": 255,
        "chroma": 0.11,
        "arms": "",
        "phone": "02 99 00 00 00",
        "opening_days": [1, 2, 4, 5],
        "practical": {
            "hours": "lundi, mardi, jeudi et vendredi, de 9 h à 12 h",
            "opening_hours": "Mo,Tu,Th,Fr 09:00-12:00; PH off",
            "bins": "ordures le mardi, tri le vendredi des semaines paires",
        },
    }
    make_town(towns, DEMO_SLUG, DEMO_HOSTS, profile)
    try:
        with enter(app, DEMO_SLUG):
            file = files("town") / "data" / "demo" / f"{DEMO_SLUG}.csv"
            lay_out(read_address_file(Path(str(file))).rows, DEMO_NAME)
            cast = move_in(password)
            prove_addresses(cast)
            if content:
                for package in feature_packages():
                    if find_spec(f"{package}.demo") is not None:
                        import_module(f"{package}.demo").fill(cast)
            db.session.commit()
    except BaseException:
        unmake_town(towns, DEMO_SLUG)
        raise
