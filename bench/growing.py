"""Whether a page, its questions and a search stay flat as a town grows from ten thousand things to a million.

`SIZES=10000,100000` measures fewer. The curves go to `docs/growth.svg`.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import event

from bench.curves import draw
from bench.figures import Figure
from bench.filling import WORD_OF_ALL, Filled, application
from bench.pages import something_changes, town_of
from town.demo import DEMO_SLUG
from town.kernel.web import TownApp

SIZES = [int(size) for size in os.environ.get("SIZES", "10000,100000,1000000").split(",")]
CURVES = Path(__file__).parents[1] / "docs" / "growth.svg"
SEARCHES = {"a word that all hold": f"/search/?q={WORD_OF_ALL}", "two words": "/search/?q=echelle+pliante"}
TIMES = 40

Asked = list[tuple[str, Any]]


def measure(folder: Path) -> list[Figure]:
    figures: list[Figure] = []
    curves: dict[str, list[tuple[float, float]]] = {}
    for size in SIZES:
        for name, value, most in _at(town_of(folder, size)):
            figures.append(Figure(f"{name}, {size:,} things", value, "ms", most=most))
            curves.setdefault(name, []).append((size, value))
    page = [value for _, value in curves["home, page"]]
    figures.append(Figure(f"home at {SIZES[-1]:,} things beside {SIZES[0]:,}", page[-1] / page[0], "", most=1.2))
    CURVES.write_text(draw(curves, "things in the town", "milliseconds"))
    return figures


def _at(filled: Filled) -> Iterator[tuple[str, float, float | None]]:
    app = application(filled.instance)
    home = _asked(app, filled, "/")
    yield "home, page", _page(app, filled), None
    yield "home, its questions", _answered(filled, home), 1.0
    for name, path in SEARCHES.items():
        yield f"search for {name}", _answered(filled, _asked(app, filled, path)), 3.0
    app.extensions["towns"].engines.close()


def _page(app: TownApp, filled: Filled) -> float:
    """Milliseconds of processor to make home when something has changed."""
    browser = app.test_client(use_cookies=False)
    spent = []
    for number in range(TIMES + 5):
        something_changes(filled)
        start = time.process_time()
        browser.get("/", headers=filled.residents[number % 8].headers)
        spent.append((time.process_time() - start) * 1000)
    return median(spent[5:])


def _asked(app: TownApp, filled: Filled, path: str) -> Asked:
    """What the town's file is asked for a page, the second time round."""
    towns = app.extensions["towns"]
    with app.app_context():
        towns.open(towns.registry.town(DEMO_SLUG))
        from flask import g

        engine = g.engine
    browser = app.test_client(use_cookies=False)
    for _ in range(2):
        with _noting(engine) as asked:
            answer = browser.get(path, headers=filled.residents[0].headers)
            assert answer.status_code == 200, path
    return asked


@contextmanager
def _noting(engine: Any) -> Iterator[Asked]:
    asked: Asked = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def _answered(filled: Filled, asked: Asked) -> float:
    """Milliseconds until every row of all of it is there, asked of SQLite itself."""
    spent = []
    with closing(sqlite3.connect(filled.file)) as town:
        for _ in range(TIMES):
            start = time.perf_counter()
            for statement, parameters in asked:
                town.execute(statement, parameters).fetchall()
            spent.append((time.perf_counter() - start) * 1000)
    return median(spent)
