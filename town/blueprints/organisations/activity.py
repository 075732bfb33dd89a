"""What happens to who runs an organisation, and who hears of it."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from town.commons.activity import Activity, Kind
from town.commons.people.invitations import invited
from town.commons.people.models import Person
from town.commons.people.organisations import MANAGER, Membership, team
from town.kernel.db import db


def _claimant(happened: Activity) -> Iterable[Person]:
    return [happened.subject.person]


def _invited(happened: Activity) -> Iterable[Person]:
    return db.session.scalars(invited(happened.subject)).all()


def _managers(happened: Activity) -> Iterable[Person]:
    return [duty.person for duty in db.session.scalars(team(happened.subject.id)) if duty.duty == MANAGER]


def _former(happened: Activity) -> Iterable[Person]:
    duty = db.session.scalar(select(Membership).where(Membership.public_id == happened.details["membership"]))
    return [duty.person] if duty else []


ACCEPTED = Kind(
    "organisations.accepted",
    sentence=_l("The town hall says yes, you now run the page of: {subject}"),
    tells=_claimant,
    endpoint="organisations.asked",
)
REFUSED = Kind(
    "organisations.refused",
    sentence=_l("The town hall could not give you the page of: {subject}"),
    tells=_claimant,
    endpoint="organisations.asked",
)
INVITED = Kind(
    "organisations.invited",
    sentence=_l("{actor} asks you to help run: {subject}"),
    tells=_invited,
    endpoint="organisations.invitation",
)
JOINED = Kind(
    "organisations.joined",
    sentence=_l("{actor} now runs this with you: {subject}"),
    tells=_managers,
    endpoint="organisations.people",
    by_mail=False,
)
ENDED = Kind("organisations.ended", sentence=_l("You no longer run: {subject}"), tells=_former)
