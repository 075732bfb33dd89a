"""Printing a launch: a code for each letterbox of some rounds, on paper alone, in the order of the walk."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from flask_babel import force_locale
from flask_babel import gettext as _

from town.blueprints.certification.letterbox_paper import Bag, Label, lay_out_bags
from town.blueprints.certification.paper import Envelope, Imprint
from town.blueprints.certification.printing import NothingChosen
from town.blueprints.certification.queries import Round
from town.blueprints.certification.sheet import PER_SHEET
from town.commons.people.visit import me
from town.commons.places.models import Address
from town.commons.trust.codes import make_code
from town.commons.trust.launches import (
    Launch,
    LaunchOver,
    LetterboxCard,
    PrintedMeanwhile,
    full_addresses,
    locked_launch,
    to_print,
)
from town.commons.trust.postcards import LIFE
from town.kernel.db import db, get_or_404, let_go, now, reading_only
from town.kernel.features import address_of
from town.kernel.language import local
from town.kernel.tenancy import current_town

MOST: Final = 500
"""Cards in one PDF: some 130 sheets, a ream's quarter, made in a few seconds."""


@dataclass(frozen=True, slots=True)
class Part:
    """The rounds that are printed in one go. `stamp` is theirs as the page shows them: once printed, it is another."""

    rounds: list[Round]

    @property
    def boxes(self) -> int:
        return sum(found.total("printable") for found in self.rounds)

    @property
    def sheets(self) -> int:
        """The list of rounds, and for each as many sheets as its cards and its streets' labels fill."""
        return 1 + sum(-(-(found.total("printable") + found.labels) // PER_SHEET) for found in self.rounds)

    @property
    def first(self) -> int:
        return self.rounds[0].number

    @property
    def last(self) -> int:
        return self.rounds[-1].number

    @property
    def printed(self) -> bool:
        return not any(found.total("waiting") for found in self.rounds)

    @property
    def stamp(self) -> str:
        return f"{self.boxes}.{sum(found.total('prints') for found in self.rounds)}"


def parts(rounds: Sequence[Round]) -> list[Part]:
    """The rounds of a launch that may be printed, in piles of at most `MOST` cards."""
    found: list[Part] = []
    for one in rounds:
        boxes = one.total("printable")
        if boxes and (not found or found[-1].boxes + boxes > MOST):
            found.append(Part([one]))
        elif boxes:
            found[-1].rounds.append(one)
    return found


def print_rounds(launch_id: str, numbers: Sequence[int], stamp: str) -> bytes:
    """The PDF of these rounds. Letterboxes that need no card any more are left out, and noted so."""
    with reading_only():
        launch = get_or_404(db.select(Launch), public_id=launch_id)
        if launch.cancelled_at is not None:
            raise LaunchOver
        cards = db.session.scalars(to_print(launch, numbers)).all()
        if not cards or len(cards) > MOST:
            raise NothingChosen
        if _stamp_of(cards) != stamp:
            raise PrintedMeanwhile
        full = set(db.session.scalars(full_addresses()))
        needless = [c.id for c in cards if c.address.retired_at is not None or c.address_id in full]
        codes = {card.id: make_code() for card in cards if card.id not in needless}
        if not codes:
            raise NothingChosen
        with force_locale(current_town().language):  # paper speaks it, whoever prints
            bags = _bags([card for card in cards if card.id in codes], codes, by_sides=launch.by_sides)
        number = launch.id
    let_go()  # laying out is slow: nobody waits for it, and what was read is read again
    until = local(now() + LIFE).date()
    imprint = Imprint(current_town().name, address_of("certification.short_boite"), until, household=True)
    with force_locale(current_town().language):
        paper = lay_out_bags(bags, imprint)
    launch = locked_launch(number)
    if _stamp_of(db.session.scalars(to_print(launch, numbers)).all()) != stamp:
        raise PrintedMeanwhile
    launch.leave_out(needless)
    launch.print_with(codes, me())
    return paper


def _stamp_of(cards: Sequence[LetterboxCard]) -> str:
    return f"{len(cards)}.{sum(card.prints for card in cards)}"


def _bags(cards: Sequence[LetterboxCard], codes: dict[int, str], *, by_sides: bool) -> list[Bag]:
    found = []
    short = address_of("certification.short_c")
    for number, in_round in groupby(cards, key=lambda card: card.round):
        bag = Bag(number)
        for street, in_street in groupby(in_round, key=lambda card: card.address.street):
            there = list(in_street)
            bag.add(Label(number, street.name, len(there), _numbers([card.address for card in there], by_sides)))
            for card in there:
                bag.add((_envelope(card, f"{short}/{card.address.public_id}"), codes[card.id]))
        found.append(bag)
    return found


def _envelope(card: LetterboxCard, square: str) -> Envelope:
    town, address = current_town(), card.address
    postcode = address.postcode or next(iter(town.postcodes), "")
    town_line = f"{postcode} {town.name.upper()}".strip()
    return Envelope(_("To whoever lives at"), address.line, town_line, square, f"{card.round}.{card.place}")


def _numbers(doors: Sequence[Address], by_sides: bool) -> list[str]:
    """« Côté impair : 1 à 41 », « Retour, côté pair : 40 à 2 », as the cards lie in the bag."""
    numbered = [door for door in doors if door.number is not None]
    if not by_sides:
        return [_("From %(first)s to %(last)s", **_ends(numbered))] if numbered else []
    found = []
    sides = _("Odd side: %(first)s to %(last)s"), _("Back down the even side: %(first)s to %(last)s")
    for odd, words in zip((1, 0), sides, strict=True):
        side = [door for door in numbered if (door.number or 0) % 2 == odd]
        if side:
            found.append(words % _ends(side))
    return found


def _ends(doors: Sequence[Address]) -> dict[str, str]:
    first, last = (f"{door.number} {door.suffix}".strip() for door in (doors[0], doors[-1]))
    return {"first": first, "last": last}
