"""What neighbours know of who lends their arms: hours that associations have validated, with their rule."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import Select, func, select

from town.blueprints.associations.models import Mission
from town.commons.signups import CAME, Signup, Slot
from town.commons.trust.keys import Key, reading_key
from town.commons.trust.rules import Rule
from town.kernel.db import db

HOURS = Rule(
    "volunteer-hours",
    _l("Hours of volunteering"),
    _l(
        "The hours that associations of the town have validated for this neighbour after a mission, in full hours. "
        "Signing up counts for nothing: only who came. After two years nobody knows who came, and they count no more."
    ),
    feature="associations",
)


def given(person_ids: Sequence[int]) -> Select[Any]:
    """How many minutes these neighbours have given."""
    columns: tuple[Any, ...] = (Signup.person_id, func.sum(Signup.minutes))
    return (
        select(*columns)
        .join(Slot, Slot.id == Signup.slot_id)
        .where(Slot.thing == Mission.__tablename__, Signup.person_id.in_(person_ids), Signup.state == CAME)
        .group_by(Signup.person_id)
    )


@reading_key("associations")
def hours_given(person_ids: Sequence[int]) -> dict[int, list[Key]]:
    """Nothing for who has given none: it is no fault."""
    found = {}
    for person_id, minutes in db.session.execute(given(person_ids)):
        if person_id is not None and minutes >= 60:
            hours = ngettext("%(num)s hour of volunteering", "%(num)s hours of volunteering", minutes // 60)
            found[person_id] = [Key("volunteers", hours, _("validated by associations of the town"), rule=HOURS)]
    return found
