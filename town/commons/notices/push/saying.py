"""What a phone shows, in the language of whoever reads it.

The town hall's word is public and is shown as it is. Of what neighbours do, a screen that others may see says only that
there is something new.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask_babel import force_locale, ngettext
from sqlalchemy import func, select

from town.commons.activity import Activity, Kind, sentence
from town.commons.board import Card
from town.commons.holds import about_nothing_held
from town.commons.notices.mail import language_of
from town.commons.notices.models import InboxNotice
from town.commons.notices.push.models import PushDevice
from town.commons.people.models import Account, Person, SessionRow
from town.kernel.db import db, now
from town.kernel.features import address_of, is_on
from town.kernel.tenancy import current_town

NEWS = timedelta(days=1)
"""What is older rings nowhere: whoever wants it finds it in the inbox and on the board."""
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Said:
    """One message: what stands on the screen, where a tap leads, how many are unread.

    tag: what was shown under the same one is replaced: a correction stands in the place of what it corrects.
    """

    body: str
    language: str
    url: str
    tag: str
    urgent: bool = False
    unread: int | None = None

    def to_json(self) -> dict[str, Any]:
        said = {
            "title": current_town().name,
            "body": self.body,
            "lang": self.language,
            "url": self.url,
            "tag": self.tag,
        }
        return said if self.unread is None else {**said, "unread": self.unread}


def for_person(device: PushDevice, number: int) -> Said | None:
    """What somebody’s phone says now of what they were told: nothing once it is read, taken back, hidden or stopped."""
    mine = select(func.count()).select_from(InboxNotice).where(InboxNotice.person_id == Person.id)
    mine = mine.where(InboxNotice.read_at.is_(None), about_nothing_held(InboxNotice.subject_id))
    unread = mine.correlate(Person).scalar_subquery()
    row = db.session.execute(
        select(InboxNotice, Activity, Person, unread)
        .join(Activity, Activity.id == InboxNotice.activity_id)
        .join(Person, Person.id == InboxNotice.person_id)
        .join(Account, Account.person_id == Person.id)
        .join(SessionRow, SessionRow.account_id == Account.id)
        .where(InboxNotice.id == number, InboxNotice.read_at.is_(None), about_nothing_held(InboxNotice.subject_id))
        .where(SessionRow.id == device.session_id, SessionRow.expires_at > now(), Person.left_at.is_(None))
        .where(Activity.at > now() - NEWS)
    ).first()
    if row is None:
        return None
    notice, activity, person, count = row
    language = language_of(person)
    with force_locale(language):
        if notice.official:
            said = _official(activity, language) if device.official else None
            return replace(said, url=_path("messages.open", public_id=notice.public_id), unread=count) if said else None
        if not device.direct:
            return None
        words = ngettext("%(num)s new message", "%(num)s new messages", count)
        return Said(words, language, _path("messages.inbox"), tag="messages", unread=count)


def for_anybody(device: PushDevice, number: int) -> Said | None:
    """What a phone without account says of an activity now."""
    activity = db.session.get(Activity, number)
    if activity is None or device.session_id is not None or activity.at <= now() - NEWS:
        return None
    with force_locale(device.language):
        return _official(activity, device.language)


def _official(activity: Activity, language: str) -> Said | None:
    """The town hall's word, while it stands on the board."""
    kind = Kind.registry.get(activity.kind)
    if kind is None or not kind.endpoint or not is_on(kind.endpoint.partition(".")[0]):
        return None
    subject = activity.subject
    on_the_board = select(Card.id).where(Card.thing == activity.thing, Card.thing_id == activity.thing_id)
    seen = on_the_board.where(Card.hidden_at.is_(None), about_nothing_held(getattr(subject, "public_id", "")))
    if subject is None or db.session.scalar(seen) is None:
        return None
    speaker = activity.on_behalf_of or activity.speaker
    told = sentence(activity.kind, activity.title, activity.details, speaker.name if speaker else None)
    url = _path(kind.endpoint, public_id=subject.public_id)
    tag = f"{activity.thing}-{activity.thing_id}"
    return Said(told[:LONGEST], language, url, tag, urgent=kind.urgent)


def _path(endpoint: str, **values: str) -> str:
    return urlsplit(address_of(endpoint, **values)).path
