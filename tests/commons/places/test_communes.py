"""The municipalities of France, from packaged data."""

import csv
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from town.commons.places import communes
from town.kernel.text import is_slug, slugify


def test_a_municipality_is_found_by_its_code() -> None:
    thomery = communes.find("77463")
    assert thomery is not None
    assert (thomery.name, thomery.postcodes, thomery.population) == ("Thomery", ("77810",), 3384)
    assert (thomery.departement, thomery.departement_name) == ("77", "Seine-et-Marne")
    assert (thomery.lon, thomery.lat) == (2.7811, 48.4044)
    assert thomery.timezone == "Europe/Paris"


@pytest.mark.parametrize(
    "insee", ["", "00000", "54999", "5408", "540840", "insee", "99999", "54084\n", "２２０５０", "\x00"]
)
def test_what_is_no_code_of_a_municipality_finds_none(insee: str) -> None:
    assert communes.find(insee) is None


@pytest.mark.parametrize(
    ("insee", "name", "timezone"),
    [
        ("97105", "Basse-Terre", "America/Guadeloupe"),
        ("97209", "Fort-de-France", "America/Martinique"),
        ("97302", "Cayenne", "America/Cayenne"),
        ("97411", "Saint-Denis", "Indian/Reunion"),
        ("97502", "Saint-Pierre", "America/Miquelon"),
        ("97611", "Mamoudzou", "Indian/Mayotte"),
        ("97701", "Saint-Barthélemy", "America/St_Barthelemy"),
        ("97801", "Saint-Martin", "America/Marigot"),
        ("98613", "Uvea", "Pacific/Wallis"),
        ("98735", "Papeete", "Pacific/Tahiti"),
        ("98731", "Nuku-Hiva", "Pacific/Marquesas"),
        ("98719", "Gambier", "Pacific/Gambier"),
        ("98818", "Nouméa", "Pacific/Noumea"),
        ("2A004", "Ajaccio", "Europe/Paris"),
    ],
)
def test_a_town_overseas_lives_at_its_own_hour(insee: str, name: str, timezone: str) -> None:
    commune = communes.find(insee)
    assert commune is not None
    assert (commune.name, commune.timezone) == (name, timezone)


def test_the_districts_of_paris_lyon_and_marseille_are_their_city() -> None:
    found = [communes.find(code) for code in ("75104", "69381", "13216")]
    assert [commune.name for commune in found if commune] == ["Paris", "Lyon", "Marseille"]
    assert communes.find("75056") == communes.find("75120")


def test_every_municipality_of_the_file_can_be_found_and_named_in_an_address() -> None:
    text = files("town").joinpath("data/communes.csv").read_text(encoding="utf-8")
    lines = list(csv.DictReader(text.splitlines()))
    assert len({line["insee"] for line in lines}) == len(lines) == 34_969
    for line in lines[:: len(lines) // 60] + lines[-1:]:
        commune = communes.find(line["insee"])
        assert commune is not None
        assert commune.name == line["name"]
        assert ZoneInfo(commune.timezone)
    assert [name for name in {line["name"] for line in lines} if not is_slug(slugify(name))] == []


def test_the_demo_town_is_nowhere_in_the_real_list() -> None:
    assert communes.find("99001") == communes.DEMO
    assert communes.DEMO.population == 2412
    text = files("town").joinpath("data/communes.csv").read_text(encoding="utf-8")
    assert "\n99" not in text
    assert "Saint-Loup-des-Tilleuls" not in text
