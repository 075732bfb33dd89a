"""Printing: the codes are made, laid out on paper, and only their hashes reach the town's file."""

from collections.abc import Sequence
from typing import Final

from flask_babel import lazy_gettext as _l

from town.blueprints.certification.mail import tell_printed
from town.blueprints.certification.paper import Envelope, Imprint, lay_out
from town.commons.people.visit import me
from town.commons.trust.codes import make_code
from town.commons.trust.postcards import ACTIVE, LIFE, Postcard, cards_in
from town.kernel.db import db, let_go, now
from town.kernel.features import address_of
from town.kernel.language import local
from town.kernel.refusals import Refused
from town.kernel.tenancy import current_town

MOST: Final = 100
"""Cards in one go: 25 sheets."""


class PileChanged(Refused):
    """Somebody printed, cancelled or asked meanwhile: printing blindly would kill codes that are in the post."""

    sentence = _l("The pile has changed, perhaps because these cards have just been printed. Look at the list again.")


class NothingChosen(Refused):
    sentence = _l("There is no card to print.")


def print_cards(chosen: Sequence[str]) -> bytes:
    """The PDF of the chosen cards, each named by `slip_of`. Its codes are nowhere else, and earlier ones are dead."""
    if not chosen:
        raise NothingChosen
    pile = _pile(chosen)
    if len(pile) != len(set(chosen)) or len(pile) > MOST:
        raise PileChanged
    codes = {card.public_id: make_code() for card in pile}
    slips = [slip_of(card) for card in pile]
    envelopes = [(envelope_of(card), codes[card.public_id]) for card in pile]
    let_go()  # laying out is slow: nobody waits for it, and what was read is read again
    town = current_town()
    paper = lay_out(envelopes, Imprint(town.name, address_of("certification.short_c"), local(now() + LIFE).date()))
    pile, by = _pile(chosen), me()
    if [slip_of(card) for card in pile] != slips:
        raise PileChanged
    for card in pile:
        card.print_with(codes[card.public_id], by)
        tell_printed(card.person)
    return paper


def slip_of(card: Postcard) -> str:
    """Names a card as the list showed it: one that was printed since has another name."""
    return f"{card.public_id}.{card.prints}"


def _pile(chosen: Sequence[str]) -> list[Postcard]:
    return [card for card in db.session.scalars(cards_in(*ACTIVE)) if slip_of(card) in chosen]


def envelope_of(card: Postcard) -> Envelope:
    address = card.address
    assert address is not None  # an active card has one: the table says so
    town = current_town()
    postcode = address.postcode or next(iter(town.postcodes), "")
    return Envelope(card.person.full_name, address.line, f"{postcode} {town.name.upper()}".strip())
