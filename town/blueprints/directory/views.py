"""The town hall's page: send a file, look at what it holds, import it, undo it."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from town.blueprints.directory.forms import FileForm
from town.commons.directory import Batch, batches, lines_of, read_register
from town.commons.directory.matching import HERE, NEW
from town.commons.people.access import role
from town.commons.people.acting import AGENTS
from town.commons.people.visit import me
from town.kernel.db import db, get_or_404
from town.kernel.features import DeskPage, Feature
from town.kernel.tenancy import current_town
from town.kernel.web import page, see

TOWN_HALL = role(*AGENTS, step_up=True)
SHOWN = 20

feature = Feature(
    "directory",
    __name__,
    title=_l("Import a register"),
    icon="shop",
    desk=[DeskPage("index", _l("Import shops and associations"), "shop", daily=False)],
)


@feature.get("/", access=TOWN_HALL, keep="never")
def index() -> ResponseReturnValue:
    return _show_index(FileForm())


def _show_index(form: FileForm, status: int = 200) -> ResponseReturnValue:
    latest = db.session.scalars(batches().limit(SHOWN)).all()
    return page("directory/index.html", status=status, form=form, batches=latest)


@feature.post("/batches", access=TOWN_HALL, shows="directory.index", keep="never")
def create() -> ResponseReturnValue:
    """What a file holds, to be looked at. It is read before the town is asked for anything, so that nobody waits."""
    form = FileForm()
    if not form.validate():
        return _show_index(form, status=422)
    reading = read_register(form.read(), current_town().insee)
    if not reading.usable:
        form.file.errors = [str(remark) for remark in reading.errors]
        return _show_index(form, status=422)
    batch = Batch.look(reading, form.name, me())
    return see("directory.show", public_id=batch.public_id)


@feature.get("/batches/<public_id>", access=TOWN_HALL, keep="never")
def show(public_id: str) -> ResponseReturnValue:
    batch = get_or_404(batches(), public_id=public_id)
    lines = db.session.scalars(lines_of(batch)).all()
    new = [line for line in lines if line.verdict == NEW]
    return page(
        "directory/looking.html" if batch.waits else "directory/taken.html",
        batch=batch,
        lines=lines,
        proposed=[line for line in new if line.proposed],
        others=[line for line in new if not line.proposed and line.organisation is None],
        perhaps=[line for line in new if line.organisation is not None],
        here=[line for line in lines if line.verdict == HERE],
    )


@feature.post("/batches/<public_id>/import", access=TOWN_HALL, shows="directory.show", keep="never")
def take(public_id: str) -> ResponseReturnValue:
    batch = get_or_404(batches(), public_id=public_id)
    batch.take(set(request.form.getlist("line", type=int)), me())
    return see("directory.show", public_id=public_id)


@feature.post("/batches/<public_id>/undo", access=TOWN_HALL, shows="directory.show", keep="never")
def undo(public_id: str) -> ResponseReturnValue:
    batch = get_or_404(batches(), public_id=public_id)
    batch.undo(me())
    return see("directory.show", public_id=public_id)


@feature.post("/batches/<public_id>/removal", access=TOWN_HALL, shows="directory.show", keep="never")
def throw_away(public_id: str) -> ResponseReturnValue:
    get_or_404(batches(), public_id=public_id).throw_away()
    return see("directory.index")
