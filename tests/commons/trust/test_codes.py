"""Codes: typed as people type, refused when they cannot be codes, kept as nothing that gives them back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from town.commons.trust.codes import ALPHABET, LENGTH, NotACode, grouped, hashed, make_code, matches, read_code
from town.kernel.registry import Town
from town.kernel.tenancy import enter
from town.kernel.web import TownApp


def test_a_code_has_eight_of_the_thirty_one_signs_nobody_mistakes() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == 31
    assert not set("0O1IL") & set(ALPHABET)
    for _ in range(200):
        code = make_code()
        assert len(code) == LENGTH
        assert set(code) <= set(ALPHABET)


@pytest.mark.parametrize(
    "typed",
    ["CERF4827", "cerf4827", "cerf-4827", " CERF 4827 ", "CERF\u00a0–\u20094827", "C.E.R.F_4827", "ＣＥＲＦ4827"],
)
def test_case_spaces_and_dashes_do_not_matter(typed: str) -> None:
    assert read_code(typed) == "CERF4827"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("CERF482", "missing"),
        ("", "missing"),
        ("CERF48277", "too many"),
        ("CERO4827", "“O”"),
        ("CERF4810", "“1”"),
        ("CERF48é7", "only letters and digits"),
    ],
)
def test_what_cannot_be_a_code_is_explained(app: TownApp, town: Town, typed: str, words: str) -> None:
    from flask_babel import force_locale

    with pytest.raises(NotACode) as slip, force_locale("en"):
        read_code(typed)
    with force_locale("en"):
        assert words in str(slip.value.sentence)


@given(st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH))
def test_what_the_card_shows_is_read_back(code: str) -> None:
    assert read_code(grouped(code).lower()) == code


def test_a_hash_is_worth_nothing_for_another_card_or_another_code(town: Town) -> None:
    kept = hashed("CERF4827", "card-a")
    assert matches("CERF4827", "card-a", kept)
    assert not matches("CERF4828", "card-a", kept)
    assert not matches("CERF4827", "card-b", kept)
    assert "CERF4827" not in kept


def test_a_hash_is_worth_nothing_in_a_copy_of_the_town(app: TownApp, town: Town) -> None:
    from dataclasses import replace

    from flask import g

    kept = hashed("CERF4827", "card-a")
    with enter(app, town.slug) as same:
        g.town = replace(same, uid="another")
        assert not matches("CERF4827", "card-a", kept)
