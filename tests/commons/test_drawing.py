"""Cards are drawn once for many readers: each still reads what is true for them, and now."""

from collections.abc import Iterator

import pytest
import time_machine

from tests.conftest import Browse
from town.blueprints.lending.models import Item
from town.commons import drawing
from town.demo import DEMO_SLUG
from town.kernel.db import db, now
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

LADDER = "Échelle télescopique, 3,80 m"


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The titles of the cards that had to be drawn."""
    titles: list[str] = []
    draw = drawing._draw
    monkeypatch.setattr(drawing, "_kept", {})
    monkeypatch.setattr(drawing, "_draw", lambda row, level: titles.append(row.title) or draw(row, level))
    return titles


def change_the_ladder(app: TownApp, title: str) -> None:
    with enter(app, DEMO_SLUG):
        ladder = db.session.query(Item).filter_by(title=LADDER).one()
        ladder.title = title
        ladder.change()
        db.session.commit()


def test_after_a_change_only_what_changed_is_drawn_again(app: TownApp, browse: Browse, drawn: list[str]) -> None:
    odile = browse("odile")
    with time_machine.travel(now(), tick=False):  # a new minute draws all of them
        odile.get("/?who=neighbours")
        assert LADDER in drawn
        drawn.clear()
        change_the_ladder(app, "Échelle de toit")
        page = odile.get("/?who=neighbours").text
    assert set(drawn) == {"Échelle de toit"}
    assert "Échelle de toit" in page
    assert LADDER not in page
