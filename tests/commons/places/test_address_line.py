"""An address as people type it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from town.commons.places.address_line import Typed, fold_street, typed


@pytest.mark.parametrize(
    ("text", "number", "suffix", "street"),
    [
        ("12 rue des Tanneries", 12, "", "rue des tanneries"),
        ("12bis, av. de la Gare", 12, "bis", "avenue de la gare"),
        ("12 BIS Avenue de la Gare", 12, "bis", "avenue de la gare"),
        ("4 b pl du Tilleul", 4, "b", "place du tilleul"),
        ("tann", None, "", "tann"),
        ("rue du 8 mai 1945", None, "", "rue du 8 mai 1945"),
        ("3 ch", 3, "", "ch"),
        ("3 ch ", 3, "", "ch"),
        ("3 ch du p", 3, "", "chemin du p"),
        ("rue de l’Église", None, "", "rue de l eglise"),
        ("14", 14, "", ""),
        ("", None, "", ""),
        ("8eme régiment", None, "", "8eme regiment"),
    ],
)
def test_number_suffix_and_street_are_told_apart(text: str, number: int | None, suffix: str, street: str) -> None:
    assert typed(text) == Typed(number, suffix, street)


def test_a_street_compares_the_same_in_full_and_in_short() -> None:
    assert fold_street("Av. du Gal Leclerc") == fold_street("avenue du Général-Leclerc")
    assert fold_street("Bd St-Michel") == "boulevard saint michel"


@given(st.text(max_size=300))
def test_anything_typed_gives_something_to_look_for(text: str) -> None:
    answer = typed(text)
    assert answer.street == " ".join(answer.street.split())
