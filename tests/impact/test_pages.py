"""IP-05: the public pages of what sharing has produced, and the count done again by Python alone."""

import csv
import re
import subprocess
import sys
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest

import town as package
from tests.cast import CAST
from tests.conftest import ON_POSTGRES, Browse
from tests.impact.conftest import Lends
from tests.lending.test_shelf import counted
from town.blueprints.lending.models import Item
from town.commons.impact.changes import change, decimal, in_force
from town.commons.worth import Figure
from town.demo import DEMO_SLUG
from town.kernel.csv_file import harmless
from town.kernel.db import db
from town.kernel.web import TownApp

RECOUNT = Path(package.__file__).parent / "commons" / "impact" / "recount.py"
PAGES = ["/impact/", "/impact/euros", "/impact/carbon", "/impact/links"]


def figures(text: str) -> list[int]:
    """The whole cents, grams and links that a page says."""
    return [int(value) for value in re.findall(r'<data[^>]* value="(\d+)"', text)]


def months(browse: Browse) -> list[dict[str, str]]:
    answer = browse().get("/impact/months.csv")
    assert answer.mimetype == "text/csv"
    return list(csv.DictReader(StringIO(answer.get_data().decode("utf-8-sig")), delimiter=";"))


def test_on_day_one_the_page_says_that_nothing_has_come_back(day_one: None, browse: Browse) -> None:
    for page in PAGES:
        text = browse().get(page).text
        assert "Aucun prêt rendu pour l’instant" in text
        assert figures(text) == []
    assert months(browse) == []


def test_before_the_fifth_loan_only_their_number_is_told(drill: Item, lends: Lends, browse: Browse) -> None:
    for number in range(1, 5):
        lends(drill, "odile", number)
    for page in PAGES:
        text = browse().get(page).text
        assert "4 échanges confirmés. Les chiffres paraissent à partir de 5" in text
        assert figures(text) == []
    assert months(browse) == []


def test_anybody_reads_three_counters_and_opens_each(drill: Item, lends: Lends, browse: Browse) -> None:
    for number in range(1, 6):
        lends(drill, "odile", number)
    text = browse().get("/impact/").text

    assert figures(text) == [14900, 23500, 1]
    assert "149,00\u00a0€" in text
    assert "23,5\u00a0kg" in text
    assert "entre 11,8\u00a0kg et 47,0\u00a0kg" in text
    for page in PAGES[1:]:
        assert f'href="{page}"' in text
    carbon = browse().get("/impact/carbon").text
    assert "23,5\u00a0kg × 20\u202f%" in carbon
    assert "/impact/factors/bc-28317" in carbon
    assert "base-empreinte.ademe.fr" in browse().get("/impact/factors/bc-28317").text
    assert browse().get("/valeur").location == "/impact/"


def test_no_page_and_no_file_says_who_or_what(drill: Item, lends: Lends, browse: Browse) -> None:
    for number in range(1, 7):
        lends(drill, "odile", number)
    said = "".join(browse().get(page).text for page in [*PAGES, "/impact/months.csv"])

    assert "percussion" not in said
    for part in CAST:
        assert not re.search(rf"\b{part.first_name}\b", said), part.first_name


def test_figures_stay_when_the_shelf_is_closed(app: TownApp, drill: Item, lends: Lends, browse: Browse) -> None:
    for number in range(1, 6):
        lends(drill, "odile", number)
    app.extensions["towns"].registry.change(DEMO_SLUG, features_off=["lending"])

    assert figures(browse().get("/impact/").text) == [14900, 23500, 1]


def test_the_demo_town_shows_figures(browse: Browse) -> None:
    euros, grams, links = figures(browse().get("/impact/").text)
    assert min(euros, grams, links) > 0


@pytest.mark.skipif(ON_POSTGRES, reason="the script reads a file")
@pytest.mark.parametrize("own", [False, True], ids=["published factors", "the town's own"])
def test_python_alone_counts_the_same_to_the_cent_and_the_gram(
    own: bool, app: TownApp, town: object, browse: Browse, tmp_path: Path
) -> None:
    """From a copy of the demo town's file, by `python3 -I -S`, which finds nothing but the standard library."""
    if own:
        for name, value in (("bc-28317", "19.777"), ("share-loan", "0.333")):
            number = decimal(value)
            change(in_force()[name], number, number / 3, number * 2, "Étude de la commune")
        db.session.commit()
    file = tmp_path / "copy.sqlite"
    subprocess.run(
        [sys.executable, "-c", "import sqlite3, sys; a, b = map(sqlite3.connect, sys.argv[1:]); a.backup(b)",
         str(app.extensions["towns"].file(DEMO_SLUG)), str(file)], check=True,
    )  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(RECOUNT), str(file)], capture_output=True, text=True, check=True
    )
    sums: Counter[tuple[str, str]] = Counter()
    for row in csv.DictReader(StringIO(done.stdout), delimiter=";"):
        for name in ("value", "low", "high", "known"):
            sums[row["counter"], name] += int(row[name])

    said: Counter[tuple[str, str]] = Counter()
    for row in months(browse):
        for name in ("value", "low", "high", "known"):
            said[row["counter"], name] += int(row[name])
    assert said == {key: value for key, value in sums.items() if key[0] != "exchange"}
    on_the_page = figures(browse().get("/impact/").text)
    assert on_the_page == [sums[counter, "value"] for counter in ("EUR", "kgCO2e manufacture", "link")]
    exchanges = {(row["from"], row["exchanges"]) for row in months(browse)}
    assert sums["exchange", "value"] == sum(int(count) for _month, count in exchanges)


def test_the_script_says_what_it_needs() -> None:
    done = subprocess.run([sys.executable, "-I", "-S", str(RECOUNT), "nowhere.sqlite"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "nowhere.sqlite is not there" in done.stderr
    assert "Traceback" not in done.stderr


def test_journeys_and_things_stand_on_two_lines(drill: Item, lends: Lends, browse: Browse) -> None:
    """IP-02: ten kilometres by car would weigh 1,423 g; they are never added to what making drills emits."""
    for number in range(1, 6):
        lends(drill, "odile", number)
        ride = {"kind": "mobility.ridden", "thing": "mobility_seat", "thing_id": number, "month": "2026-06"}
        db.session.add(Figure(unit="exchange", amount=1, **ride))
        db.session.add(Figure(unit="kgCO2e", factor="ic2-voiturethermique", amount=10_000, **ride))
    db.session.commit()

    assert figures(browse().get("/impact/").text) == [14900, 23500, 5 * 1423, 1]
    assert figures(browse().get("/impact/carbon").text) == [23500, 5 * 1423]
    assert [row["value"] for row in months(browse) if row["practice"] == "mobility"] == [str(5 * 1423)]


@pytest.mark.parametrize("cell", ["=1+1", "+33", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\ufeff=1"])
def test_no_cell_of_a_file_is_run_by_a_spreadsheet(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


def test_other_cells_are_as_they_are() -> None:
    assert [harmless(cell) for cell in ("Prêt", 12, -3, None, "a=b")] == ["Prêt", 12, -3, "", "a=b"]


def test_the_pages_cost_two_queries_whatever_was_lent(app: TownApp, town: object, browse: Browse) -> None:
    """And those of every page: nobody is signed in."""
    anybody = browse()
    db.session.rollback()
    for page in [*PAGES, "/impact/months.csv"]:
        anybody.get(page)
        with counted(app) as asked:
            anybody.get(page)
        assert len([statement for statement in asked if "impact_" in statement]) == 2, page
        assert len(asked) <= 4, asked


def test_a_factor_is_found_by_the_word_people_use(browse: Browse) -> None:
    text = browse().get("/impact/factors?q=visseuse").text
    assert "Perceuse-visseuse" in text
    assert "Yaourtière" not in text
    assert "Aucun facteur ne porte ce nom" in browse().get("/impact/factors?q=zzz").text
    assert browse().get("/impact/factors/ic2-voiturehybride+1").status_code == 200


def test_home_the_shelf_and_the_menu_lead_there(browse: Browse) -> None:
    for page in ("/", "/lending/"):
        assert browse("odile").get(page).text.count('href="/impact/"') == 2, page


def test_an_owner_says_what_it_is_and_what_it_cost(drill: Item, lends: Lends, browse: Browse) -> None:
    """Only the owner sees the price; what the name says is shown, and another choice wins."""
    address = f"/lending/items/{drill.public_id}"
    db.session.rollback()
    amadou = browse("amadou")
    form = amadou.get(f"{address}/edit").text
    assert "D’après son nom\u00a0: Perceuse ou visseuse sans fil." in form
    assert 'value="149"' in form

    typed = {"title": "Perceuse à percussion", "factor": "bc-28318", "price": "80"}
    assert amadou.post(address, data=typed).status_code == 303
    db.session.expire_all()
    assert (drill.factor_id, drill.price_cents) == ("bc-28318", 8000)
    db.session.rollback()
    assert "80" not in re.sub(r'<[^>]+>|"[^"]*"', "", browse("odile").get(address).text).replace("80 cm", "")
    assert browse("odile").get(f"{address}/edit").status_code == 403

    assert amadou.post(address, data=typed | {"factor": "", "price": ""}).status_code == 303
    db.session.expire_all()
    assert (drill.factor, drill.factor_id, drill.price_cents) == (None, "bc-28317", None)
    db.session.rollback()


@pytest.mark.parametrize(
    "wrong", [{"factor": "ic2-lit"}, {"factor": "=1"}, {"price": "-1"}, {"price": "100001"}, {"price": "x"}]
)
def test_what_is_not_on_the_list_is_no_answer(wrong: dict[str, str], drill: Item, browse: Browse) -> None:
    address = f"/lending/items/{drill.public_id}"
    db.session.rollback()
    answer = browse("amadou").post(address, data={"title": "Perceuse"} | wrong)

    assert answer.status_code == 422
    db.session.expire_all()
    assert (drill.factor, drill.price_cents) == (None, 14900)
    db.session.rollback()
