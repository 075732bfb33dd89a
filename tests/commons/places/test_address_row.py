"""One line of an address file."""

from datetime import date

import pytest

from tests.commons.places.reading import HEADER, JOFFRE, read, said


@pytest.mark.parametrize(
    "written", ["2013.01.26", "2013/01/26", "26/01/2013", "26-1-2013", "20130126", "2013-01-26T10:00:00Z"]
)
def test_a_date_is_read_however_it_is_written(written: str) -> None:
    file = read(JOFFRE.replace("2024-05-02", written))
    assert said(file) == []
    assert file.rows[0].updated_on == date(2013, 1, 26)


def test_the_key_is_that_of_the_national_base_and_the_older_one_is_remembered() -> None:
    ban = "3c87abe4-887b-46ee-9192-5c1b35a06625"
    file = read(f"@c:0246e48c-f33d-433a-8984-034219be842e @a:{ban};{JOFFRE}", header=f"uid_adresse;{HEADER}")
    assert (file.rows[0].key, file.rows[0].other_keys) == (ban, ("54084_0200_00012",))


def test_a_hamlet_lends_its_name_to_its_quarter_and_may_have_no_number() -> None:
    file = read(
        "54084_0300_00003;54084;Chemin du Bois;La Ferme Haute;3;;;5.83;49.32;",
        "54084_b001_99999;54084;Le Moulin;;99999;;segment;5.83;49.32;",
        "54084_b002_99999;54084;;Les Étangs;99999;;segment;5.83;49.32;",
    )
    assert [(row.label, row.number, row.quarter) for row in file.rows] == [
        ("3 Chemin du Bois", 3, "La Ferme Haute"),
        ("Le Moulin", None, None),
        ("Les Étangs", None, "Les Étangs"),
    ]
    assert said(file) == ["Line 4: No street: the hamlet stands for it."]


@pytest.mark.parametrize(
    ("line", "label", "sentence"),
    [
        (JOFFRE.replace(";12;;", ";12 bis;;"), "12 bis Rue Joffre", "“12 bis” read as a number and its suffix."),
        (JOFFRE.replace(";12;;", ";12B;b;"), "12 b Rue Joffre", "“12b” read as a number and its suffix."),
        (JOFFRE.replace(";12;;", ";0012,000; BIS ;"), "12 bis Rue Joffre", None),
        (JOFFRE.replace(";12;;", ";12;**;"), "12 ** Rue Joffre", "Unusual suffix “**”: kept."),
        (
            JOFFRE.replace("54084_0200_00012", ""),
            "12 Rue Joffre",
            "No key (cle_interop): the street and number serve instead.",
        ),
        (JOFFRE.replace("2024-05-02", "mai 2024"), "12 Rue Joffre", "“mai 2024” is not a date: left out."),
        (JOFFRE.replace("2024-05-02", "31/02/2024"), "12 Rue Joffre", "“31/02/2024” is not a date: left out."),
        (
            JOFFRE.replace("Rue Joffre", "Rue_Joffr\ufffd"),
            "12 Rue Joffr\ufffd",
            "“Rue Joffr\ufffd” lost its accents before it came here.",
        ),
    ],
)
def test_an_odd_line_is_kept_with_a_remark(line: str, label: str, sentence: str | None) -> None:
    file = read(line)
    assert file.usable
    assert said(file) == ([f"Line 2: {sentence}"] if sentence else [])
    assert file.rows[0].label == label


@pytest.mark.parametrize(
    ("lon", "lat"),
    [("NaN", "49.32"), ("5.83", "inf"), ("0", "0"), ("1e308", "49"), ("200", "49.32"), ("-4.49", "48.39"), ("x", "y")],
)
def test_a_position_that_cannot_be_leaves_the_address_off_the_map(lon: str, lat: str) -> None:
    file = read(JOFFRE.replace("5.8336;49.3222", f"{lon};{lat}"))
    assert (file.rows[0].lon, file.rows[0].lat) == (None, None)
    assert said(file) == ["Line 2: The position is not in this municipality: the address will not be on the map."]


def test_a_missing_position_is_said_and_one_in_lambert_93_is_converted() -> None:
    header = "cle_interop;commune_insee;voie_nom;numero;x;y;long;lat"
    file = read(
        "54084_0200_00001;54084;Rue Joffre;1;906010.92;6917321.29;;",
        "54084_0200_00002;54084;Rue Joffre;2;906010,92;6917321,29;0;0",
        "54084_0200_00003;54084;Rue Joffre;3;;;49.322203;5.833622",
        "54084_0200_00004;54084;Rue Joffre;4;;;;",
        header=header,
    )
    converted, wrong, swapped, nowhere = file.rows
    assert (converted.lon, converted.lat) == pytest.approx((5.833622, 49.322203), abs=1e-6)
    assert (wrong.lon, wrong.lat) == (converted.lon, converted.lat)
    assert (swapped.lon, swapped.lat) == (5.833622, 49.322203)
    assert (nowhere.lon, nowhere.lat) == (None, None)
    assert said(file) == [
        "Line 3: The longitude and latitude are wrong: x and y serve instead.",
        "Line 4: Longitude and latitude were in each other’s place.",
        "Line 5: No position: the address will not be on the map.",
    ]
