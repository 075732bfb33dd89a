"""Addresses that show somebody's reading keys to whoever has them: signed by the town, stored nowhere, for 30 days."""

from datetime import date, timedelta
from typing import Final

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import select

from town.commons.people.models import Person
from town.kernel.db import db
from town.kernel.language import today
from town.kernel.tenancy import current_town, towns

GOOD_FOR: Final = timedelta(days=30)


def _signer() -> URLSafeSerializer:
    settings = towns().settings
    keys = [key.get_secret_value() for key in settings.secret_key_fallbacks] + [settings.key()]
    return URLSafeSerializer(keys, salt=f"trust-showing:{current_town().uid}")


def token_for(public_id: str) -> str:
    """The same all day, so that looking at the page twice gives one address."""
    token = _signer().dumps([public_id, (today() + GOOD_FOR).isoformat()])
    return token if isinstance(token, str) else token.decode()


def shown_by(token: str) -> tuple[Person, date] | None:
    """Whose keys it shows and until when; None when it is not ours, is over, or its owner has left."""
    try:
        public_id, until = _signer().loads(token)
        last_day = date.fromisoformat(until)
    except (BadData, ValueError, TypeError):
        return None
    if last_day < today():
        return None
    person = db.session.scalar(select(Person).where(Person.public_id == str(public_id), Person.left_at.is_(None)))
    return (person, last_day) if person is not None else None
