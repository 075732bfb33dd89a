"""The look keeps its promises: readable by everybody, light to load, nothing inline, no icon missing."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import town
from tests.sweeps.colour import Palette, block, contrast, declared

PACKAGE = Path(town.__file__).parent
STATIC = PACKAGE / "static"
TOKENS = (STATIC / "css" / "tokens.css").read_text()
TEMPLATES = sorted((PACKAGE / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if "mail" not in path.parts]

LIGHT = declared(block(TOKENS, ":root {\n    color-scheme: light dark"))
DARK = declared(block(TOKENS, ':root[data-theme="dark"]'))
KINDS = dict(re.findall(r'\[data-kind="(\w+)"\] \{ --kh: ([^;]+);', TOKENS)) | {"notice": "var(--th)"}
OF_A_KIND = declared(block(TOKENS, "[data-kind] {"))

MOST_CSS = 14 * 1024


def packed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


def palettes(theme: str) -> Iterator[Palette]:
    """Every town's colours, by steps of the hue and of the chroma."""
    tokens = LIGHT | (DARK if theme == "dark" else {})
    for hue in range(0, 360, 10):
        for chroma in (0, 0.05, 0.09, 0.13):
            yield Palette(tokens | {"--th": str(hue), "--tc": str(chroma)})


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_readable_whatever_colour_a_town_chooses(theme: str) -> None:
    pairs = [
        *(
            (ink, ground)
            for ink in ("ink", "ink-2", "accent", "ok", "warn", "bad")
            for ground in ("stone", "card", "paper")
        ),
        *((ink, "accent-soft") for ink in ("ink", "ink-2", "accent")),
        ("on-enamel", "enamel"),
        ("on-btn", "btn"),
        ("card", "ok"),
    ]
    weak = {}
    for palette in palettes(theme):
        for ink, ground in pairs:
            ratio = contrast(palette[ink], palette[ground])
            if ratio < 7:
                weak[ink, ground] = min(ratio, weak.get((ink, ground), 21))
        assert contrast(palette.colour("#fff"), palette["alert"]) >= 7
        for ground in ("stone", "card", "paper"):
            assert contrast(palette["line-2"], palette[ground]) >= 3, f"borders of fields on {ground}"
    assert not weak


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_kind_is_readable_on_its_tinted_paper(theme: str) -> None:
    for palette in palettes(theme):
        for kind, hue in KINDS.items():
            of_kind = Palette(palette.tokens | OF_A_KIND | {"--kh": hue})
            for ink in ("ink", "ink-2", "k-ink"):
                assert contrast(of_kind[ink], of_kind["k-soft"]) >= 7, f"{ink} on the paper of {kind}"
            assert contrast(of_kind.colour("#fff"), of_kind["k-solid"]) >= 7, f"the icon in the medallion of {kind}"


def test_night_is_the_same_whether_the_device_or_the_reader_chose_it() -> None:
    device = declared(block(TOKENS, ':root:not([data-theme="light"])'))
    assert device == DARK
    assert len(DARK) > 20


def test_styles_stay_light() -> None:
    css = {path.name: packed(path) for path in (STATIC / "css").glob("*.css")}
    assert {"tokens.css", "base.css", "components.css"} <= set(css)
    assert sum(css.values()) <= MOST_CSS, css


INLINE = {
    "a style attribute": r"\sstyle\s*=",
    "a style element": r"<style\b",
    "a script in the page": r"<script(?![^>]*\ssrc=)",
    "an event attribute": r"<[^>{]*\son[a-z]+\s*=",
    "an htmx event attribute": r"\b(?:data-)?hx-on\b",
    "a script in an attribute": r"(?:javascript|\bjs):",
    "an htmx trigger filter": r"hx-trigger\s*=\s*[\"'][^\"']*\[",
}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(PACKAGE / "templates")))
def test_a_page_carries_nothing_inline(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    assert [what for what, pattern in INLINE.items() if re.search(pattern, text)] == []


def drawn() -> list[str]:
    return re.findall(r'<symbol id="i-([\w-]+)"', (STATIC / "icons" / "sprite.svg").read_text())


def asked_for() -> dict[str, str]:
    """Every icon that a template or a feature names, with one place where it is named."""
    macros = r"\b(?:ic|fact|key|note|empty|tag|send|chip)\("
    found = {}
    for path in TEMPLATES:
        text = path.read_text()
        names = re.findall(r'\b(?:ic|fact|key)\("([\w-]+)"', text)
        names += re.findall(macros + r'[^)]*?\bicon="([\w-]+)"', text)
        names += re.findall(r'[{,]\s*"icon":\s*"([\w-]+)"', text)
        names += re.findall(r"sprite\.svg'\)\s*\}\}#i-([\w-]+)\"", text)
        found.update(dict.fromkeys(names, path.name))
    for path in (PACKAGE / "blueprints").rglob("views.py"):
        found.update({name: str(path) for name in re.findall(r'\bicon="([\w-]+)"', path.read_text())})
    return found


def test_every_icon_that_is_named_is_drawn_once() -> None:
    symbols = drawn()
    assert len(symbols) == len(set(symbols))
    named = asked_for()
    assert "certified" in named
    assert {name: place for name, place in named.items() if name not in symbols} == {}


def test_every_kind_and_every_state_has_its_icon() -> None:
    looks = set(re.findall(r'data-look="(\w+)"', (STATIC / "css" / "components.css").read_text()))
    assert looks == {"received", "acknowledged", "in_progress", "resolved", "declined"}
    assert set(KINDS) | looks <= set(drawn())
