"""Text as people type it."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from town.kernel.text import SLUG, clean, fold, is_slug, looks_official, one_line, slugify, stems

anything = st.text(st.characters(), max_size=60)


@given(anything)
@example("İ ΐ ß ﬁ")
@example("a" + "\u0301" * 40)
@example("👩\u200d\u200d👩")
def test_cleaning_or_folding_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert fold(fold(text)) == fold(text)
    assert one_line(one_line(text)) == one_line(text)


@given(anything)
def test_cleaned_text_can_be_kept_by_any_database_and_hides_nothing(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert not set(cleaned) & set("\x00\u202e\u2066\u200b\ufeff\u00ad\r")
    run = 0
    for letter in cleaned:
        run = run + 1 if unicodedata.category(letter) in ("Mn", "Me") else 0
        assert run <= 3


@given(anything)
def test_whatever_the_name_its_slug_is_one(name: str) -> None:
    assert SLUG.fullmatch(slugify(name))


@given(anything)
def test_folded_text_is_words_of_letters_and_digits(text: str) -> None:
    folded = fold(text)
    assert folded == " ".join(folded.split())
    assert all(word.isalnum() for word in folded.split())


@given(anything, st.sampled_from(["fr", "en", "xx"]))
def test_no_text_upsets_the_stemmer_or_the_guard_of_names(text: str, language: str) -> None:
    assert all(stems(text, language))
    assert looks_official(text) in (True, False)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Rue de l’Église", "rue de l eglise"),
        ("rue de l'eglise", "rue de l eglise"),
        ("  SAINT-LOUP-des-Tilleuls ", "saint loup des tilleuls"),
        ("Sacré-Cœur", "sacre coeur"),
        ("Lætitia Großmann", "laetitia grossmann"),
        ("12 bis, rue Joffre", "12 bis rue joffre"),
        ("L'Haÿ-les-Roses", "l hay les roses"),
    ],
)
def test_a_street_is_found_however_it_is_typed(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Saint-Loup-des-Tilleuls", "saint-loup-des-tilleuls"),
        ("L'Haÿ-les-Roses", "l-hay-les-roses"),
        ("Œuilly", "oeuilly"),
        ("Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson-sur-Marne", "saint-remy-en-bouzemont-saint-genest-et-isson-su"),
        ("日本", "town"),
        ("", "town"),
    ],
)
def test_a_municipality_gets_an_address_that_browsers_and_folders_accept(name: str, slug: str) -> None:
    assert slugify(name) == slug


@pytest.mark.parametrize("slug", ["", "..", "a/b", "A", "-a", "a-", "é", "x" * 49, "con", "www", "static", "a\n"])
def test_a_name_that_is_no_slug_is_refused(slug: str) -> None:
    assert not is_slug(slug)


def test_a_slug_of_48_characters_is_accepted_and_one_of_49_is_not() -> None:
    assert is_slug("x" * 48)
    assert not is_slug("x" * 49)


def test_a_name_written_backwards_or_under_heaps_of_accents_reads_plainly() -> None:
    assert clean("Marie\u202eeiriam") == "Marieeiriam"
    assert clean("Zoe\u0308" + "\u0300" * 10_000) == "Zoë" + "\u0300" * 3
    assert clean("pa\u200bul\x00") == "paul"
    assert clean("Bonjour,\r\nà demain") == "Bonjour,\nà demain"
    assert one_line(" Rue  des\n Lilas ") == "Rue des Lilas"


def test_a_family_picture_stays_one_picture() -> None:
    assert clean("👩\u200d👩\u200d👧 à table") == "👩\u200d👩\u200d👧 à table"


OFFICES = """Mairie, Maire, Administrateur, Маirie, Μαιrie, MAlRlE, M A I R I E, Mairie2, Ma\u200birie, rnairie, M@irie,
    La Mairie de Thomery, Info-mairie, Madame le Maire, Anne Durand (maire), Anne Durand - Maire, Admin1, Modération,
    Préfecture, Adjoint au maire, 1er adjoint, Ville de Dinan, Police municipale,
    Hôtel de Ville, L’Hôtel-de-Ville de Dinan, Town Hall, Mai rie, ᴍairie"""
FAMILIES = """Jean Maire, Bruno Le Maire, Claire Lemaire, Marie, Amadou Diallo, Solange Petitjean, Ville Virtanen,
    Paul Mairiaux, Anne Laville, Odile de la Commune, Іван Петренко, Zoë,
    Café de l’Hôtel de Ville, Hôtel des Voyageurs, Mai Riera"""


@pytest.mark.parametrize("name", OFFICES.split(","))
def test_a_neighbour_cannot_be_called_as_the_town_hall(name: str) -> None:
    assert looks_official(name)


@pytest.mark.parametrize("name", FAMILIES.split(","))
def test_a_family_name_that_resembles_an_office_is_welcome(name: str) -> None:
    assert not looks_official(name)


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("vélo", "Deux vélos d’enfant"),
        ("echelle", "Échelles télescopiques"),
        ("tuyau", "Tuyaux d'arrosage"),
        ("cheval", "chevaux"),
        ("bijoux", "un bijou"),
        ("œuf", "Les oeufs de Solange"),
        ("remorques", "Je prête ma remorque"),
        ("coeur", "Sacré-Cœur"),
        ("réparation", "RÉPARATIONS"),
    ],
)
def test_a_word_asked_meets_the_word_kept(asked: str, kept: str) -> None:
    assert set(stems(asked)) <= set(stems(kept))


def test_little_words_count_only_when_alone() -> None:
    assert stems("l'échelle de Jean") == stems("échelle Jean")
    assert stems("de la") == ["de", "la"]
    assert stems("the ladders", "en") == ["ladder"]
