"""TH-06, DECISIONS 38: the town hall says when it opens and whom to call; home and the weekly sheet repeat it."""

import pytest
from sqlalchemy import select

from tests.conftest import Browse
from town.blueprints.sheet.making import matter_of
from town.blueprints.sheet.models import Edition
from town.commons.audit import AuditEntry
from town.commons.opening_days import opening_weekdays
from town.demo import DEMO_SLUG
from town.kernel.db import db
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

SAID = {
    "hours": "mardi et jeudi de 14 h à 18 h, samedi de 9 h à 12 h",
    "phone": "02 99 11 22 33",
    "address": "1 place du Tilleul",
    "bins": "ordures le lundi",
    "numbers": "Docteur Martin : 02 99 00 00 10\n\nEau, la nuit: 06 11 22 33 44",
}


def plain(words: str) -> str:
    return words.replace("\u202f", " ").replace("\xa0", " ")


def test_jean_says_it_once_and_home_and_paper_repeat_it(app: TownApp, browse: Browse) -> None:
    jean = browse("jean")
    assert 'href="/desk/practical"' in jean.get("/desk/").text
    assert "ordures le mardi" in jean.get("/desk/practical").text
    assert jean.post("/desk/practical", data=SAID).status_code == 303
    shown = plain(jean.get("/desk/practical").text)
    assert "14 h – 18 h" in shown, "how the hours were understood"
    home = plain(browse().get("/").text)
    for words in (SAID["hours"], "02 99 11 22 33", "ordures le lundi", "Docteur Martin", 'href="tel:0611223344"'):
        assert words in home
    assert "tri le vendredi" not in home
    with enter(app, DEMO_SLUG):
        foot = plain(" ".join(words for _, words in matter_of([], Edition.this_week()).ways))
        assert ("1 place du Tilleul" in foot, "Eau, la nuit 06 11 22 33 44" in foot) == (True, True)
        assert opening_weekdays() == {2, 4, 6}
        assert db.session.scalar(select(AuditEntry.id).where(AuditEntry.event == "town:practical:change"))
        db.session.rollback()


def test_hours_that_only_people_understand_are_shown_and_promise_nothing(app: TownApp, browse: Browse) -> None:
    jean = browse("jean")
    odd = {**SAID, "hours": "le matin, sauf quand Josette est en congé"}
    assert jean.post("/desk/practical", data=odd).status_code == 303
    assert "ne les comprend pas" in jean.get("/desk/practical").text
    assert "Josette" in browse().get("/").text
    with enter(app, DEMO_SLUG):
        assert opening_weekdays() == frozenset()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("numbers", "Docteur Martin", "Docteur Martin"),
        ("numbers", "Docteur Martin: demain", "n’est pas comprise"),
        ("numbers", "\n".join(f"Numéro {n}: 3237" for n in range(7)), "6 numéros au plus"),
        ("phone", "appelez-moi", "téléphone"),
    ],
)
def test_a_slip_is_said_and_nothing_is_lost(browse: Browse, field: str, value: str, words: str) -> None:
    answer = browse("jean").post("/desk/practical", data={**SAID, field: value})
    assert (answer.status_code, words in plain(answer.text), SAID["bins"] in answer.text) == (422, True, True)
    assert "ordures le lundi" not in browse().get("/").text


@pytest.mark.parametrize("name", ["karim", "claire", None])
def test_only_the_town_halls_agents_say_it(browse: Browse, name: str | None) -> None:
    assert browse(name).get("/desk/practical").status_code in (303, 403)
    if name is not None:
        assert browse(name).post("/desk/practical", data=SAID).status_code == 403
