"""What sharing has produced, each figure's computation, the months as a file, and the factors: addresses of impact."""

from collections.abc import Iterator
from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from town.blueprints.impact import showing
from town.blueprints.impact.forms import FactorForm
from town.commons.impact.changes import change, in_force, last_changes, noted, publish_again
from town.commons.impact.factors import Factor, Perimeter
from town.commons.impact.tally import K, Tally, tally
from town.commons.impact.things import things
from town.commons.people import me
from town.commons.people.access import PUBLIC, role
from town.kernel.csv_file import csv_file
from town.kernel.features import DeskPage, Feature, features
from town.kernel.text import fold
from town.kernel.web import page, see

feature = Feature(
    "impact",
    __name__,
    title=_l("What sharing produces"),
    icon="leaf",
    short={"/valeur": "index"},
    desk=[DeskPage("factors", _l("Factors"), "leaf", daily=False)],
)

ADMIN = role("admin", step_up=True)


def _page(template: str, *fragments: str, **context: Any) -> ResponseReturnValue:
    return page(template, *fragments, say=showing, practice_title=_title, **context)


def _title(name: str) -> Any:
    """What a practice is called: its feature's own title."""
    found = features().get(name)
    return found.title if found else name


@feature.get("/", access=PUBLIC)
def index() -> ResponseReturnValue:
    counted = tally()
    return _page("impact/index.html", counted=counted, k=K, changed=last_changes(counted.notes))


@feature.get("/<any(euros, carbon, links):counter>", access=PUBLIC)
def figures(counter: str) -> ResponseReturnValue:
    """How one of the three is computed, practice by practice."""
    counted = tally()
    return _page(
        "impact/figures.html",
        counter=counter,
        unit=showing.COUNTERS[counter],
        counted=counted,
        k=K,
        changed=last_changes(counted.notes),
        example=next(thing for thing in things() if thing.factor == "bc-28317"),
    )


HEAD = ("practice", "from", "to", "exchanges", "counter", "known", "value", "low", "high", "unit")
SMALL_UNITS = {"EUR": "cent", "kgCO2e": "gCO2e", "link": "link"}


@feature.get("/months.csv", access=PUBLIC)
def months() -> ResponseReturnValue:
    """Every period of every practice, one line a counter; whole cents, grams and links."""
    return csv_file("impact", HEAD, _rows(tally()))


def _rows(counted: Tally) -> Iterator[tuple[object, ...]]:
    for practice in counted.practices:
        for cell in practice.periods:
            for counter in practice.published:
                amount = cell.amounts.get(counter)
                said = (amount.value, amount.low, amount.high) if amount else (0, 0, 0)
                unit = SMALL_UNITS[counter.partition(" ")[0]]
                yield (
                    practice.feature, cell.first, cell.last, cell.exchanges, counter, cell.known[counter], *said, unit
                )  # fmt: skip


@feature.get("/factors", access=PUBLIC)
def factors() -> ResponseReturnValue:
    """Shares, then factors by perimeter: those whose name contains what is asked, in everyday words or the source's."""
    notes = noted()
    wanted = fold(request.args.get("q", "")[:80])
    shelves: dict[Perimeter | None, list[Factor]] = {}
    for factor in in_force(notes).values():
        if wanted in fold(f"{factor.label} {showing.name_of(factor)} {factor.id}"):
            shelves.setdefault(factor.perimeter, []).append(factor)
    return _page("impact/factors.html", shelves=shelves, changed=last_changes(notes), q=request.args.get("q", "")[:80])


@feature.get("/factors/<factor_id>", access=PUBLIC)
def factor(factor_id: str) -> ResponseReturnValue:
    return _show_factor(factor_id, None)


def _show_factor(factor_id: str, form: FactorForm | None, status: int = 200) -> ResponseReturnValue:
    notes = noted(factor_id)
    factor = in_force(notes).get(factor_id)
    if factor is None:
        abort(404)
    return _page(
        "impact/factor.html",
        "factor",
        factor=factor,
        history=[note for note in reversed(notes) if note.changes],
        form=form
        or FactorForm(data={name: showing.number(getattr(factor, name)) for name in ("value", "low", "high")}),
        status=status,
    )


@feature.post("/factors/<factor_id>/changes", access=ADMIN, shows="impact.factor")
def change_factor(factor_id: str) -> ResponseReturnValue:
    factor = in_force(noted(factor_id)).get(factor_id)
    if factor is None:
        abort(404)
    form = FactorForm()
    form.offer(factor)
    if not form.validate():
        return _show_factor(factor_id, form, status=422)
    value, low, high = (form.number(name) for name in ("value", "low", "high"))
    change(factor, value, low, high, form.source.data or "", me())
    return see("impact.factor", factor_id=factor_id)


@feature.post("/factors/<factor_id>/publication", access=ADMIN, shows="impact.factor")
def publish_factor(factor_id: str) -> ResponseReturnValue:
    factor = in_force(noted(factor_id)).get(factor_id)
    if factor is None:
        abort(404)
    publish_again(factor, me())
    return see("impact.factor", factor_id=factor_id)
