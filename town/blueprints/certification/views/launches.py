"""Launches at the desk: prepare the cards of the whole town, print them round by round, follow them, cancel them."""

from flask import request
from flask.typing import ResponseReturnValue

from town.blueprints.certification.forms import LaunchForm
from town.blueprints.certification.letterbox_printing import Part, parts, print_rounds
from town.blueprints.certification.queries import (
    FIGURES,
    launch_rounds,
    launches_with_figures,
    quarters_with_boxes,
    streets_with_boxes,
)
from town.blueprints.certification.views.door import DESK, feature
from town.blueprints.certification.views.letters import on_paper
from town.commons.people.visit import me
from town.commons.trust.launches import Launch, Plan, plan, prepare
from town.kernel.db import db, get_or_404, let_go, reading_only
from town.kernel.language import today
from town.kernel.web import page, see


@feature.get("/launches", access=DESK, keep="never")
def launches() -> ResponseReturnValue:
    """What was prepared, printed and delivered, and what came of it."""
    return page("certification/launches.html", launches=db.session.execute(launches_with_figures()).all())


@feature.get("/launches/new", access=DESK, keep="never")
def new_launch() -> ResponseReturnValue:
    """Which letterboxes, in which order; how many cards and sheets that is."""
    form = _offered(LaunchForm(data=LaunchForm.asked(request.args)))
    return _preparing(form, plan(form.concerns, by_sides=form.by_sides) if form.complete else None)


@feature.post("/launches", access=DESK, shows="certification.new_launch", keep="never")
def prepare_launch() -> ResponseReturnValue:
    with reading_only():  # ordering a town takes a second: nobody waits for it
        form = _offered(LaunchForm())
        planned = plan(form.concerns, by_sides=form.by_sides) if form.validate() else None
    let_go()
    if planned is None:
        return _preparing(form, None, status=422)
    launch = prepare(planned, me())
    return see("certification.launch", public_id=launch.public_id)


@feature.get("/launches/<public_id>", access=DESK, keep="never")
def launch(public_id: str) -> ResponseReturnValue:
    """One launch, street by street. Figures only: which letterboxes, how many opened, how many neighbours."""
    found = get_or_404(db.select(Launch), public_id=public_id)
    rounds = launch_rounds(found)
    return page(
        "certification/launch.html",
        "launch",
        launch=found,
        rounds=rounds,
        parts=parts(rounds),
        part_of=lambda one: Part([one]),
        figures={figure: sum(one.total(figure) for one in rounds) for figure in FIGURES},
        until=max((street.until for one in rounds for street in one.streets if street.until), default=None),
    )


@feature.post("/launches/<public_id>/sheets", access=DESK, shows="certification.launch", keep="never")
def print_launch(public_id: str) -> ResponseReturnValue:
    """The PDF of some rounds. Its codes exist on this paper alone."""
    numbers = [int(number) for number in request.form.getlist("round") if number.isdecimal() and len(number) < 6]
    paper = print_rounds(public_id, numbers, request.form.get("stamp", ""))
    return on_paper(paper, f"tournees-{'-'.join(map(str, numbers[:1] + numbers[1:][-1:]))}-{today()}")


@feature.post("/launches/<public_id>/cancellation", access=DESK, shows="certification.launch", keep="never")
def cancel_launch(public_id: str) -> ResponseReturnValue:
    get_or_404(db.select(Launch), public_id=public_id).cancel(me())
    return see("certification.launch", public_id=public_id)


def _offered(form: LaunchForm) -> LaunchForm:
    form.offer(db.session.execute(quarters_with_boxes()).all(), db.session.execute(streets_with_boxes()).all())
    return form


def _preparing(form: LaunchForm, planned: Plan | None, status: int = 200) -> ResponseReturnValue:
    return page("certification/new_launch.html", "preview", form=form, planned=planned, status=status)
