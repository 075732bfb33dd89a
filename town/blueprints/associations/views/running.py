"""On the morning itself and after: who comes, who came, for how long, and the list for the door."""

from flask import Response, abort, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from town.blueprints.associations import paper
from town.blueprints.associations.models import Mission
from town.blueprints.associations.views.calling import mission_run
from town.blueprints.associations.views.door import feature
from town.commons.bookings import words
from town.commons.people.access import SIGNED_IN
from town.commons.people.visit import me
from town.commons.signups import Signup, Slot
from town.kernel.db import get_or_404
from town.kernel.language import clock, day, local
from town.kernel.web import page, see

LONGEST_DAY = 24 * 60


@feature.get("/missions/<public_id>/people", access=SIGNED_IN, keep="never")
def volunteers(public_id: str) -> ResponseReturnValue:
    """Who comes, with the number that they gave for this, if they did."""
    return _show(mission_run(public_id))


def _show(mission: Mission, wrong: str = "", status: int = 200) -> ResponseReturnValue:
    return page("associations/volunteers.html", "people", mission=mission, wrong=wrong, status=status)


@feature.get("/missions/<public_id>/list", access=SIGNED_IN, keep="never")
def printed_list(public_id: str) -> ResponseReturnValue:
    """On paper, a page a slot, with boxes to tick."""
    mission = mission_run(public_id)
    sheets = [_sheet(slot) for slot in mission.standing]
    if not sheets:
        abort(404)
    pdf = paper.attendance_list(mission.title, mission.association.name, mission.meeting_point, sheets)
    return as_pdf(pdf, f"liste-{mission.public_id}")


def _sheet(slot: Slot) -> paper.Sheet:
    when = words(slot.starts, slot.ends)
    if local(slot.starts).date() == local(slot.ends).date():
        hours = {"start": clock(slot.starts), "end": clock(slot.ends)}
        when = _("%(day)s, from %(start)s to %(end)s", day=day(slot.starts), **hours)
    heading = f"{when[:1].upper()}{when[1:]}" + (f", {slot.words}" if slot.words else "")
    coming = [signup for signup in slot.signups if signup.seat is not None]
    return paper.Sheet(heading, slot.seats, _lines(coming), _lines(slot.line))


def _lines(signups: list[Signup]) -> list[paper.Line]:
    named = [paper.Line(one.person.name if one.person else _("A former neighbour"), one.phone) for one in signups]
    return named


def as_pdf(pdf: bytes, name: str) -> Response:
    """Paper with names on it: no browser, proxy or worker keeps it."""
    answer = Response(pdf, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Offline"] = "never"
    return answer


@feature.post("/missions/<public_id>/attendance", access=SIGNED_IN, shows="associations.volunteers", keep="never")
def attendance(public_id: str) -> ResponseReturnValue:
    """Each line says whether somebody came; `minutes` corrects how long. What is left open stays open."""
    mission = mission_run(public_id)
    slot = get_or_404(mission.slots_asked(), public_id=request.form.get("slot", ""))
    said = [(signup, request.form.get(f"came-{signup.public_id}", "")) for signup in slot.signups]
    hours = {signup.id: _minutes(request.form.get(f"hours-{signup.public_id}", "")) for signup, _answer in said}
    if any(minutes == -1 for minutes in hours.values()):
        return _show(mission, wrong=_("Hours are numbers such as 2 or 1.5, a day at most."), status=422)
    for signup, answer in said:
        if answer in ("yes", "no"):
            mission.confirm(signup, answer == "yes", hours[signup.id], me())
    return see("associations.volunteers", public_id=public_id)


def _minutes(typed: str) -> int | None:
    """« 1,5 » is 90; nothing is the whole slot (None); what cannot be read is -1."""
    typed = typed.strip().replace(",", ".")
    if not typed:
        return None
    try:
        minutes = round(float(typed) * 60)
    except (ValueError, OverflowError):
        return -1
    return minutes if 0 < minutes <= LONGEST_DAY else -1
