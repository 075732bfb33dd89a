"""IP-08: a town may put its own value in the place of a published one; every figure follows, and the page says so."""

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

import pytest
import time_machine
from sqlalchemy import select

from tests.cast import person_named
from tests.conftest import Browse
from tests.impact.conftest import DRILL, SHARE, Lends
from town.blueprints.lending.models import Item
from town.commons.audit import AuditEntry, first_broken_entry
from town.commons.impact import changes
from town.commons.impact.changes import NeedsASource, NotAFactor, NotAShare, change, in_force, note_updates, noted
from town.commons.impact.factors import published
from town.commons.impact.tally import tally
from town.kernel.db import db

OWN = {"value": "20", "low": "15,5", "high": "30", "source": "Étude du syndicat de l’énergie, 2026"}


@pytest.fixture
def five_drills(drill: Item, lends: Lends) -> None:
    for number in range(1, 6):
        lends(drill, "odile", number)


def grams() -> int:
    found = tally().totals["kgCO2e manufacture"].value
    db.session.rollback()
    return found


def test_the_admin_changes_a_factor_and_every_figure_follows(five_drills: None, browse: Browse) -> None:
    assert grams() == 23_500
    helene = browse("helene")
    answer = helene.post(f"/impact/factors/{DRILL}/changes", data=OWN)

    assert answer.status_code == 303
    assert grams() == 5 * 4000
    for page in ("/impact/", "/impact/carbon"):
        text = browse().get(page).text
        assert "facteur changé le 18 juin, ancienne valeur 23,5\u00a0kg, désormais 20\u00a0kg" in text
    factor = browse().get(f"/impact/factors/{DRILL}").text
    assert "Étude du syndicat de l’énergie, 2026" in factor
    assert "entre 15,5\u00a0kg et 30\u00a0kg" in factor.replace("Entre", "entre")
    assert "ancienne valeur 23,5\u00a0kg" in factor


def test_the_change_is_audited_by_its_numbers(five_drills: None, browse: Browse) -> None:
    browse("helene").post(f"/impact/factors/{DRILL}/changes", data=OWN)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "factor:town:change")).one()

    assert entry.actor_id == person_named("helene").id
    assert entry.details["factor"] == DRILL
    assert (entry.details["before"], entry.details["value"], entry.details["high"]) == ("23.5", "20", "30")
    assert first_broken_entry() is None
    db.session.rollback()


def test_the_share_of_a_loan_is_the_towns_to_choose(five_drills: None, browse: Browse) -> None:
    """IP-04: « default 0,2 for a loan, editable, shown »."""
    assert "La part retenue\u00a0: 20\u202f%" in browse().get("/impact/carbon").text
    share = {"value": "0,1", "low": "0", "high": "0,2", "source": "Enquête auprès de 80 foyers"}
    assert browse("helene").post(f"/impact/factors/{SHARE}/changes", data=share).status_code == 303

    assert grams() == 5 * 2350
    text = browse().get("/impact/carbon").text
    assert "La part retenue\u00a0: 10\u202f%" in text
    assert "Enquête auprès de 80 foyers" in text


def test_the_published_value_counts_again(five_drills: None, browse: Browse) -> None:
    helene = browse("helene")
    helene.post(f"/impact/factors/{DRILL}/changes", data=OWN)
    assert helene.post(f"/impact/factors/{DRILL}/publication").status_code == 303

    assert grams() == 23_500
    assert not in_force()[DRILL].own
    assert [(note.before, note.value) for note in noted(DRILL)] == [("23.5", "20"), ("20", None)]
    db.session.rollback()


@pytest.mark.parametrize("name", ["odile", "jean", "claire"])
def test_only_the_admin_changes_a_factor(name: str, five_drills: None, browse: Browse) -> None:
    somebody = browse(name)
    assert somebody.post(f"/impact/factors/{DRILL}/changes", data=OWN).status_code == 403
    assert somebody.post(f"/impact/factors/{DRILL}/publication").status_code == 403
    assert "La valeur de la commune" not in somebody.get(f"/impact/factors/{DRILL}").text
    assert grams() == 23_500


@pytest.mark.parametrize(
    ("factor", "typed", "sentence"),
    [
        (DRILL, {"value": "vingt"}, "Donnez une valeur entre"),
        (DRILL, {"value": "-1", "low": "", "high": ""}, "Donnez une valeur entre"),
        (DRILL, {"low": "25"}, "Donnez une valeur entre"),
        (DRILL, {"high": "19,9"}, "Donnez une valeur entre"),
        (DRILL, {"value": ""}, "Donnez un nombre"),
        (DRILL, {"source": " "}, "Dites d’où vient cette valeur"),
        (SHARE, {}, "Une part se situe entre 0 et 1"),
    ],
)
def test_a_value_that_cannot_be_is_refused_in_words(
    factor: str, typed: dict[str, str], sentence: str, five_drills: None, browse: Browse
) -> None:
    answer = browse("helene").post(f"/impact/factors/{factor}/changes", data=OWN | typed)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert OWN["high"] in answer.text, "what was typed is kept"
    assert grams() == 23_500


def test_the_verb_itself_refuses_what_no_factor_can_be(drill: Item) -> None:
    one, two = Decimal(1), Decimal(2)
    with pytest.raises(NotAFactor):
        change(published()[DRILL], one, two, two, "source")
    with pytest.raises(NotAShare):
        change(published()[SHARE], one, one, two, "source")
    with pytest.raises(NeedsASource):
        change(published()[DRILL], one, one, one, "  ")


def test_an_unknown_factor_is_nowhere(browse: Browse) -> None:
    helene = browse("helene")
    assert helene.get("/impact/factors/bc-0").status_code == 404
    assert helene.post("/impact/factors/bc-0/changes", data=OWN).status_code == 404
    assert helene.post("/impact/factors/bc-0/publication").status_code == 404


def test_a_newer_table_is_noted_once_where_the_town_uses_it(
    five_drills: None, browse: Browse, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An update of the software brings another value for drills, and one for skis, which nobody here lends."""
    note_updates()
    db.session.commit()
    assert not [note for note in noted() if note.changes], "the first night notes what counts, and changes nothing"

    clock.move_to("2026-09-01T02:00:00+00:00")
    drill, skis = published()[DRILL], published()["bc-20628"]
    newer = dict(published()) | {
        DRILL: replace(drill, value=Decimal(25), low=Decimal(25), high=Decimal(25)),
        skis.id: replace(skis, value=Decimal(16)),
    }
    monkeypatch.setattr(changes, "published", lambda: MappingProxyType(newer))
    for _night in range(2):
        note_updates()
        db.session.commit()

    assert [(note.factor, note.before, note.value) for note in noted() if note.changes] == [(DRILL, "23.5", "25")]
    assert grams() == 25_000
    assert "facteur changé le 1er septembre, ancienne valeur 23,5\u00a0kg" in browse().get("/impact/").text
