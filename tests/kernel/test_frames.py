"""The menu and other frames are drawn once for many: nobody reads in them what is another's, or from before."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.crawl import without_ids
from tests.conftest import Browse
from tests.counter.test_counter import sit_down
from town.demo import DEMO_SLUG
from town.kernel import frames
from town.kernel.registry import Town
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

Drawn = Counter[tuple[str | None, int]]


@pytest.fixture(autouse=True)
def none_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "_kept", {})


@pytest.fixture
def drawn_twice(monkeypatch: pytest.MonkeyPatch) -> Drawn:
    """Every frame shown is drawn anew besides, and must say the same. How often each was shown, by its place."""
    shown: Drawn = Counter()
    draw = frames.Frame._drawn

    def drawn(self: frames.Frame, place: Any, facts: Any, caller: Callable[[], str]) -> str:
        found = draw(self, place, facts, caller)
        assert found == caller(), f"{place} depends on more than {facts}"
        shown[place] += 1
        return found

    monkeypatch.setattr(frames.Frame, "_drawn", drawn)
    return shown


def test_neighbours_who_come_one_after_the_other_read_what_each_would_alone(
    app: TownApp, browse: Browse, drawn_twice: Drawn
) -> None:
    some = without_ids(app)[::4]
    for name in ("karim", None, "odile", "nadia", "claire", "jean", "helene"):
        browser = browse(name)
        for language in ("fr", "en"):
            for path in ("/", "/?who=townhall", *some):
                browser.get(path, headers={"Accept-Language": language})
    assert len(drawn_twice) >= 10
    assert min(drawn_twice.values()) > 20, "each was met by several"


def test_a_menu_follows_the_town_at_once(app: TownApp, browse: Browse) -> None:
    """A feature goes off, the town hall has another telephone: nobody is shown what was there before."""
    registry = app.extensions["towns"].registry
    odile = browse("odile")
    assert 'href="/shops/"' in odile.get("/help").text
    registry.change(DEMO_SLUG, features_off=["shops"])
    assert 'href="/shops/"' not in odile.get("/help").text
    registry.change(DEMO_SLUG, features_off=[], phone="05 55 00 00 00")
    assert "05\N{NO-BREAK SPACE}55\N{NO-BREAK SPACE}00" in odile.get("/").text


def test_practical_hours_follow_the_town_too(app: TownApp, browse: Browse, town: Town) -> None:
    browser = browse("odile")
    for bins in ("le mardi", "le jeudi"):
        practical = {**town.settings["practical"], "bins": bins}
        app.extensions["towns"].registry.change(DEMO_SLUG, practical=practical)
        assert f"Poubelles\N{NO-BREAK SPACE}: {bins}" in browser.get("/").text


def test_what_is_shown_in_a_residents_name_is_kept_for_nobody(app: TownApp, browse: Browse) -> None:
    jean = browse("jean")
    with enter(app, DEMO_SLUG):
        sitting = sit_down(jean)
    assert "acting=" in jean.get(f"/help?acting={sitting}").text
    assert "acting=" not in browse("jean").get("/help").text


def test_a_process_keeps_so_many_and_no_more(app: TownApp, browse: Browse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "MOST", 3)
    browse("odile").get("/")
    assert len(frames._kept) <= 3
