"""A mission as neighbours see it: what, when, where, and one tap to come."""

from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select

from town.blueprints.associations import queries
from town.blueprints.associations.forms import PhoneForm
from town.blueprints.associations.models import Mission
from town.blueprints.associations.views.calling import slot_of
from town.blueprints.associations.views.door import feature
from town.commons.people.access import CERTIFIED, PUBLIC, SIGNED_IN
from town.commons.people.visit import me, visitor
from town.commons.reviews import exchange_about
from town.commons.signups import CAME, NotOpen
from town.kernel.db import db, get_or_404
from town.kernel.features import link_to
from town.kernel.limits import Limit, by_person
from town.kernel.web import page, see

YESES = Limit("associations.sign-up", "30 per hour", by_person, _l("That is many at once. Try again in an hour."))


@feature.get("/missions", access=PUBLIC)
def missions() -> ResponseReturnValue:
    """Where arms are looked for, the soonest first."""
    return page("associations/missions.html", missions=db.session.execute(queries.open_missions().limit(100)).all())


def _found(public_id: str) -> Mission:
    return get_or_404(queries.missions_for(visitor()), public_id=public_id)


@feature.get("/missions/<public_id>", access=PUBLIC)
def mission(public_id: str) -> ResponseReturnValue:
    found = _seen(public_id)
    return _show(found, PhoneForm()) if found else _show_hidden(get_or_404(_promised(), public_id=public_id))


def _seen(public_id: str) -> Mission | None:
    return db.session.scalar(queries.missions_for(visitor()).where(Mission.public_id == public_id.replace("\x00", "")))


def _promised() -> Select[Mission]:
    """What moderators hide is nobody's to read, but whoever said yes may still say that they cannot come."""
    return queries.promised_to(visitor())


def _show_hidden(mission: Mission) -> ResponseReturnValue:
    mine = [slot for slot in mission.standing if slot.open and slot.of(visitor().person_id)]
    return page("associations/hidden_mission.html", mission=mission, slots=mine)


def _show(mission: Mission, form: PhoneForm, status: int = 200) -> ResponseReturnValue:
    came = [mine for slot in mission.slots if (mine := slot.of(visitor().person_id)) and mine.state == CAME]
    told = [exchange for signup in came if (exchange := exchange_about(signup))]
    return page(
        "associations/mission.html",
        "slots",
        status=status,
        mission=mission,
        form=form,
        review_urls=[link_to("reviews.exchange", public_id=exchange.public_id) for exchange in told],
    )


@feature.post("/missions/<public_id>/signups", access=CERTIFIED, shows="associations.mission", limits=(YESES,))
def sign_up(public_id: str) -> ResponseReturnValue:
    """One tap: the button names the slot. A full one means the end of the line."""
    mission, form = _found(public_id), PhoneForm()
    slot = slot_of(mission)
    if not form.validate():
        return _show(mission, form, status=422)
    mission.sign_up(me(), slot, form.phone.data or "")
    return see("associations.mission", public_id=public_id)


@feature.post("/missions/<public_id>/withdrawals", access=SIGNED_IN, shows="associations.mission")
def withdraw(public_id: str) -> ResponseReturnValue:
    seen = _seen(public_id)
    mission = seen or get_or_404(_promised(), public_id=public_id)
    signup = slot_of(mission).of(visitor().person_id)
    if signup is None:
        raise NotOpen
    signup.withdraw()
    mission.read_again()
    return see("associations.mission", public_id=public_id) if seen else see("associations.mine")
