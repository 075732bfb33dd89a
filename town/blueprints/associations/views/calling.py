"""An association calls for volunteers, and changes or closes its call."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from town.blueprints.associations import queries
from town.blueprints.associations.forms import MissionForm, MissionWords, MoveForm, SeatsForm, SlotForm
from town.blueprints.associations.models import Mission, association_of
from town.blueprints.associations.views.door import OFFICERS, feature
from town.commons.people.access import SIGNED_IN
from town.commons.people.visit import me, visitor
from town.commons.signups import Slot
from town.kernel.db import get_or_404
from town.kernel.limits import Limit, by_person
from town.kernel.policy import authorize
from town.kernel.web import page, see

CALLS = Limit("associations.call", "10 per day", by_person, _l("That is many calls for one day. Go on tomorrow."))
NOT_YOURS = _l("Only its association runs this call.")


@feature.get("/missions/new", access=OFFICERS)
def new_mission() -> ResponseReturnValue:
    return page("associations/new_mission.html", form=MissionForm(data={"hat": request.args.get("hat", "")}))


@feature.post("/missions", access=OFFICERS, shows="associations.new_mission", limits=(CALLS,))
def create_mission() -> ResponseReturnValue:
    form = MissionForm()
    if not form.validate() or form.hat.organisation is None:
        return page("associations/new_mission.html", form=form, status=422)
    mission = Mission(association=association_of(form.hat.organisation))
    authorize("call", mission.association)
    form.fill(mission)
    mission.call(me(), form.needed)
    return see("associations.mission", public_id=mission.public_id)


def mission_run(public_id: str) -> Mission:
    """A mission, for who runs its association: whoever else may see it gets a 403."""
    mission = get_or_404(queries.missions_for(visitor()), public_id=public_id)
    authorize("run", mission, NOT_YOURS)
    return mission


@feature.get("/missions/<public_id>/edit", access=SIGNED_IN)
def edit_mission(public_id: str) -> ResponseReturnValue:
    return _show_edit(mission_run(public_id))


def _show_edit(
    mission: Mission, status: int = 200, moving: dict[str, MoveForm] | None = None, **forms: object
) -> ResponseReturnValue:
    ahead = [slot for slot in mission.standing if slot.open]
    moves = {slot.public_id: MoveForm(slot, formdata=None) for slot in ahead} | (moving or {})
    forms = {"moves": moves, "words": MissionWords(obj=mission), "adding": SlotForm(), "seats": SeatsForm(), **forms}
    return page("associations/edit_mission.html", "changing", mission=mission, status=status, **forms)


@feature.post("/missions/<public_id>", access=SIGNED_IN, shows="associations.edit_mission")
def update_mission(public_id: str) -> ResponseReturnValue:
    mission, form = mission_run(public_id), MissionWords()
    if not form.validate():
        return _show_edit(mission, status=422, words=form, form=form)
    form.fill(mission)
    mission.change()
    return see("associations.mission", public_id=public_id)


@feature.post("/missions/<public_id>/slots", access=SIGNED_IN, shows="associations.edit_mission")
def add_slot(public_id: str) -> ResponseReturnValue:
    mission, form = mission_run(public_id), SlotForm()
    if not form.validate() or form.needed is None:
        return _show_edit(mission, status=422, adding=form, form=form)
    mission.add(form.needed)
    return see("associations.edit_mission", public_id=public_id)


def slot_of(mission: Mission) -> Slot:
    """The slot of this mission that the form names."""
    wanted = request.form.get("slot", "")
    return get_or_404(mission.slots_asked(), public_id=wanted)


@feature.post("/missions/<public_id>/places", access=SIGNED_IN, shows="associations.edit_mission")
def resize_slot(public_id: str) -> ResponseReturnValue:
    mission, form = mission_run(public_id), SeatsForm()
    slot = slot_of(mission)
    if not form.validate() or form.seats.data is None:
        return _show_edit(mission, status=422, seats=form, form=form, resizing=slot.public_id)
    slot.resize(form.seats.data)
    return see("associations.edit_mission", public_id=public_id)


@feature.post("/missions/<public_id>/times", access=SIGNED_IN, shows="associations.edit_mission")
def move_slot(public_id: str) -> ResponseReturnValue:
    """Another time; whoever signed up is told."""
    mission = mission_run(public_id)
    slot = slot_of(mission)
    form = MoveForm(slot)
    if not form.validate() or form.period is None:
        return _show_edit(mission, status=422, form=form, moving={slot.public_id: form})
    mission.move(slot, form.period.starts, form.period.ends, me())
    return see("associations.edit_mission", public_id=public_id)


@feature.post("/missions/<public_id>/cancellations", access=SIGNED_IN, shows="associations.edit_mission")
def cancel_slot(public_id: str) -> ResponseReturnValue:
    mission = mission_run(public_id)
    mission.drop(slot_of(mission), me())
    return see("associations.edit_mission", public_id=public_id)


@feature.post("/missions/<public_id>/closing", access=SIGNED_IN, shows="associations.edit_mission")
def close_mission(public_id: str) -> ResponseReturnValue:
    mission_run(public_id).close(me())
    return see("associations.mission", public_id=public_id)
