"""« À faire ce matin »: what waits, the doors to the town hall's other pages, and what the town hall says of itself."""

from flask import flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from town.blueprints.desk.forms import PracticalForm
from town.blueprints.desk.practical import Practical, opening_hours
from town.commons.people.access import STAFF, role
from town.commons.people.acting import AGENTS
from town.commons.people.visit import me
from town.commons.places.hours import Hours, days_of_week
from town.commons.waiting import this_morning
from town.kernel.features import DeskPage, Feature, desk_links
from town.kernel.language import today
from town.kernel.tenancy import current_town
from town.kernel.web import page, see

feature = Feature(
    "desk",
    __name__,
    title=_l("Town hall desk"),
    icon="screen",
    short={"/bureau": "index"},
    essential=True,
    desk=[DeskPage("practical", _l("Hours and useful numbers"), "clock", daily=False)],
)
TOWN_HALL = role(*AGENTS)


@feature.get("/", access=STAFF)
def index() -> ResponseReturnValue:
    return page("desk/index.html", heaps=this_morning(), today=today(), links=desk_links())


@feature.get("/practical", access=TOWN_HALL, keep="never")
def practical() -> ResponseReturnValue:
    """When the town hall opens, its telephone, the bins, the doctor: what home and the weekly sheet say."""
    return _practical(PracticalForm.of(Practical.now()))


def _practical(form: PracticalForm, status: int = 200) -> ResponseReturnValue:
    hours = opening_hours()
    week = days_of_week(Hours(hours, current_town().timezone)) if hours else []
    return page("desk/practical.html", form=form, week=week, said=Practical.now(), status=status)


@feature.post("/practical", access=TOWN_HALL, keep="never", shows="desk.practical")
def keep_practical() -> ResponseReturnValue:
    form = PracticalForm()
    if not form.validate():
        return _practical(form, 422)
    form.said.keep(me())
    flash(_("Kept. Home, the town hall’s page and the sheet of the week say it now."), "ok")
    return see("desk.practical")
