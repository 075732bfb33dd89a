"""What the tests of letterbox cards share: cards on paper for a street, and somebody at their letterbox."""

import re
from html import unescape

from flask.testing import FlaskClient
from sqlalchemy import select

from tests.cast import person_named
from town.commons.places.concerns import Concerns
from town.commons.places.models import Address, Street
from town.commons.trust.codes import ALPHABET, make_code
from town.commons.trust.launches import Launch, LetterboxCard, cards_of, plan, prepare
from town.kernel.db import db


def door_at(number: int, street: str) -> Address:
    return db.session.scalars(select(Address).join(Street).where(Street.name == street, Address.number == number)).one()


def delivered(street: str, by: str = "jean") -> tuple[Launch, dict[str, str]]:
    """A launch for that street, printed and in the letterboxes: the code of each house, by its address line."""
    there = db.session.scalars(select(Street).where(Street.name == street)).one()
    launch = prepare(plan(Concerns(streets=(there.id,))), person_named(by))
    cards = db.session.scalars(cards_of(launch)).all()
    codes = {card.id: make_code() for card in cards}
    launch.print_with(codes, person_named(by))
    db.session.commit()
    return launch, {card.address.line: codes[card.id] for card in cards}


def card_at(number: int, street: str) -> LetterboxCard:
    """The newest card of that house, whatever became of it."""
    there = select(LetterboxCard).where(LetterboxCard.address_id == door_at(number, street).id)
    card = db.session.scalars(there.order_by(LetterboxCard.id.desc())).first()
    assert card is not None
    db.session.refresh(card)
    return card


def other_than(code: str) -> str:
    return code[:-1] + next(sign for sign in ALPHABET if sign != code[-1])


def sheets(browser: FlaskClient, launch: str, part: int = 0) -> dict[str, object]:
    """What the button « Imprimer » of that part of a launch sends."""
    page = browser.get(f"/certification/launches/{launch}").text
    form = page.split(f'action="/certification/launches/{launch}/sheets"')[part + 1].partition("</form>")[0]
    stamp = re.search(r'name="stamp" value="([^"]+)"', form)
    assert stamp
    return {"round": re.findall(r'name="round" value="(\d+)"', form), "stamp": unescape(stamp[1])}
