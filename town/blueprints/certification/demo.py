"""The demo town's letterboxes: Nadia's card is in hers, one waits to be printed, a small street has cards for all."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select

from town.commons.people.models import Account, Person
from town.commons.places.concerns import Concerns
from town.commons.places.models import Address, Street
from town.commons.trust.codes import make_code
from town.commons.trust.launches import LetterboxCard, cards_of, plan, prepare
from town.commons.trust.postcards import ask_for_card
from town.kernel.db import db, new_public_id, now

CODE: Final = "CERF4827"
"""On Nadia's card, so that whoever visits the demo town may type it in. A real card's code is on paper alone."""

LETTERBOX_CODE: Final = "CART4827"
"""On the card of 1 rue du Lavoir, which bears no name."""


def fill(cast: dict[str, Person]) -> None:
    card = ask_for_card(cast["nadia"])
    card.print_with(CODE, cast["jean"])
    card.asked_at, card.printed_at = now() - timedelta(days=3), now() - timedelta(days=2)
    newcomer = Person(first_name="Inès", last_name="Delorme", address=_door("Avenue de Bel-Air"))
    newcomer.bio = "Infirmière de nuit, nouvelle à Bel-Air."
    newcomer.joined_at = now() - timedelta(days=1)
    newcomer.account = Account(email="ines@saint-loup.example", email_confirmed_at=now(), fs_uniquifier=new_public_id())
    db.session.add(newcomer)
    ask_for_card(newcomer).asked_at = now() - timedelta(hours=20)
    db.session.flush()
    _launch("Rue du Lavoir", cast["jean"])


def _launch(street: str, by: Person) -> None:
    """Cards for one street, printed two days ago. The code of its first house is known, for visitors of the demo."""
    there = db.session.scalars(select(Street).where(Street.name == street)).one()
    launch = prepare(plan(Concerns(streets=(there.id,))), by)
    launch.prepared_at = now() - timedelta(days=3)
    cards = db.session.scalars(cards_of(launch).order_by(LetterboxCard.place)).all()
    launch.print_with({card.id: make_code() if number else LETTERBOX_CODE for number, card in enumerate(cards)}, by)


def _door(street: str) -> Address | None:
    """The last house of that street, where nobody of the cast lives."""
    doors = select(Address).join(Street).where(Street.name == street).order_by(Address.number.desc())
    return db.session.scalar(doors.limit(1))
