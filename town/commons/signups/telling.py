"""How those who signed up hear of it: each feature declares its kinds, and the reminder goes out the evening before."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from town.commons.activity import Activity, Kind, record
from town.commons.people.models import Person
from town.kernel.db import Base, db, now
from town.kernel.jobs import cancel, enqueue
from town.kernel.language import local

REMINDED_AT: Final = time(18)
"""The day before, by the town's clock: late enough to have read the weather, early enough to say no."""

REMIND: Final = "signups.remind"


@dataclass(frozen=True, slots=True)
class Voice:
    """What somebody who signed up for a thing is told, and by which kinds. Each `tells` is `signed`."""

    promoted: Kind
    tomorrow: Kind
    moved: Kind
    cancelled: Kind


_voices: dict[str, Voice] = {}


def speaks(thing: str, *, promoted: Kind, tomorrow: Kind, moved: Kind, cancelled: Kind) -> None:
    """Declare how those who signed up for the things of that table are told."""
    _voices[thing] = Voice(promoted, tomorrow, moved, cancelled)


def signed(happened: Activity) -> Iterable[Person]:
    """Whom a signup's activity is for: `Kind(..., tells=signed)`."""
    from town.commons.signups.models import Signup

    signup = db.session.get(Signup, happened.details["signup"])
    return [signup.person] if signup is not None and signup.person is not None else []


def thing_of(slot: Any) -> Any:
    """What the slot is a slot of, or None when it is gone."""
    model = next((m.class_ for m in Base.registry.mappers if m.class_.__tablename__ == slot.thing), None)
    return db.session.get(model, slot.thing_id) if model is not None else None


def tell(what: str, signup: Any, actor: Person | None = None) -> None:
    """Tell the one who signed up: « promoted », « tomorrow », « moved » or « cancelled »."""
    voice, thing = _voices.get(signup.slot.thing), thing_of(signup.slot)
    if voice is not None and thing is not None:
        record(getattr(voice, what), thing, actor, signup=signup.id)


def promise_reminder(signup: Any) -> None:
    """Remind them the evening before, unless that has passed: then they have only just said yes."""
    first_day = local(signup.slot.starts)
    evening = datetime.combine(first_day.date() - timedelta(days=1), REMINDED_AT, first_day.tzinfo).astimezone(UTC)
    if evening > now():
        enqueue(REMIND, {"signup": signup.id}, at=evening, key=f"{REMIND}:{signup.id}")


def take_reminder_back(signup: Any) -> None:
    cancel(f"{REMIND}:{signup.id}")
