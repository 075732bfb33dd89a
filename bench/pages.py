"""What a page costs the server: milliseconds of processor, beside a bare view's in the same rounds, and its queries.

cold: something has just changed in the town. warm: nothing has since a neighbour of hers looked. 304: nothing has since
she looked herself.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache, partial
from itertools import cycle
from pathlib import Path
from statistics import median

from sqlalchemy import event

from bench.figures import Figure
from bench.filling import WORD_OF_ALL, Filled, Resident, application, fill
from bench.serving import Server, serve
from town.demo import DEMO_SLUG

THINGS = 100_000
ROUNDS, REQUESTS = 7, 40
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "section#feed"}
UNCOUNTED = ("PRAGMA", "BEGIN", "SELECT set_config")


@dataclass(frozen=True, slots=True)
class Case:
    """A request to measure. `least`: its budget, as a ratio to the bare view. before: done, unmeasured, each time.

    An answer of another status than `status` is not counted: a minute has just turned.
    """

    name: str
    ask: Callable[[Server, Resident], int]
    least: float | None = None
    before: Callable[[Server, Resident], object] = lambda _server, _who: None
    status: int = 200


def town_of(folder: Path, things: int = THINGS) -> Filled:
    """Filled once for all parts of a run."""
    return _filled(folder, things)


@cache
def _filled(folder: Path, things: int) -> Filled:
    instance = folder / f"town-{things}"
    instance.mkdir()
    return fill(instance, things)


def something_changes(filled: Filled) -> None:
    """As a write elsewhere would leave it: what was rendered before counts no more."""
    with closing(sqlite3.connect(filled.file, isolation_level=None, timeout=10)) as town:
        town.execute("PRAGMA synchronous=OFF")
        town.execute("UPDATE change_count SET number = number + 1")


def get(path: str, server: Server, who: Resident, **headers: str) -> int:
    return server.get(path, {**who.headers, **headers})[0]


def look(path: str, server: Server, who: Resident, seen: dict[str, str]) -> None:
    """The page as this phone then keeps it."""
    seen[who.cookie] = server.get(path, who.headers)[1].headers["ETag"]


def look_again(path: str, server: Server, who: Resident, seen: dict[str, str]) -> int:
    return get(path, server, who, **{"If-None-Match": seen[who.cookie]})


def compare(filled: Filled, cases: list[Case]) -> Iterator[Figure]:
    """Interleaved rounds of every case and of the bare view, so that a busy moment of the machine falls on all."""
    costs: dict[str, list[float]] = {name: [] for name in ("bare view", *(case.name for case in cases))}
    with serve("bench.bare:app", filled.instance) as nothing, serve("wsgi:app", filled.instance) as town:
        people = cycle(filled.residents[:8])
        for _ in range(20):  # both workers have compiled their templates and statements
            for line in range(4):
                town.get("/", next(people).headers, line)
        plain = Case("bare view", lambda server, _who: server.get("/")[0])
        for number in range(ROUNDS + 1):
            for case in (plain, *cases):
                server, requests = (nothing, REQUESTS * 4) if case is plain else (town, REQUESTS)
                spent = _round(server, case, people, requests)
                costs[case.name] += [spent] if number else []  # the first round warms up
    bare = costs[plain.name]
    yield Figure("bare view", median(bare), "ms")
    for case in cases:
        cost = median(costs[case.name])
        yield Figure(case.name, cost, "ms")
        yield Figure(f"{case.name}, as a part of bare", median(bare) / cost, "", least=case.least)


def _round(server: Server, case: Case, people: Iterator[Resident], requests: int) -> float:
    """Milliseconds of processor a request."""
    spent, counted = 0.0, 0
    for _ in range(requests):
        who = next(people)
        case.before(server, who)
        start = server.cpu()
        if case.ask(server, who) == case.status:
            spent += server.cpu() - start
            counted += 1
    if counted < requests / 2:
        raise RuntimeError(f"{case.name}: not {case.status}\n{server.log.read_text()[-1500:]}")
    return spent / counted


def queries(filled: Filled, path: str, most: float | None = 4) -> Figure:
    """How many a page takes, for somebody signed in, the second time round."""
    app = application(filled.instance)
    counted: list[str] = []
    towns = app.extensions["towns"]
    with app.app_context():
        town = towns.registry.town(DEMO_SLUG)
        engine = towns.engines.get(town.slug, towns.file(town.slug), town.schema)
    browser = app.test_client(use_cookies=False)
    for _ in range(2):
        counted.clear()
        if not event.contains(engine, "before_cursor_execute", _noted := _note(counted)):
            event.listen(engine, "before_cursor_execute", _noted)
        browser.get(path, headers=filled.residents[0].headers)
        event.remove(engine, "before_cursor_execute", _noted)
    towns.engines.close()
    return Figure(f"queries of {path.partition('?')[0]}", len(counted), "", most=most)


def _note(counted: list[str]) -> Callable[..., None]:
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(UNCOUNTED):
            counted.append(statement)

    return note


def feed(folder: Path) -> list[Figure]:
    filled = town_of(folder)
    seen: dict[str, str] = {}
    cases = [
        Case("feed, cold", partial(get, "/"), 0.08, lambda *_: something_changes(filled)),
        Case("feed, warm", partial(get, "/"), 0.18),
        Case("feed, htmx partial", lambda server, who: get("/", server, who, **PARTIAL), 0.25),
        Case("feed, 304", partial(look_again, "/", seen=seen), 0.33, partial(look, "/", seen=seen), 304),
    ]
    return [*compare(filled, cases), queries(filled, "/")]


def search(folder: Path) -> list[Figure]:
    filled, path = town_of(folder), f"/search/?q={WORD_OF_ALL}"
    return [*compare(filled, [Case("search for a word that all hold", partial(get, path))]), queries(filled, path)]


def board(folder: Path) -> list[Figure]:
    filled, path = town_of(folder), "/complaints/"
    return [*compare(filled, [Case("board of reports", partial(get, path))]), queries(filled, path)]


def item(folder: Path) -> list[Figure]:
    filled = town_of(folder)
    with closing(sqlite3.connect(filled.file)) as town:
        path = f"/lending/items/{town.execute('SELECT max(public_id) FROM lending_item').fetchone()[0]}"
    return [*compare(filled, [Case("page of a thing", partial(get, path))]), queries(filled, path, None)]


def writes(folder: Path) -> list[Figure]:
    """A report sent, and « Moi aussi » said and taken back, each until the redirect."""
    filled = town_of(folder)
    with closing(sqlite3.connect(filled.file)) as town:
        number = town.execute("SELECT max(number) FROM complaint WHERE published_at IS NOT NULL").fetchone()[0]
    turns = cycle(("follower", "follower/removal"))

    def follow(server: Server, who: Resident) -> int:
        who = filled.residents[0]
        return post(server, who, f"/complaints/{number}/{next(turns)}", "")

    cases = [
        Case("a report is sent", lambda server, who: post(server, who, "/complaints/new", REPORT), status=303),
        Case("« Moi aussi » is said or taken back", follow, status=303),
    ]
    return list(compare(filled, cases))


REPORT = "category=roads&nowhere=y&words=Un+nid-de-poule+devant+la+boulangerie.+On+y+tombe+le+soir.&readers=all"


def post(server: Server, who: Resident, path: str, body: str, line: int = 0) -> int:
    headers = who.headers | {"Content-Type": "application/x-www-form-urlencoded"}
    return server.ask("POST", path, f"_csrf={who.csrf}&{body}", headers, line)[0]


PARTS = {"feed": feed, "search": search, "board": board, "item": item, "writes": writes}
