"""The home page."""

from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from town.commons.people.access import PUBLIC
from town.kernel.features import Feature
from town.kernel.web import page

feature = Feature("home", __name__, title=_l("My town"), icon="town", url_prefix="", essential=True)


@feature.get("/", access=PUBLIC)
def index() -> ResponseReturnValue:
    return page("base.html")
