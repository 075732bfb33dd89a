"""« À faire ce matin »: what waits, the quickest first, and the doors to the town hall's other pages."""

from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from town.commons.people.access import STAFF
from town.commons.waiting import this_morning
from town.kernel.features import Feature, desk_links
from town.kernel.language import today
from town.kernel.web import page

feature = Feature(
    "desk", __name__, title=_l("Town hall desk"), icon="screen", short={"/bureau": "index"}, essential=True
)


@feature.get("/", access=STAFF)
def index() -> ResponseReturnValue:
    return page("desk/index.html", heaps=this_morning(), today=today(), links=desk_links())
