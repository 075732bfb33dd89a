"""The feature itself, and who may use its addresses."""

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from town.commons.people.hats import my_hats, wears
from town.commons.people.organisations import ASSOCIATION
from town.kernel.features import Feature, Gesture

OFFICERS = wears(ASSOCIATION)


def _gestures() -> list[Gesture]:
    """One tap from home to the form, for whoever speaks for an association."""
    hats = my_hats(ASSOCIATION)
    return [
        Gesture(
            "volunteers",
            _("Call for volunteers"),
            url_for("associations.new_mission", hat=hat.public_id),
            hat.name if len(hats) > 1 else "",
            hat.public_id,
        )
        for hat in hats
    ]


feature = Feature(
    "associations",
    __name__,
    title=_l("Associations"),
    icon="association",
    short={"/benevolat": "missions", "/benevoles": "missions"},
    gestures=_gestures,
)
