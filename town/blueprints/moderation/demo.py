"""The demo town's queue: one neighbour has reported a photo, and nobody has read it yet."""

from datetime import timedelta

from sqlalchemy import select

from town.commons.activity import TELL, happenings
from town.commons.board import Card
from town.commons.moderation import Case
from town.commons.people.models import Person
from town.kernel.db import db
from town.kernel.jobs import Job


def fill(cast: dict[str, Person]) -> None:
    """Théo recognises somebody else's house on the photo of a trailer."""
    lent = select(Card).where(Card.kind == "lend", Card.owner_id == cast["mathilde"].id, Card.photo.is_not(None))
    card = db.session.scalar(lent.order_by(Card.id).limit(1))
    if card is None:
        return
    sent = Case.report(
        card,
        cast["theo"],
        "privacy",
        "On reconnaît la maison derrière la remorque. Ce n’est pas la sienne, et ses habitants n’ont rien demandé.",
        quote="La maison, à gauche de la photo",
    )
    sent.at -= timedelta(hours=14)
    case = sent.case
    case.opened_at = case.waiting_since = sent.at
    told = {happened.id for happened in happenings(case)}
    for promise in db.session.scalars(select(Job).where(Job.name == TELL)).all():
        if promise.payload["activity"] in told:
            db.session.delete(promise)  # nobody is told today of what is long known
    db.session.flush()
