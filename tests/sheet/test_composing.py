"""TH-06: whatever people write, the sheet is one page, nothing runs off it and no word is cut."""

import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from tests.sheet.reading import no_word_is_cut, nothing_runs_off, pages_of
from town.blueprints.sheet.choosing import OUT, SHARING, SHOPS, TOWN_HALL
from town.blueprints.sheet.composing import MARGIN, Item, Matter, compose
from town.blueprints.sheet.drawing import draw
from town.kernel.paper import Paper, printable

SECTIONS = (
    (TOWN_HALL, "La mairie", "townhall"),
    (OUT, "Sortir", "calendar"),
    (SHARING, "S’entraider", "sharing"),
    (SHOPS, "Chez nos commerçants", "shop"),
)
EMPTY = Matter(
    town="Saint-Loup-des-Tilleuls",
    week="La feuille de la semaine, du 15 au 21 juin 2026",
    items=(),
    sections=SECTIONS,
    word_title="Le mot de la mairie",
    word="",
    nothing="Rien de nouveau cette semaine.",
    ways=(
        ("Sans Internet ?", "Dites votre demande à la mairie : lundi et mardi, de 9 h à 12 h."),
        ("Numéros utiles", "Urgences\u00a0112, Samu\u00a015, pompiers\u00a018."),
    ),
    how="Pour lire la suite, tapez saint-loup.example/f puis le code. Sans écran, dites le code à la mairie.",
)
LETTERS = "aeiounrstlmpéèêàçœùïÉŒÀ'’-.,;:!?ñ0123456789"
ODD = [
    "🎉",
    "c’hoazh",
    "Kêr-Vreizh",
    "مرحبا",
    "👩‍👧",
    "Ольга",
    "«\u00a0fête\u00a0»",
    "12\u00a0h\u00a030",
    "W" * 40,
    "…",
]
plain = st.lists(st.text(LETTERS, min_size=1, max_size=14), min_size=1, max_size=30).map(" ".join)
wild = st.lists(
    st.one_of(
        st.text(LETTERS, min_size=1, max_size=14),
        st.text("abcdefœé", min_size=25, max_size=45),  # longer than a line
        st.sampled_from(ODD),
    ),
    min_size=1,
    max_size=30,
).map(" ".join)
words = st.one_of(plain, plain, plain, wild)


@st.composite
def an_item(draw_one: st.DrawFn) -> Item:
    return Item(
        key=draw_one(st.uuids()).hex,
        section=draw_one(st.sampled_from([key for key, _heading, _icon in SECTIONS])),
        title=draw_one(words)[:200],
        detail=draw_one(st.one_of(st.just(""), words))[:120],
        excerpt=draw_one(st.one_of(st.just(""), words))[:241],
        code=draw_one(st.text("23456789ABCDEFGHJKMNPQRSTUVWXYZ", min_size=5, max_size=5)),
        address="HTTPS://SAINT-LOUP.EXAMPLE/F/K7M2P",
        urgent=draw_one(st.integers(0, 5)) == 0,
    )


@settings(max_examples=12, deadline=None)
@given(
    items=st.one_of(st.lists(an_item(), max_size=8), st.lists(an_item(), min_size=16, max_size=24)),
    word=st.one_of(st.just(""), words.map(lambda text: text[:200])),
    large=st.booleans(),
)
def test_whatever_is_written_the_sheet_is_one_page_and_no_word_is_cut(
    items: list[Item], word: str, large: bool
) -> None:
    matter = replace(EMPTY, items=tuple(items), word=word, large=large)
    laid = compose(matter)
    keeps_its_promises(matter)
    assert sorted([*laid.shown, *laid.left_out]) == sorted(item.key for item in items)


def keeps_its_promises(matter: Matter) -> None:
    """One page, nothing over its edge, no word cut, nothing too small to read."""
    paper = draw(matter)
    assert len(pages_of(paper.file())) == 1
    nothing_runs_off(paper, MARGIN)
    letters, items = Paper("").letters, matter.items
    texts = [matter.word, *(text for item in items for text in (item.title, item.detail, item.excerpt, item.code))]
    ours = [matter.town, matter.week, matter.word_title, matter.nothing, matter.how]
    ours += [part for way in matter.ways for part in way] + [heading for _key, heading, _icon in SECTIONS]
    no_word_is_cut(paper, [printable(text, letters) or "" for text in texts + ours])
    codes = {item.code for item in items}
    least = 18 if matter.large else 14
    for box in paper.boxes:
        if box.words and box.words not in codes and box.y > 40:
            assert box.size >= least, f"{box.words} is too small to read"


@pytest.mark.parametrize("large", [False, True])
def test_a_week_in_which_too_much_happens_is_still_one_page(large: bool) -> None:
    excerpt = "Rendez-vous devant la mairie, avec de bonnes chaussures, un chapeau et de quoi boire jusqu’au soir. " * 2
    items = tuple(
        Item(f"{n}", section, f"Grande promenade numéro {n} au bord de l’eau", "Samedi, 9 h", excerpt, "K7M2P", "X")
        for n in range(12)
        for section in (TOWN_HALL, OUT, SHARING, SHOPS)[n % 4 :][:1]
    )
    matter = replace(EMPTY, items=items, large=large, word="Bonne fête de la musique à tous, et merci aux voisins.")
    assert compose(matter).left_out or large is False
    keeps_its_promises(matter)
    assert any(box.words.endswith("…") for box in draw(matter).boxes), "something is shortened"


def test_a_title_and_a_date_are_whole_or_not_there() -> None:
    long = " ".join(["Assemblée"] * 20)
    ends = "La Boulangerie du Tilleul, 2,40 € · il en reste une douzaine · jusqu’au 28 novembre, 19 h"
    items = tuple(Item(f"{n}", SHOPS, f"{long} {n}", f"{ends} {n}", long, code="K7M2P", address="X") for n in range(30))
    matter = replace(EMPTY, items=items)
    laid = compose(matter)
    assert laid.left_out
    said = pages_of(draw(matter).file())[0]
    for number in range(30):
        shown = f"{number}" in laid.shown
        assert (f"Assemblée {number} " in f"{said} ") == shown
        assert (f"jusqu’au 28 novembre, 19 h {number} " in f"{said} ") == shown, "a date is never cut"


def test_the_most_important_go_first_and_the_rest_is_named() -> None:
    items = tuple(
        Item(
            f"{n}", (TOWN_HALL, OUT, SHARING)[n % 3], f"Annonce {n}", excerpt="Un mot. " * 25, code="K7M2P", address="X"
        )
        for n in range(30)
    )
    laid = compose(replace(EMPTY, items=items))
    assert set(laid.shown) == {f"{n}" for n in range(len(laid.shown))}
    assert laid.left_out == tuple(f"{n}" for n in range(len(laid.shown), 30))


def test_few_words_are_set_larger_and_the_village_stands_below() -> None:
    one = Item("a", OUT, "Récolte des cerises", "Samedi, 9 h", "Au Puits.", "K7M2P", "X")
    few = replace(EMPTY, items=(one,))
    full = tuple(Item(f"{n}", OUT, "Fête", "", "Un mot. " * 20, "K7M2P", "X") for n in range(9))
    many = replace(EMPTY, items=full)
    assert compose(few).size == 17
    assert compose(many).size == 14
    assert compose(few).spare > compose(many).spare


def test_letters_that_the_paper_lacks_leave_no_holes() -> None:
    items = (
        Item("fine", OUT, "Fête 🎉 des voisins", excerpt="مرحبا à tous", code="K7M2P", address="X"),
        Item("arabic", OUT, "مرحبا", code="K7M2Q", address="X"),
    )
    matter = replace(EMPTY, items=items)
    said = pages_of(draw(matter).file())[0]
    assert "Fête des voisins" in said
    assert "à tous" not in said, "half a sentence would say something else"
    assert compose(matter).left_out == ("arabic",)


def test_an_empty_week_says_so() -> None:
    said = pages_of(draw(EMPTY).file())[0]
    assert "Rien de nouveau cette semaine." in said
    assert "Urgences 112" in said.replace("\u00a0", " ")


def test_any_printer_and_photocopier_does(tmp_path: Path) -> None:
    arms = tmp_path / "small.webp"
    Image.new("RGB", (60, 72), "#aa2200").save(arms)
    one = Item("a", OUT, "Récolte des cerises", "Samedi, 9 h", "Au Puits.", "K7M2P", "HTTPS://X.EXAMPLE/F/K7M2P")
    (page,) = PdfReader(BytesIO(draw(replace(EMPTY, items=(one,), arms=arms)).file())).pages
    drawn = page.get_contents()
    assert drawn is not None
    inks = re.findall(rb"([\d.]+) ([\d.]+) ([\d.]+) (?:rg|RG)\b", drawn.get_data())
    assert re.search(rb"[\d.]+ g\b", drawn.get_data()), "the village is drawn in greys"
    assert all(red == green == blue for red, green, blue in inks)
    (coat,) = page.images
    assert coat.image is not None
    red, green, blue = coat.image.convert("RGB").getpixel((30, 36))
    assert red == green == blue < 128, "its red is a dark grey"
