"""Words on paper: lines, what is shortened, what cannot be printed."""

import pytest

from tests.sheet.reading import pages_of
from town.kernel.paper import BOLD, TEXT, Face, Paper, begin_with, break_lines, printable

TEN = Face("any", 10, len)
"""A face in which each letter is one millimetre wide."""


def test_lines_end_between_words_and_at_line_breaks() -> None:
    assert break_lines("un deux trois", TEN, 8) == ["un deux", "trois"]
    assert break_lines("un\n\ndeux", TEN, 8) == ["un", "deux"]
    assert break_lines("", TEN, 8) == []


def test_what_is_glued_stays_together_unless_it_is_wider_than_a_line() -> None:
    assert break_lines("à 9\u00a0h demain", TEN, 9) == ["à 9\u00a0h", "demain"]
    assert break_lines("Saint-Loup ici", TEN, 12) == ["Saint-Loup", "ici"]
    assert break_lines("Saint-Loup-des-Tilleuls", TEN, 12) == ["Saint-Loup-", "des-Tilleuls"]
    assert break_lines("douze\u00a0mille\u00a0euros", TEN, 12) == ["douze mille", "euros"]


def test_a_word_that_is_wider_than_a_line_makes_none() -> None:
    assert break_lines("anticonstitutionnellement", TEN, 20) is None


def test_a_text_is_shortened_between_two_words() -> None:
    lines = ["venez avec un", "chapeau, et des", "bottes"]
    assert begin_with(lines, 3, TEN, 15) == lines
    assert begin_with(lines, 2, TEN, 15) == ["venez avec un", "chapeau, et…"]
    assert begin_with(lines, 1, TEN, 14) == ["venez avec un…"]
    assert begin_with(["anticonstitution", "x"], 1, TEN, 16) == []
    assert begin_with(lines, 0, TEN, 15) == []


def test_pictures_go_and_holes_are_refused() -> None:
    letters = {ord(letter) for letter in "Fête des voisins"}
    assert printable("Fête 🎉 des voisins 👩‍👧", letters) == "Fête des voisins"
    assert printable("Fête مرحبا", letters) is None


def test_every_letter_of_western_and_eastern_europe_is_printed() -> None:
    paper = Paper("")
    for words in (
        "œuvre, Noël, « fête »",
        "Łukasz Şahin-Nguyễn",
        "Ольга Ελένη",
        "c’hoazh, Kêr-Vreizh",
        "9 h – 12 h… 5 €",
    ):
        assert printable(words, paper.letters) == words


def test_a_measured_width_is_that_of_the_page() -> None:
    paper = Paper("")
    paper.add_page()
    for font, size in ((TEXT, 14.0), (BOLD, 22.0)):
        words = "L’œuvre d’Ольга, à 9\u00a0h"
        paper.set_font(font, size=size)
        assert paper.face(font, size).width(words) == pytest.approx(paper.get_string_width(words))


def test_a_word_of_ours_is_made_smaller_rather_than_cut() -> None:
    paper = Paper("")
    paper.add_page()
    paper.put_words(10, 10, "W" * 60, TEXT, 14, 100)
    (box,) = paper.boxes
    assert box.width <= 100
    assert pages_of(paper.file()) == ["W" * 60]
