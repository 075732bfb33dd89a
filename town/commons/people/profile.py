"""What a person shows of themselves: name, words, portrait, and whether neighbours find them in the list."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from town.commons.people.models import Person
from town.commons.people.visit import visitor
from town.kernel.db import db, flush
from town.kernel.media import Media, Stored, attach, register_guard
from town.kernel.media.views import Seen
from town.kernel.refusals import Refused
from town.kernel.signals import person_erased

PORTRAIT = "person"
BIO = 600


class NameIsProved(Refused):
    """Somebody compared this name with a proof: only somebody may change it."""

    sentence = _l("Your name was checked with your address. To change it, see the town hall: it takes two minutes.")


def rename(person: Person, first_name: str, last_name: str) -> None:
    """Give a person another name. Raises `NameIsProved` once they are certified."""
    if (person.first_name, person.last_name) == (first_name, last_name):
        return
    if person.certified:
        raise NameIsProved
    person.first_name, person.last_name = first_name, last_name
    flush()


def introduce(person: Person, *, bio: str, listed: bool, language: str | None) -> None:
    """What neighbours read, whether they find it, and the language this person reads."""
    person.bio, person.listed, person.language = bio, listed, language
    flush()


def show_face(person: Person, picture: Stored) -> None:
    """The portrait, in place of the one before."""
    hide_face(person)
    [portrait] = attach([picture], PORTRAIT, person.id, uploaded_by=person.id)
    person.portrait = portrait.name
    flush()


def hide_face(person: Person) -> None:
    """Take the portrait away."""
    former = db.session.scalar(select(Media).where(Media.name == person.portrait)) if person.portrait else None
    if former is not None:
        former.remove()
    person.portrait = None
    flush()


@person_erased.connect
def forget_face(person: Person, **_: Any) -> None:
    hide_face(person)


def who_sees_a_face(person_id: int) -> Seen | None:
    """Certified neighbours and the town hall see portraits, and everybody their own; visitors see none."""
    viewer = visitor()
    seen = viewer.is_person(person_id) or viewer.certified or viewer.staff
    return "private" if seen else None


register_guard(PORTRAIT, who_sees_a_face)
