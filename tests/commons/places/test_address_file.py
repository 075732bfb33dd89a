"""The official address file: every real file met, and what makes one acceptable."""

from datetime import date
from pathlib import Path

import pytest

from tests.commons.places.reading import HEADER, JOFFRE, read, said
from town.commons.places.address_file import by_sentence, read_address_file

FILES = Path(__file__).parents[2] / "data" / "addresses"
DEMO = Path(__file__).parents[3] / "town" / "data" / "demo" / "saint-loup-des-tilleuls.csv"


def test_the_real_file_of_mont_bonvillers_is_read_whole_without_a_remark() -> None:
    file = read_address_file(FILES / "bal1.3_54084_mont-bonvillers.csv")
    assert said(file) == []
    assert file.commune is not None
    assert (file.commune.insee, file.commune.name) == ("54084", "Mont-Bonvillers")
    assert len(file.rows) == len({row.key for row in file.rows}) == 486
    first = file.rows[0]
    assert (first.key, first.label, first.line) == ("54084_0200_00001", "1 Rue Joffre", 2)
    assert (first.lon, first.lat, first.postcode, first.quarter) == (5.833622, 49.322203, "54111", None)
    assert sum(row.suffix == "bis" for row in file.rows) == 32
    assert {row.street for row in file.rows} >= {"Rue Jeanne d’Arc", "Rue de la République", "Allee des Acacias"}
    assert all(row.lon and row.lat for row in file.rows)


@pytest.mark.parametrize(
    ("name", "label", "key", "remarks"),
    [
        ("mini_bal1.3-valid.csv", "9 Rue des 3 Places", "31591_xxxx_00009", []),
        ("mini_bal1.4-valid-relax.csv", "9 bis Rue des 3 Places", "31591_xxxx_00009", []),
        (
            "mini_bal1.4-valid.csv",
            "9 Rue des 3 Places",
            "3c87abe4-887b-46ee-9192-5c1b35a06625",
            ["Line 3: Same address as line 2: kept once."],
        ),
        (
            "mini_bal1.5-valid.csv",
            "9 Rue des 3 Places",
            "3c87abe4-887b-46ee-9192-5c1b35a06625",
            ["Line 3: Same address as line 2: kept once."],
        ),
        (
            "mb_1.3-not-valid.csv",
            "Rue des 3 Places",
            "31591_xxxx_00009",
            ["Line 2: No number: kept as a hamlet or a street without numbers."],
        ),
        (
            "vb_1.5-numero-zero.csv",
            "0 Rue des 3 Places",
            "3c87abe4-887b-46ee-9192-5c1b35a06625",
            [
                "Line 2: Number 0: kept, please check.",
                "Line 3: Number 0: kept, please check.",
                "Line 3: Same address as line 2: kept once.",
            ],
        ),
    ],
)
def test_a_small_file_is_accepted(name: str, label: str, key: str, remarks: list[str]) -> None:
    file = read_address_file(FILES / name)
    assert file.usable
    assert said(file) == remarks
    assert file.commune is not None
    assert file.commune.name == "Escoulis"
    assert [(row.label, row.key) for row in file.rows] == [(label, key)]
    assert file.rows[0].updated_on == date(2020, 11, 9)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("vb_sample.ansi.csv", "This file holds several municipalities: Strasbourg (67482, 6), Acigné (35001, 6)"),
        ("vb_junk.ascii.csv", "Line 1: Columns are missing: voie_nom, numero, cle_interop, commune_insee."),
        ("vb_without_row.csv", "This file has a header and no address."),
    ],
)
def test_a_file_that_opens_no_town_is_refused_in_one_sentence(name: str, sentence: str) -> None:
    file = read_address_file(FILES / name)
    assert not file.usable
    assert file.rows == []
    assert len(file.errors) == 1
    assert str(file.errors[0]).startswith(sentence)


def test_the_demo_town_has_its_streets_and_quarters() -> None:
    file = read_address_file(DEMO)
    assert said(file) == []
    assert file.commune is not None
    assert (file.commune.name, file.commune.population) == ("Saint-Loup-des-Tilleuls", 2412)
    assert {row.quarter for row in file.rows} == {"Le Bourg", "Les Tanneries", "Bel-Air", "La Gare", "Le Puits"}
    numbers = {row.number for row in file.rows if row.street == "Rue des Tanneries"}
    assert numbers == set(range(1, 39))
    assert [row.label for row in file.rows if row.number is None] == ["Le Moulin Neuf", "La Croix Blanche"]


def test_a_file_of_the_national_base_is_read_too() -> None:
    header = (
        "id;id_fantoir;numero;rep;nom_voie;code_postal;code_insee;nom_commune;code_insee_ancienne_commune;"
        "nom_ancienne_commune;x;y;lon;lat;type_position;alias;nom_ld;libelle_acheminement;nom_afnor;"
        "source_position;source_nom_voie;certification_commune;cad_parcelles"
    )
    file = read(
        "35069_0010_00004_bis;35069_0010;4;bis;Rue du Bourg;35630;35069;Chevaigné;;;;;-1.629;48.210;entrée;;;;;;;1;"
        "350690000A0123|350690000A0124",
        "35069_0011_00002;35069_0011;2;;Rue du Lavoir;35630;35069;Chevaigné;35999;Vieux-Bourg;;;-1.63;48.21;"
        ";;La Haye;;;;;0;",
        header=header,
    )
    assert said(file) == []
    bis, second = file.rows
    assert (bis.key, bis.label, bis.postcode) == ("35069_0010_00004_bis", "4 bis Rue du Bourg", "35630")
    assert (bis.certified, bis.parcels) == (True, ("350690000A0123", "350690000A0124"))
    assert (second.quarter, second.old_commune, second.certified) == ("La Haye", "Vieux-Bourg", False)


def test_an_address_with_several_positions_is_one_address_shown_at_its_entrance() -> None:
    segment = JOFFRE.replace("entrée", "segment").replace("5.8336", "5.8300")
    file = read(segment, JOFFRE, JOFFRE.replace("entrée", "parcelle").replace("5.8336", "5.8399"))
    assert said(file) == []
    (row,) = file.rows
    assert (row.position, row.lon, row.line) == ("entrée", 5.8336, 2)


def test_two_addresses_that_share_a_key_are_both_kept() -> None:
    other = JOFFRE.replace("Rue Joffre", "Rue Foch")
    file = read(JOFFRE, other, other.replace("Foch", "Ney"), JOFFRE)
    assert [(row.key, row.label) for row in file.rows] == [
        ("54084_0200_00012", "12 Rue Joffre"),
        ("54084_rue-foch_00012", "12 Rue Foch"),
        ("54084_rue-ney_00012", "12 Rue Ney"),
    ]
    assert said(file) == [
        "Line 3: “54084_0200_00012” is already the key of line 2: both are kept.",
        "Line 4: “54084_0200_00012” is already the key of line 2: both are kept.",
        "Line 5: Same address as line 2: kept once.",
    ]


def test_one_door_under_two_keys_is_said() -> None:
    file = read(JOFFRE, JOFFRE.replace("_00012", "_90012").replace("Joffre", "JOFFRE"))
    assert len(file.rows) == 2
    assert said(file) == ["Line 3: The same address as line 2 under another key: both are kept."]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([JOFFRE, ";54084;;;4;;;;;"], "Line 3: No street and no hamlet (voie_nom)."),
        ([JOFFRE, ";54084;Rue Ney;;XII;;;;;"], "Line 3: “xii” is not a house number (numero)."),
        ([JOFFRE, ";54084;Rue Ney;;-4;;;;;"], "Line 3: “-4” is not a house number (numero)."),
        ([JOFFRE, f";54084;{'a' * 201};;4;;;;;"], "Line 3: A name of more than 200 characters."),
        (
            [JOFFRE, ';54084;=HYPERLINK("http://x");;4;;;;;'],
            'Line 3: “=HYPERLINK("http://x")” is a formula, not a name.',
        ),
        (
            [JOFFRE, f"{JOFFRE};;Rue Ney"],
            "Line 3: More cells than the header has: a separator or a quotation mark is misplaced.",
        ),
        ([JOFFRE, ';54084;"Rue Ney;;4;;;;;', JOFFRE], "Line 3: A quotation mark opens on this line and never closes."),
        (
            [JOFFRE, ';54084;"Rue Ney;;4;;;;;', ';54084;Rue Foch";;4;;;;;'],
            "Line 3: A quotation mark opens on this line and closes only on line 4.",
        ),
        ([JOFFRE, ';54084;"Rue" Ney;;4;;;;;'], "Line 3: A quotation mark is out of place on this line."),
        (
            [JOFFRE, JOFFRE.replace("54084", "35001")],
            "This file holds several municipalities: Mont-Bonvillers (54084, 1), Acigné (35001, 1). "
            "Choose the file of one.",
        ),
        (
            [JOFFRE.replace("54084", "54999")],
            "No municipality has the code 54999 today. If it has merged, choose its new file.",
        ),
        ([JOFFRE.replace("54084", "")], "This file does not say which municipality it is about (commune_insee)."),
        ([], "This file has a header and no address."),
    ],
)
def test_one_error_keeps_the_whole_file_out(lines: list[str], sentence: str) -> None:
    file = read(*lines)
    assert not file.usable
    assert file.rows == []
    assert [str(error) for error in file.errors] == [sentence]


@pytest.mark.parametrize("column", ["voie_nom", "numero", "cle_interop"])
def test_a_missing_column_is_named(column: str) -> None:
    file = read(JOFFRE, header=HEADER.replace(column, "autre"))
    assert said(file) == [f"Line 1: Columns are missing: {column}."]


def test_the_municipality_may_be_told_by_the_keys_alone() -> None:
    file = read(JOFFRE, header=HEADER.replace("commune_insee", "autre"))
    assert file.commune is not None
    assert file.commune.name == "Mont-Bonvillers"


def test_a_code_that_lost_its_zero_in_a_spreadsheet_is_understood() -> None:
    file = read("1001_0001_00001;1001;Rue Haute;;1;;;4.92;46.15;")
    assert file.commune is not None
    assert file.commune.insee == "01001"


def test_after_a_hundred_errors_the_rest_is_not_read() -> None:
    file = read(*["x;54084;;;1;;;;;"] * 300)
    assert len(file.errors) == 101
    assert str(file.errors[-1]) == "Too many errors: the rest was not read."


def test_the_same_remark_on_many_lines_is_said_once() -> None:
    file = read(*(f"k{number};54084;Rue Joffre;;{number};;;;;" for number in range(1, 60)))
    ((sentence, lines),) = by_sentence(file.remarks)
    assert str(sentence) == "No position: the address will not be on the map."
    assert lines == list(range(2, 61))


def test_a_key_given_to_every_line_does_not_slow_the_reading_of_a_large_file() -> None:
    file = read(*(JOFFRE.replace(";12;;", f";{number};;") for number in range(1, 3000)))
    assert len({row.key for row in file.rows}) == 2999
