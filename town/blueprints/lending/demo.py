"""The demo town's shelf, as on day ten: what a dozen neighbours lend, what is out, and what has come back."""

import csv
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from importlib.resources import files
from typing import Final

from sqlalchemy import delete, select

from town.blueprints.lending.models import Item, Loan
from town.commons.activity import TELL, happenings
from town.commons.board import publish
from town.commons.bookings import Period, day_starts
from town.commons.people.models import Person
from town.commons.reviews import exchange_about
from town.commons.worth import put_back
from town.kernel.db import db, now
from town.kernel.jobs import Job
from town.kernel.jobs import cancel as take_back
from town.kernel.language import today
from town.kernel.media.pictures import SIZES, Picture
from town.kernel.media.store import Stored, store

DRAWN: Final = {
    "books": "#ae9170",
    "drill": "#bbaa8c",
    "ladder": "#c1c0b1",
    "party": "#b0caae",
    "raclette": "#c49b82",
    "sewing": "#b4b2a2",
    "tent": "#4e555e",
    "trailer": "#b7b7a1",
}
"""The pictures drawn for the demo town, in every size already, and the colour that stands in while they load."""


def fill(cast: dict[str, Person]) -> None:
    """Fourteen things; eleven loans that are over, one out, one agreed, two that wait for an answer."""
    file = files("town") / "data" / "demo" / "lending.csv"
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines(), delimiter=";")
    shelf = {row["key"]: _offer(cast[row["owner"]], row) for row in rows}
    past = (
        ("ladder", "jeanne", 8, 2, "Pour accrocher la guirlande du balcon.", "Avec plaisir, je passe vous la déposer."),
        ("raclette", "theo", 7, 1, "Soirée entre étudiants, on sera huit.", "Les poêlons sont dans le sac bleu."),
        ("drill", "lucas", 6, 2, "Trois étagères à fixer.", "Prenez aussi les chevilles."),
        ("ladder", "mathilde", 5, 1, "Les gouttières de la serre.", ""),
        ("cargo", "odile", 4, 2, "Trois cartons de livres pour la boîte à livres.", "Il est dans la cour."),
        ("drill", "karim", 4, 1, "Une tringle à rideaux, dix minutes.", "Elle vous attend au café."),
        ("raclette", "helene", 4, 1, "Pot de départ de la secrétaire.", "Avec plaisir."),
        ("drill", "theo", 2, 1, "Accrocher le porte-vélo.", ""),
        ("raclette", "jeanne", 2, 1, "Les petits-enfants sont là.", "Le caquelon est fragile."),
    )
    for thing, borrower, ago, days, message, answer in past:
        _is_over(shelf[thing], cast[borrower], ago, days, message, answer)
    _is_over(shelf["tent"], cast["lucas"], 7, 3, "Deux nuits à l’étang.", "Elle sèche encore, passez vendredi.")
    _is_over(shelf["ladder"], cast["theo"], 14, 1, "Repeindre mon plafond.", "Montez par la cour.", late=3)
    _is_out(shelf["party"], cast["claire"], 1, 4, "Pour la fête de la rue de l’Église.")
    agreed = Loan.ask(shelf["trailer"], cast["amadou"], _days(3, 4), "Un buffet à livrer à Valmont.")
    agreed.accept("D’accord. Elle est sous le hangar, sonnez au 8.")
    Loan.ask(
        shelf["ladder"],
        cast["odile"],
        _days(2, 3),
        "Bonjour Karim, c’est pour nettoyer ma gouttière. Je passe la prendre la veille au soir ?",
    )
    Loan.ask(shelf["sewing"], cast["mathilde"], _days(5, 7), "Des ourlets de rideaux, deux jours suffiront.")


def _offer(owner: Person, row: dict[str, str]) -> Item:
    item = Item(owner=owner, quarter=owner.quarter)
    for name in ("title", "description", "category", "condition", "rules", "unit"):
        setattr(item, name, row[name])
    item.longest_days, item.buffer_minutes = int(row["longest_days"]), int(row["buffer_minutes"])
    item.price_cents = int(row["price"]) * 100 if row["price"] else None
    item.offer([_drawn(row["photo"])] if row["photo"] else [])
    item.created_at = now() - timedelta(days=int(row["days_ago"]), hours=len(item.title) % 7)
    publish(item)
    return item


def _drawn(name: str) -> Stored:
    """Already in every size, so that opening the demo town decodes nothing."""
    folder = files("town") / "data" / "demo" / "pictures"
    sizes = {size: (folder / f"{name}-{size}.webp").read_bytes() for size in SIZES}
    return store().put(Picture(1280, 720, DRAWN[name], "", sizes))


def _days(first: int, last: int) -> Period:
    """From today on."""
    return _between(today() + timedelta(days=first), today() + timedelta(days=last))


def _between(first: date, last: date) -> Period:
    return Period(day_starts(first), day_starts(last + timedelta(days=1)))


def _is_over(item: Item, borrower: Person, ago: int, days: int, message: str, answer: str, late: int = 0) -> None:
    """A loan of `days` days due `ago` days ago, given back `late` days after: by the verbs, then put back in time."""
    last = today() - timedelta(days=ago)
    loan = Loan.ask(item, borrower, _between(last - timedelta(days=days - 1), last), message)
    loan.accept(answer)
    _hand_over(loan)
    for party in _parties(loan):
        loan.give_back(party)
    ended = loan.booking.ends - timedelta(hours=5) + timedelta(days=late)
    loan.brought_back_at = loan.taken_back_at = loan.ended_at = ended
    _backdate(loan, loan.booking.starts)
    if (exchange := exchange_about(loan)) is not None:
        exchange.at = ended
        take_back(f"reviews.invite:{exchange.id}")


def _is_out(item: Item, borrower: Person, since: int, days: int, message: str) -> None:
    """A loan that began `since` days ago."""
    first = today() - timedelta(days=since)
    loan = Loan.ask(item, borrower, _between(first, first + timedelta(days=days - 1)), message)
    loan.accept("Venez avec une remorque, c’est encombrant.")
    _hand_over(loan)
    _backdate(loan, loan.booking.starts)


def _parties(loan: Loan) -> Sequence[Person]:
    return [person for person in (loan.owner, loan.borrower) if person is not None]


def _hand_over(loan: Loan) -> None:
    for party in _parties(loan):
        loan.hand_over(party)


def _backdate(loan: Loan, began: datetime) -> None:
    """It was asked for two days before it began; nobody is told today of what is long known."""
    loan.created_at = began - timedelta(days=2)
    loan.answered_at = began - timedelta(days=1, hours=14)
    loan.given_at = loan.received_at = began + timedelta(hours=9)
    told = {happened.id for happened in happenings(loan)}
    for happened in happenings(loan):
        happened.at = loan.ended_at or began
    put_back(loan, loan.ended_at or began)
    promised = select(Job).where(Job.name == TELL)
    known = [job.id for job in db.session.scalars(promised) if job.payload["activity"] in told]
    db.session.execute(delete(Job).where(Job.id.in_(known)))
