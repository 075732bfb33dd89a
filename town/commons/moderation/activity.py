"""What happens in moderation, and who hears of it. Nobody is named: not who reported, not who decided."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from town.commons.activity import Activity, Kind
from town.commons.people.models import Person, RoleGrant
from town.kernel.db import db

DECIDERS = ("moderator", "admin")


def _people_with(*roles: str) -> Iterable[Person]:
    held = select(RoleGrant.person_id).where(RoleGrant.role.in_(roles))
    return db.session.scalars(select(Person).where(Person.id.in_(held), Person.left_at.is_(None))).all()


def _deciders(happened: Activity) -> Iterable[Person]:
    case = happened.subject
    apart = {case.author_id, case.about_id, *(report.reporter_id for report in case.reports)}
    return [person for person in _people_with(*DECIDERS) if person.id not in apart]


def _admins(happened: Activity) -> Iterable[Person]:
    return [person for person in _people_with("admin") if person.id != happened.subject.author_id]


def _author(happened: Activity) -> Iterable[Person]:
    return [person for person in (happened.subject.author,) if person]


def _reporter(happened: Activity) -> Iterable[Person]:
    return [person for person in (happened.subject.reporter,) if person]


CASE, STATEMENT, RECEIPT = "moderation.case", "moderation.statement", "moderation.receipt"

REPORTED = Kind(
    "moderation.reported", sentence=_l("Reported as an abuse: {subject}"), tells=_deciders, endpoint=CASE, by_mail=False
)
TO_READ_TODAY = Kind(
    "moderation.to_read_today",
    sentence=_l("Hidden until a moderator reads it, within a day: {subject}"),
    tells=_deciders,
    endpoint=CASE,
)
OVERDUE = Kind(
    "moderation.overdue",
    sentence=_l("Hidden for more than a day, and nobody has read it: {subject}"),
    tells=_admins,
    endpoint=CASE,
)
APPEALED = Kind("moderation.appealed", sentence=_l("An appeal to judge: {subject}"), tells=_deciders, endpoint=CASE)
HELD = Kind(
    "moderation.held",
    sentence=_l("Hidden until a moderator reads it, within a day: your “{subject}”"),
    tells=_author,
    endpoint=STATEMENT,
)
HIDDEN = Kind(
    "moderation.hidden",
    sentence=_l("Hidden by a decision, with its reasons: your “{subject}”"),
    tells=_author,
    endpoint=STATEMENT,
)
STAYS_HIDDEN = Kind(
    "moderation.stays_hidden",
    sentence=_l("Your appeal was judged, it stays hidden: “{subject}”"),
    tells=_author,
    endpoint=STATEMENT,
)
RESTORED = Kind(
    "moderation.restored", sentence=_l("Everybody sees it again: your “{subject}”"), tells=_author, endpoint=STATEMENT
)
ANSWERED = Kind(
    "moderation.answered",
    sentence=_l("An answer to your report of an abuse: {subject}"),
    tells=_reporter,
    endpoint=RECEIPT,
)
