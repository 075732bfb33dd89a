"""Reading keys: facts about somebody, with how and when, computed from rows at each reading. No score is kept anywhere.

A feature adds its own, for several people at once so that a list costs one query:

    @reading_key("lending")
    def loans(person_ids: Sequence[int]) -> dict[int, list[Key]]: ...
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from town.commons.people.models import Person
from town.commons.trust.models import Certification
from town.commons.trust.words import proved
from town.kernel.db import db, now
from town.kernel.features import is_on
from town.kernel.language import month


@dataclass(frozen=True, slots=True)
class Key:
    """One fact. `detail`: how and when. `known` is false for what nobody has verified, which is shown too."""

    icon: str
    fact: str
    detail: str = ""
    known: bool = True


Reader = Callable[[Sequence[int]], dict[int, list[Key]]]
_readers: list[tuple[str, Reader]] = []


def reading_key(feature: str = "") -> Callable[[Reader], Reader]:
    """Declare a reader of facts; those of a feature that is off are not read."""

    def declare(reader: Reader) -> Reader:
        _readers.append((feature, reader))
        return reader

    return declare


def reading_keys(*person_ids: int) -> dict[int, list[Key]]:
    """All that is known of these people, and of what is not known the part that a reader may expect."""
    found: dict[int, list[Key]] = {person_id: [] for person_id in person_ids}
    for feature, reader in _readers:
        if not feature or is_on(feature):
            for person_id, keys in reader(person_ids).items():
                found[person_id] += keys
    return found


@reading_key()
def address(person_ids: Sequence[int]) -> dict[int, list[Key]]:
    """The proof of the address that stands, and whether somebody saw an identity document."""
    standing = select(Certification.person_id, Certification.how, Certification.at).where(
        Certification.person_id.in_(person_ids), Certification.ended_at.is_(None), Certification.until > now()
    )
    proofs = {person_id: (how, at) for person_id, how, at in db.session.execute(standing)}
    found: dict[int, list[Key]] = {}
    for person_id in person_ids:
        how, at = proofs.get(person_id, (None, None))
        if how is None or at is None:
            found[person_id] = [Key("certified", _("Address: not verified today"), known=False)]
        elif how == "desk":
            found[person_id] = [
                Key("townhall", _("Address verified"), proved(how, at)),
                Key("identity", _("Identity document seen"), _("by the town hall, %(month)s", month=month(at))),
            ]
        else:
            found[person_id] = [
                Key("postcard", _("Address verified"), proved(how, at)),
                Key("identity", _("Identity document: not asked for"), known=False),
            ]
    return found


@reading_key()
def presence(person_ids: Sequence[int]) -> dict[int, list[Key]]:
    """Since when, and whether there is a photo: what a profile itself says."""
    found: dict[int, list[Key]] = {}
    rows = select(Person.id, Person.joined_at, Person.portrait).where(Person.id.in_(person_ids))
    for person_id, joined_at, portrait in db.session.execute(rows):
        found[person_id] = [
            Key("calendar", _("Here since %(month)s", month=month(joined_at))),
            Key("photo", _("Profile photo")) if portrait else Key("photo", _("No profile photo"), known=False),
        ]
    return found
