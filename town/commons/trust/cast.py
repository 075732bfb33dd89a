"""The cast's addresses are proved as everybody's: by a card some weeks ago, or at the desk by somebody else."""

from datetime import timedelta

from town.commons.people.cast import CAST
from town.commons.people.models import Person
from town.commons.trust.models import certify
from town.kernel.db import now


def prove_addresses(people: dict[str, Person]) -> None:
    """Certify whoever of the cast is; nobody decides for themselves."""
    for part in CAST:
        person = people[part.key]
        if part.how == "desk":
            certify(person, "desk", people["helene" if part.key == "jean" else "jean"], at=now() - timedelta(days=60))
        elif part.how is not None:
            certify(person, part.how, at=now() - timedelta(days=60))
