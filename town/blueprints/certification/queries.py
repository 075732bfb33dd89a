"""Which ways of proving an address work in this town today, and what waits for whoever certifies."""

from typing import Any, Final

from flask_babel import ngettext
from sqlalchemy import Select, exists, func, select

from town.commons.people.models import Person, RoleGrant
from town.commons.trust.postcards import ASKED, Postcard
from town.commons.waiting import waits
from town.kernel.db import db
from town.kernel.tenancy import current_town

CERTIFIERS: Final = ("certifier", "agent", "admin")


def methods() -> list[str]:
    """The ways, the simplest first: a card needs somebody to print it, the desk somebody to stand there.

    A town may do without one: `"proofs": ["desk"]` in its profile.
    """
    offered = current_town().settings.get("proofs", ["postcard", "desk"])
    staffed = db.session.scalar(select(exists().where(RoleGrant.role.in_(CERTIFIERS))))
    return [way for way in ("postcard", "desk") if way in offered] if staffed else []


def cards_asked() -> Select[int, Any]:
    """How many cards wait to be printed, and since when the first does."""
    return select(func.count(), func.min(Postcard.asked_at)).where(Postcard.state == ASKED)


def addresses_to_find() -> Select[int, Any]:
    """How many residents live at an address that the town's list lacks, and since when the first waits."""
    lost = select(func.count(), func.min(Person.joined_at)).where(Person.address_id.is_(None), Person.left_at.is_(None))
    return lost.where(Person.address_words != "")


waits(
    "certification",
    cards_asked,
    lambda n: ngettext("%(num)s postcard to print", "%(num)s postcards to print", n),
    endpoint="certification.letters",
    icon="print",
    roles=CERTIFIERS,
    minutes=2,
)
waits(
    "certification",
    addresses_to_find,
    lambda n: ngettext("%(num)s address to find", "%(num)s addresses to find", n),
    endpoint="certification.desk",
    icon="place",
    roles=CERTIFIERS,
    minutes=3,
    missing="address",
)
