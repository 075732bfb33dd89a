"""What people choose instead of an address file, and what their systems make of a good one."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.commons.places.reading import HEADER, JOFFRE, said
from town.commons.places.address_file import read_address_file, read_addresses


@pytest.mark.parametrize(
    "raw",
    [
        f"\ufeff{HEADER}\r\n{JOFFRE}\r\n".encode(),
        f"{HEADER}\n{JOFFRE}".encode("windows-1252"),
        f"{HEADER}\r{JOFFRE}\r".encode("latin-1"),
        f"{HEADER}\r\r\n{JOFFRE}\r\r\n".encode(),
        f"{HEADER}\n{JOFFRE}\n".encode("utf-16"),
        f"\nsep=;\n{HEADER};;;\n{JOFFRE};;;\n;;;;;;;;;;;;\n\x1a".encode(),
        f"{HEADER}\n{JOFFRE}".replace(";", ",").encode(),
        f"{HEADER}\n{JOFFRE}".replace(";", "\t").encode(),
        "\n".join(";".join(f'"{cell}"' for cell in line.split(";")) for line in (HEADER, JOFFRE)).encode(),
        f"{HEADER.upper()};Observations\n{JOFFRE};vu le 3".encode(),
        f"lieudit_co;date_der_m;cle_intero;commune_in;voie_nom;numero;suffixe;position;long;lat\n"
        f";2024/05/02;{JOFFRE.split(';;')[0]};12;;entrée;5,8336;49,3222".encode(),
    ],
    ids=[
        "bom",
        "windows",
        "old mac",
        "doubled returns",
        "utf-16",
        "spreadsheet",
        "commas",
        "tabs",
        "quoted",
        "capitals",
        "shapefile",
    ],
)
def test_whatever_wrote_the_file_the_address_is_the_same(raw: bytes) -> None:
    file = read_addresses(raw)
    assert said(file) == []
    (row,) = file.rows
    assert (row.key, row.label, row.position) == ("54084_0200_00012", "12 Rue Joffre", "entrée")
    assert (row.lon, row.lat, row.updated_on) == (5.8336, 49.3222, date(2024, 5, 2))


def test_lines_from_two_systems_glued_together_keep_their_accents() -> None:
    latin = "54084_0201_00001;54084;Rue de l\x92Église;;1;;;5.83;49.32;".encode("latin-1")
    file = read_addresses(f"{HEADER}\n{JOFFRE}\n".encode() + latin)
    assert [row.street for row in file.rows] == ["Rue Joffre", "Rue de l’Église"]


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "This file is empty."),
        (b"\xef\xbb\xbf \r\n\n", "This file is empty."),
        (b"PK\x03\x04\x14\x00", "This is not a text file."),
        (b"%PDF-1.7\n%", "This is not a text file."),
        (f"{HEADER}\n{JOFFRE}\0".encode(), "This is not a text file."),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "This is not a text file."),
        (b"\xff\xfe\x00", "This is not a text file."),
        (bytes(range(1, 32)) * 10, "This is not a text file."),
        (b"\n" * 500_002, "This file is empty."),
        (f"{HEADER}\n{'é' * 200_000}".encode(), "Line 2: This line is too long to hold an address."),
        (f'{HEADER}\n"{"é" * 200_000}'.encode(), "Line 2: A quotation mark opens on this line and never closes."),
        (b"a" + b"\n" * 500_002, "This file has more than 500000 lines"),
    ],
)
def test_what_is_no_text_is_refused(raw: bytes, sentence: str) -> None:
    file = read_addresses(raw)
    assert len(file.errors) == 1
    assert str(file.errors[0]).startswith(sentence)


def test_a_file_of_200_mb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    large = tmp_path / "adresses-971.csv"
    with large.open("wb") as file:
        file.truncate(200 * 1024**2)
    assert said(read_address_file(large)) == [
        "This file weighs 200 MB, and that of one municipality less than 60 MB: is it the file of a whole department?"
    ]
    assert not read_addresses(b"a" * (60 * 1024**2 + 1)).usable


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path, Path("a\0b")):
        assert said(read_address_file(path))[0].startswith("This file cannot be opened")


_cell = st.one_of(
    st.sampled_from(
        [
            "",
            "54084",
            "12",
            "99999",
            "0",
            "5.83",
            "49.32",
            "NaN",
            '"',
            "Rue Joffre",
            "54084_0200_00012",
            "=1",
            "\r",
            "2024",
        ]
    ),
    st.text(max_size=12),
)


@settings(max_examples=300)
@given(st.binary(max_size=400))
def test_any_bytes_give_an_answer_and_never_an_exception(raw: bytes) -> None:
    assert not read_addresses(raw).usable


@settings(max_examples=300)
@given(st.lists(st.lists(_cell, max_size=12), max_size=8), st.sampled_from(["utf-8", "utf-16", "latin-1"]))
def test_any_lines_under_a_good_header_give_an_answer(lines: list[list[str]], encoding: str) -> None:
    text = "\n".join([HEADER, JOFFRE, *(";".join(cells) for cells in lines)])
    file = read_addresses(text.encode(encoding, errors="replace"))
    assert file.usable == bool(file.rows)
    assert len({row.key for row in file.rows}) == len(file.rows)
    assert all(0 < len(row.key) <= 80 and len(row.suffix) <= 20 for row in file.rows)
    assert said(file) is not None
