"""The feature itself, and who may use its addresses."""

from flask_babel import lazy_gettext as _l

from town.commons.people.access import recently_confirmed, role
from town.commons.people.acting import AGENTS
from town.commons.people.visit import Visitor
from town.kernel.features import DeskPage, Feature
from town.kernel.policy import Access

TOWN_HALL = role(*AGENTS, step_up=True)


def _confirmed(viewer: Visitor) -> bool:
    return viewer.signed_in and (not viewer.has_role(*AGENTS) or recently_confirmed())


NAMES = Access("signed in, confirmed for the town hall", _confirmed, TOWN_HALL.refuse, alone=True)
"""Naming who runs a page weighs as much as answering who asks for it: the town hall types its password for both."""

feature = Feature(
    "organisations",
    __name__,
    title=_l("Organisations"),
    icon="shop",
    essential=True,  # shops and associations stand on it
    desk=[
        DeskPage("claims", _l("Pages asked for"), "shop"),
        DeskPage("new", _l("Open a page for a shop or an association"), "plus", daily=False),
    ],
)
