"""The e-mail of a notice: its sentence, the town hall's words if it speaks, the way to the page and the way out."""

from typing import Any

from flask import render_template
from flask_babel import force_locale
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import select

from town.commons.activity import Activity, Kind, sentence
from town.commons.board import Card
from town.commons.holds import about_nothing_held
from town.commons.notices.mail import NIGHTS, carry, compose, language_of
from town.commons.notices.models import DIRECT, OFFICIAL, InboxNotice
from town.commons.notices.telling import MAIL, with_mail
from town.commons.people.models import Account, Person
from town.kernel.db import db
from town.kernel.features import address_of, is_on
from town.kernel.jobs import job
from town.kernel.tenancy import current_town, towns


@job(MAIL, attempts=NIGHTS)
def send_notice(payload: dict[str, Any]) -> None:
    """Send one notice by e-mail, unless it was taken back, read or stopped since it was promised."""
    found = db.session.execute(
        select(InboxNotice, Activity, Person, Account.email)
        .join(Activity, Activity.id == InboxNotice.activity_id)
        .join(Person, Person.id == InboxNotice.person_id)
        .join(Account, Account.person_id == Person.id)
        .where(InboxNotice.id == payload["notice"], InboxNotice.read_at.is_(None))
        .where(about_nothing_held(InboxNotice.subject_id))
    ).first()
    if found is None:
        return
    notice, activity, person, email = found
    kind = Kind.registry.get(activity.kind)
    sort = OFFICIAL if notice.official else DIRECT
    if email is None or kind is None or db.session.scalar(with_mail(sort).where(Person.id == person.id)) is None:
        return
    words = ""
    if notice.official:
        card = db.session.scalar(select(Card).where(Card.thing == activity.thing, Card.thing_id == activity.thing_id))
        if card is None or card.hidden_at is not None:
            return
        words = card.body or card.excerpt
    with force_locale(language_of(person)):
        speaker = activity.on_behalf_of or activity.speaker
        told = sentence(activity.kind, activity.title, activity.details, speaker.name if speaker else None)
        stop = address_of("messages.stop", token=stop_token(person, sort))
        text = render_template(
            "mail/notice.txt",
            told=told,
            words=words,
            link=_link(kind, notice.subject_id),
            official=notice.official,
            stop=stop,
        )
        letter = compose(f"notice-{notice.public_id}", notice.created_at.isoformat(), email, told, text, stop=stop)
        carry(letter)


def _link(kind: Kind, subject_id: str) -> str:
    endpoint = kind.endpoint or ""
    if not subject_id or not is_on(endpoint.partition(".")[0]):
        return ""
    return address_of(endpoint, public_id=subject_id)


def _signer() -> URLSafeSerializer:
    settings = towns().settings
    keys = [key.get_secret_value() for key in settings.secret_key_fallbacks] + [settings.key()]
    return URLSafeSerializer(keys, salt=f"mail-stop:{current_town().uid}")


def stop_token(person: Person, sort: str) -> str:
    """What stops a sort of e-mail without signing in. It serves for that alone, and for ever: old e-mails are kept."""
    token = _signer().dumps([person.public_id, sort])
    return token if isinstance(token, str) else token.decode()


def who_stops(token: str) -> tuple[int, str] | None:
    """Whose e-mails of which sort that token stops, or None for a token that is not ours or of somebody gone."""
    try:
        public_id, sort = _signer().loads(token)
    except (BadData, ValueError, TypeError):
        return None
    person_id = db.session.scalar(select(Person.id).where(Person.public_id == str(public_id)))
    return (person_id, sort) if person_id is not None and sort in (OFFICIAL, DIRECT) else None
