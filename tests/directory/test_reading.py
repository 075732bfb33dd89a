"""What a file holds for Saint-Loup, whatever program saved it; and a sentence where it holds nothing."""

import pytest

from tests.directory.conftest import ELSEWHERE, REGISTERS, SAINT_LOUP, line, register
from town.blueprints.shops.registers import trade_of, trades_by_code
from town.blueprints.shops.trades import TRADES
from town.commons.directory import Reading, read_register
from town.commons.directory.lines import cased
from town.commons.directory.matching import Spots
from town.commons.directory.reading import LARGEST, MOST_LINES_HERE
from town.kernel.registry import Town

GOOD = register(line(1, "BOULANGERIE DE L'ÉGLISE"), line(2, "Garage Petit", "45.20A"))


def read(raw: str | bytes, insee: str = SAINT_LOUP) -> Reading:
    return read_register(raw.encode() if isinstance(raw, str) else raw, insee)


def sentences(reading: Reading) -> list[str]:
    return [str(remark) for remark in (*reading.errors, *reading.problems)]


@pytest.mark.parametrize(
    "raw",
    [
        GOOD.encode(),
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.encode("utf-16"),
        GOOD.encode("windows-1252"),
        GOOD.replace(",", ";").encode(),
        GOOD.replace("\r\n", "\r").encode(),
        GOOD.upper().replace("BOULANGERIE DE L'ÉGLISE", "Boulangerie de l’Église").encode(),
        ("sep=,\r\n" + GOOD).encode(),
    ],
    ids=["utf-8", "bom", "utf-16", "windows-1252", "semicolons", "old mac", "capitals", "sep="],
)
def test_a_file_is_read_whatever_program_saved_it(town: Town, raw: bytes) -> None:
    """SECURITY (g) 40."""
    reading = read(raw)
    assert sentences(reading) == []
    assert reading.register is not None
    assert reading.register.name == "sirene"
    assert [one.registration for one in reading.lines] == [f"{1:014}", f"{2:014}"]
    assert reading.lines[0].name == "Boulangerie de l’Église"
    assert reading.lines[0].where.upper() == "3 RUE DU LAVOIR"


@pytest.mark.parametrize(
    ("where", "written"),
    [
        ("4|GR|RUE", "4 Grande Rue"),
        ("4|GR|GRANDE RUE", "4 Grande Rue"),
        ("4||GRANDE RUE", "4 Grande Rue"),
        ("12|RUE|DES TANNERIES", "12 rue des Tanneries"),
        ("3|PL|DE L'ABREUVOIR", "3 place de l’Abreuvoir"),
        ("|LD|LES QUATRE VENTS", "Lieu-dit les Quatre Vents"),
    ],
)
def test_an_address_is_written_as_the_neighbours_write_it(town: Town, where: str, written: str) -> None:
    """The first two streets are known here, the others are not."""
    (read_line,) = read(register(line(1, "Chez Odile", where=where))).lines
    assert Spots().words(read_line.where) == written


@pytest.mark.parametrize(
    ("file", "insee", "registrations"),
    [
        ("rna_sample_import.csv", "75056", ["W751085568", "W751184848"]),
        ("rna_sample_waldec.csv", "69266", ["W012000002"]),
    ],
)
def test_the_register_of_associations_is_recognised(
    town: Town, file: str, insee: str, registrations: list[str]
) -> None:
    reading = read((REGISTERS / file).read_bytes(), insee)
    assert reading.register is not None
    assert reading.register.name == "rna"
    assert reading.errors == []
    assert [one.registration for one in reading.lines][: len(registrations)] == registrations


def test_an_association_that_is_dissolved_is_left_out(town: Town) -> None:
    reading = read((REGISTERS / "rna_sample_waldec.csv").read_bytes(), "63113")
    assert reading.lines == []
    assert reading.counts["gone"] >= 1


def test_the_national_file_itself_is_read_and_says_that_all_of_it_has_closed(town: Town) -> None:
    reading = read((REGISTERS / "sirene_etablissements_geo_sample.csv").read_bytes())
    assert reading.counts["gone"] == 3
    assert ["Rien dans ce fichier ne peut être référencé" in said for said in sentences(reading)] == [True]


def test_what_is_elsewhere_closed_or_private_is_counted_and_kept_nowhere(town: Town) -> None:
    reading = read(
        register(
            line(1, "Ici"),
            line(2, "Ailleurs", codeCommuneEtablissement=ELSEWHERE),
            line(3, "Fermé", etatAdministratifEtablissement="F"),
            line(4, "Discret", statutDiffusionEtablissement="P"),
        )
    )
    assert [one.name for one in reading.lines] == ["Ici"]
    assert reading.counts == {"elsewhere": 1, "gone": 1, "withheld": 1}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"siret": "5,88E+12"}, "Ligne 3 : Un numéro SIRET a 14 chiffres"),
        ({"siret": "5880034000"}, "Ligne 3 : Un numéro SIRET a 14 chiffres"),
        ({"enseigne1Etablissement": ""}, "Ligne 3 : Cette ligne ne porte aucun nom"),
        ({"enseigne1Etablissement": '=HYPERLINK("http://x.example")'}, "Ligne 3 : Une formule de tableur"),
        ({"codeCommuneEtablissement": ""}, "Ligne 3 : Cette ligne ne dit pas dans quelle commune"),
        ({"siret": f"{1:014}"}, "Ligne 3 : Ce numéro figure déjà à la ligne 2"),
    ],
)
def test_a_wrong_line_is_named_and_the_others_stay(town: Town, changed: dict[str, str], sentence: str) -> None:
    """SECURITY (g) 40: a line-numbered report."""
    reading = read(register(line(1, "Bonne"), line(2, "Mauvaise") | changed, line(3, "Autre")))
    assert reading.usable
    assert [one.name for one in reading.lines] == ["Bonne", "Autre"]
    assert len(sentences(reading)) == 1
    assert sentences(reading)[0].replace("\u202f", " ").replace("\xa0", " ").startswith(sentence)


def test_a_wrong_line_of_another_town_is_nobodys_business(town: Town) -> None:
    reading = read(register(line(1, "Bonne"), line(2, "", codeCommuneEtablissement=ELSEWHERE)))
    assert sentences(reading) == []


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "Ce fichier est vide."),
        (b"PK\x03\x04" + bytes(300), "Ce n’est pas un fichier texte"),
        (b"\0\1\2\3" * 300, "Ce n’est pas un fichier texte"),
        (b"nom;ville\nCaf\xe9;Ici\n", "ni SIRENE"),
        (GOOD.replace("siret,", "numero,").encode(), "il manque des colonnes : siret"),
        (GOOD.replace('"', "").replace("Garage Petit", '"Garage Petit').encode(), "Ligne 3 : Un guillemet s’ouvre"),
        (register(line(1, "Loin", codeCommuneEtablissement=ELSEWHERE)).encode(), "ne concerne cette commune"),
        (b"x" * (LARGEST + 1), "25"),
    ],
    ids=[
        "empty",
        "archive",
        "binary",
        "other columns",
        "a column missing",
        "unclosed quotes",
        "elsewhere",
        "too heavy",
    ],
)
def test_what_cannot_be_used_is_refused_whole_with_a_sentence(town: Town, raw: bytes, sentence: str) -> None:
    """SECURITY (g) 40: nothing half-imported."""
    reading = read(raw)
    assert not reading.usable
    assert reading.lines == []
    said = sentences(reading)[0].replace("\u202f", " ").replace("\u00a0", " ")
    assert sentence in said


def test_a_town_is_imported_a_thousand_lines_at_a_time(town: Town) -> None:
    lines = [line(number, f"Échoppe {number}") for number in range(1, MOST_LINES_HERE + 2)]
    assert "coupez le fichier" in sentences(read(register(*lines)))[0]
    assert read(register(*lines[:-1])).usable


def test_a_formula_that_only_keeps_figures_together_is_understood(town: Town) -> None:
    """Spreadsheets are told so that a SIRET is no number."""
    reading = read(register(line(1, "Bonne", siret=f'="{7:014}"')))
    assert [one.registration for one in reading.lines] == [f"{7:014}"]


@pytest.mark.parametrize(
    ("shouted", "written"),
    [
        ("BOULANGERIE DE L'EGLISE", "Boulangerie de l’Eglise"),
        ("SARL LES 3 FONTAINES", "SARL les 3 Fontaines"),
        ("Chez Nadia & Fils", "Chez Nadia & Fils"),
        ("LE COMPTOIR", "Le Comptoir"),
    ],
)
def test_registers_shout_and_the_town_does_not(shouted: str, written: str) -> None:
    assert cased(shouted) == written


@pytest.mark.parametrize(
    ("code", "trade"),
    [
        ("10.71C", "bakery"),
        ("47.24Z", "bakery"),
        ("56.30Z", "cafe"),
        ("43.91A", "wood"),
        ("43.91B", "building"),
        ("01.13Z", "producer"),
        ("96.02A", "hair"),
        ("47.78A", "health"),
        ("47.78C", ""),
        ("64.20Z", ""),
        ("", ""),
    ],
)
def test_an_activity_code_says_the_trade(code: str, trade: str) -> None:
    assert trade_of(code) == trade


def test_every_code_leads_to_a_trade_that_exists() -> None:
    assert set(trades_by_code().values()) <= set(TRADES)


def test_codes_of_before_2008_say_nothing(town: Town) -> None:
    old = read(register(line(1, "Ancien", "15.8C", nomenclatureActivitePrincipaleEtablissement="NAFRev1")))
    assert old.lines[0].activity == ""
