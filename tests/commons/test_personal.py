"""What a text tells of somebody."""

import pytest

from town.commons.personal import personal_signs


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("Appelez-moi au 06 12 34 56 78", ["phone"]),
        ("au +33612345678.", ["phone"]),
        ("odile@saint-loup.example", ["email"]),
        ("FR76 3000 6000 0112 3456 7890 189", ["iban"]),
        ("la voiture AB-123-CD est garée", ["plate"]),
        ("la 4L 1234 AB 35", ["plate"]),
        ("Depuis le 12 06 2026, 14 rue du Four", []),
        ("Il manque 200 dalles et 3 lampes", []),
    ],
)
def test_a_reminder_names_what_is_personal(text: str, signs: list[str]) -> None:
    assert personal_signs(text) == signs
