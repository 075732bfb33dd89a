"""What happens around a mission, and who hears of it."""

from flask_babel import lazy_gettext as _l

from town.commons.activity import Kind
from town.commons.reviews import Sort
from town.commons.signups import signed, speaks

SHOWN = "associations.mission"


CALLED = Kind("associations.called", sentence=_l("{actor} looks for volunteers: {subject}"), endpoint=SHOWN)
OVER = Kind("associations.over", sentence=_l("The call is closed: {subject}"), endpoint=SHOWN)
PROMOTED = Kind(
    "associations.promoted",
    sentence=_l("A place is free for you, you are expected: {subject}"),
    tells=signed,
    endpoint=SHOWN,
)
TOMORROW = Kind(
    "associations.tomorrow", sentence=_l("Tomorrow, you are expected: {subject}"), tells=signed, endpoint=SHOWN
)
MOVED = Kind(
    "associations.moved", sentence=_l("It takes place at another time: {subject}"), tells=signed, endpoint=SHOWN
)
CANCELLED = Kind(
    "associations.cancelled", sentence=_l("It will not take place: {subject}"), tells=signed, endpoint=SHOWN
)
CAME = Kind(
    "associations.came",
    sentence=_l("{actor} thanks you, your hours are validated: {subject}"),
    tells=signed,
    endpoint=SHOWN,
    by_mail=False,
)
"""The exchange is confirmed: somebody gave hours (`details["minutes"]`), and the association says so."""

speaks("associations_mission", promoted=PROMOTED, tomorrow=TOMORROW, moved=MOVED, cancelled=CANCELLED)

MISSION = Sort("mission", shown="associations.signup", after=_l("after a mission"))
"""What the volunteer and whoever received them may say once the hours are validated."""
