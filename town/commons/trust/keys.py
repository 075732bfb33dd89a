"""Reading keys: facts about somebody, with how and when, computed from rows at each reading. No score is kept anywhere.

A feature adds its own, for several people at once so that a list costs one query:

    @reading_key("lending")
    def loans(person_ids: Sequence[int]) -> dict[int, list[Key]]: ...

Each fact names the `Rule` by which it was found, and its page links to it.
"""

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from town.commons.people.models import Person
from town.commons.trust.models import Certification
from town.commons.trust.rules import Rule
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
    _: KW_ONLY
    rule: Rule


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


ADDRESS = Rule(
    "address",
    _l("Address verified"),
    _l(
        "The town hall put a card with a code into the letterbox, and the code was typed here; or the person came "
        "to the desk with a proof of address. The month is that of the proof which stands today. A proof is good "
        "for two years and falls at once when somebody moves."
    ),
)
IDENTITY = Rule(
    "identity",
    _l("Identity document"),
    _l(
        "At the desk, the town hall looks at an identity document and keeps no copy. A card proves an address, "
        "not a name: then we say that no document was asked for."
    ),
)
SINCE = Rule(
    "since",
    _l("Here since"),
    _l("The month in which the account was opened. It says nothing of how long somebody has lived in the town."),
)
PHOTO = Rule(
    "photo",
    _l("Profile photo"),
    _l("Whether the profile shows a photo. Nobody checks whom it shows, and nobody needs one."),
)


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
            found[person_id] = [Key("certified", _("Address: not verified today"), known=False, rule=ADDRESS)]
        elif how == "desk":
            found[person_id] = [
                Key("townhall", _("Address verified"), proved(how, at), rule=ADDRESS),
                Key(
                    "identity",
                    _("Identity document seen"),
                    _("by the town hall, %(month)s", month=month(at)),
                    rule=IDENTITY,
                ),
            ]
        else:
            found[person_id] = [
                Key("postcard", _("Address verified"), proved(how, at), rule=ADDRESS),
                Key("identity", _("Identity document: not asked for"), known=False, rule=IDENTITY),
            ]
    return found


@reading_key()
def presence(person_ids: Sequence[int]) -> dict[int, list[Key]]:
    """Since when, and whether there is a photo: what a profile itself says."""
    found: dict[int, list[Key]] = {}
    rows = select(Person.id, Person.joined_at, Person.portrait).where(Person.id.in_(person_ids))
    for person_id, joined_at, portrait in db.session.execute(rows):
        found[person_id] = [
            Key("calendar", _("Here since %(month)s", month=month(joined_at)), rule=SINCE),
            Key("photo", _("Profile photo"), rule=PHOTO)
            if portrait
            else Key("photo", _("No profile photo"), known=False, rule=PHOTO),
        ]
    return found
