"""The demo town's reviews: what neighbours said after loans that are over; one is not so good, and has its reply."""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import delete, select

from town.commons.activity import TELL, happenings
from town.commons.people.models import Person
from town.commons.reviews import BLIND, Exchange, Facts
from town.kernel.db import db
from town.kernel.jobs import Job

GOOD = Facts("yes", "yes", "yes")


class Said(NamedTuple):
    """What one of the two said, so many hours after the return."""

    hours: int
    text: str
    facts: Facts = GOOD
    reply: str = ""


SAID = {
    ("karim", "theo"): (
        Said(
            30,
            "Revenue trois jours après la date, mais en parfait état.",
            Facts("no", "yes", "yes"),
            "C’est vrai, pardon : mes partiels. La prochaine fois, je préviens.",
        ),
        Said(20, "Karim m’a aidé à la porter jusque chez moi. Échelle impeccable."),
    ),
    ("karim", "jeanne"): (
        Said(9, "Rendue essuyée, avec un pot de confiture."),
        Said(6, "Ponctuel, et il explique bien comment la verrouiller."),
    ),
    ("karim", "mathilde"): (None, Said(20, "Prêtée le jour même, sans façon.")),
    ("odile", "theo"): (Said(26, "Rendu lavé, comme demandé."), Said(12, "En très bon état. On a bien mangé !")),
    ("amadou", "lucas"): (Said(40, ""), Said(8, "Il m’a montré quelle mèche prendre. Merci !")),
    ("theo", "odile"): (None, Said(7, "Elle tire un peu à gauche, mais elle m’a bien servi.")),
}
"""By owner and borrower: what the owner said, and what the borrower said. Where only one wrote, nobody reads it yet."""


def fill(cast: dict[str, Person]) -> None:
    """By the verbs, then put back in time; nobody is told today of what is long known."""
    names = {person.id: name for name, person in cast.items()}
    told: set[int] = set()
    for exchange in db.session.scalars(select(Exchange).order_by(Exchange.id)).all():
        words = SAID.get((names.get(exchange.first_id or 0, ""), names.get(exchange.second_id or 0, "")), ())
        for writer, said in zip((exchange.first, exchange.second), words, strict=False):
            if writer is not None and said is not None:
                exchange.write(writer, said.facts, said.text).written_at = exchange.at + timedelta(hours=said.hours)
        _put_back(exchange)
        for review, said in zip(exchange.reviews, words, strict=False):
            if said is not None and said.reply:
                review.reply_with(said.reply)
                review.replied_at = review.readable_from + timedelta(days=1)
        told |= {happened.id for happened in happenings(exchange)}
    promised = db.session.scalars(select(Job).where(Job.name == TELL))
    known = [job.id for job in promised if job.payload["activity"] in told]
    db.session.execute(delete(Job).where(Job.id.in_(known)))


def _put_back(exchange: Exchange) -> None:
    """To the moment when it could be read: once both had written, or not yet."""
    written = [review.written_at for review in exchange.reviews]
    for review in exchange.reviews:
        review.readable_from = max(written) if len(written) == 2 else review.written_at + BLIND
