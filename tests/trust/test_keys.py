"""Every figure of every profile, counted again from the rows by somebody who has not seen how the house does it."""

import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from sqlalchemy import Table, delete, event, insert, select

from tests.cast import CAST, person_named
from tests.conftest import Browse
from town.blueprints.lending.models import Item, Loan
from town.commons.bookings import Booking
from town.commons.people.models import Person
from town.commons.reviews import Exchange, Review
from town.commons.signups import Signup, Slot
from town.commons.trust.keys import reading_keys
from town.demo import DEMO_SLUG
from town.kernel.db import Base, db, new_public_id
from town.kernel.registry import Town
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

NOW = datetime(2027, 3, 10, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Rows = list[dict[str, Any]]
STATES = ["requested", "accepted", "handed_over", *["returned"] * 3, "refused", "cancelled", "expired"]


@pytest.fixture(autouse=True)
def clock(filled_instance: object) -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def fill_with_chance(seed: int) -> None:
    """Two hundred loans of every state in two years, on edges as well as between them, and what was said of some."""
    chance = random.Random(seed)
    people = list(db.session.scalars(select(Person).order_by(Person.id)))
    for table in (Review, Exchange, Loan):
        db.session.execute(delete(table))
    for number in range(200):
        owner, borrower = chance.sample(people, 2)
        state = chance.choice(STATES)
        ago = 0 if state == "requested" else chance.choice([3, 40, 182, 183, 184, 360, 364, 365, 366, 500])
        created = NOW - ago * DAY - chance.choice([0, 1, 3600, 7200]) * timedelta(seconds=1)
        starts, length = created + chance.randint(1, 90) * HOUR, chance.randint(1, 20) * DAY
        ends = starts + length
        answered = state in ("accepted", "handed_over", "returned", "refused") or chance.random() < 0.6
        answered = answered and state != "requested"
        out = state in ("handed_over", "returned")
        back = ends + chance.choice([-40, -1, 0, 23, 24, 25, 90]) * HOUR
        other_says = back + chance.choice([0, 5, 30]) * HOUR
        said = [back, other_says] if state == "returned" else [None, None]
        if state == "handed_over" and chance.random() < 0.3:
            said = [NOW - HOUR, None]
        chance.shuffle(said)
        ended = {"returned": max(back, other_says), "refused": created + HOUR}.get(state)
        if state in ("cancelled", "expired"):
            ended = starts - chance.choice([-2, 1, 23, 24, 25, 80]) * HOUR
        item = Item(owner=owner, title=f"Objet {number}", withdrawn_at=NOW)
        booking = Booking(
            thing="lending_item",
            thing_id=number,
            starts=starts,
            ends=ends,
            free_from=ends,
            state="done",
            created_at=created,
        )
        forgotten = ended is not None and ended < NOW - 365 * DAY
        loan = Loan(item=item, booking=booking, state=state, borrower=None if forgotten else borrower)
        loan.created_at, loan.answer_by, loan.ended_at = created, created + 48 * HOUR, ended
        loan.answered_at = (
            created + chance.choice([1, 59, 60, 61, 300, 2000]) * timedelta(minutes=1) if answered else None
        )
        loan.given_at = loan.received_at = starts if out else None
        loan.brought_back_at, loan.taken_back_at = said
        loan.cancelled_by = chance.choice(["owner", "borrower", None]) if state == "cancelled" else None
        db.session.add_all([item, booking, loan])
        db.session.flush()
        if state == "returned":
            say(chance, loan, owner, borrower)
    db.session.commit()


def say(chance: random.Random, loan: Loan, owner: Person, borrower: Person) -> None:
    exchange = {
        "public_id": new_public_id(), "sort": "loan", "thing": "lending_loan", "thing_id": loan.id,
        "thing_public_id": loan.public_id, "title": "Objet", "first_id": owner.id, "second_id": borrower.id, "at": NOW,
    }  # fmt: skip
    number = db.session.execute(insert(Exchange).returning(Exchange.id), [exchange]).scalar_one()
    for first, writer, about in ((True, owner, borrower), (False, borrower, owner)):
        if chance.random() < 0.5:
            facts = {name: chance.choice(["yes", "yes", "no", "na"]) for name in ("kept_word", "as_agreed", "again")}
            review = Review(exchange_id=number, by_first=first, writer=writer, about=about, written_at=NOW, **facts)
            review.readable_from = NOW + chance.choice([-5, 0, 1, 9]) * DAY
            review.hidden_at = NOW if chance.random() < 0.1 else None
            db.session.add(review)


def rows(model: type[Base]) -> Rows:
    table = model.__table__
    assert isinstance(table, Table)
    return [dict(row) for row in db.session.execute(select(table)).mappings()]


def counted(person: int) -> set[str]:
    """What the page must say of somebody, from the raw rows."""
    owners = {item["id"]: item["owner_id"] for item in rows(Item)}
    times = {booking["id"]: booking for booking in rows(Booking)}
    loans = rows(Loan)
    said = set()
    mine = [loan for loan in loans if owners[loan["item_id"]] == person]
    begun = sum(loan["state"] in ("handed_over", "returned") for loan in mine)
    back = sum(loan["state"] == "returned" for loan in mine)
    if begun:
        said.add(f"{begun} prêt{'s' * (begun > 1)}, {back} retour{'s' * (back > 1)} | confirmés par les deux voisins")
    else:
        said.add("Aucun prêt jusqu’ici | ")

    good = due = agreed = late = 0
    for loan in loans:
        ended, period = loan["ended_at"], times[loan["booking_id"]]
        if ended is not None and NOW - ended > 365 * DAY:
            continue
        first_word = [at for at in (loan["brought_back_at"], loan["taken_back_at"]) if at]
        if loan["borrower_id"] == person:
            if loan["state"] == "returned":
                due += 1
                good += not min(first_word) - period["ends"] > DAY
            elif loan["state"] == "handed_over" and not first_word and NOW - period["ends"] > DAY:
                due += 1
        side = "owner" if owners[loan["item_id"]] == person else "borrower" if loan["borrower_id"] == person else ""
        if side and loan["answered_at"] and loan["state"] != "refused":
            agreed += 1
            at_last = loan["state"] == "cancelled" and period["starts"] - ended < DAY
            late += at_last and loan["cancelled_by"] == side
    if due:
        said.add(f"Rendu à l’heure : {good} sur {due} | ses emprunts, sur douze mois")
    if agreed:
        what = f"{late} prêt{'s' * (late > 1)} annulé{'s' * (late > 1)} au dernier moment"
        what = what if late else "Rien d’annulé au dernier moment"
        said.add(f"{what} | sur {agreed} prêt{'s' * (agreed > 1)} convenu{'s' * (agreed > 1)} en un an")
    return said | answers(mine) | reviews(person) | hours(person)


def hours(person: int) -> set[str]:
    calls = {slot["id"] for slot in rows(Slot) if slot["thing"] == "associations_mission"}
    given = [
        row["minutes"] for row in rows(Signup)
        if row["person_id"] == person and row["slot_id"] in calls and row["state"] == "came"
    ]  # fmt: skip
    full = sum(given) // 60
    words = f"{full} heure{'s' * (full > 1)} de bénévolat | validées par des associations de la commune"
    return {words} if full else set()


def answers(mine: Rows) -> set[str]:
    lately = [
        loan for loan in mine
        if NOW - loan["created_at"] <= 183 * DAY and not (loan["ended_at"] and NOW - loan["ended_at"] > 365 * DAY)
    ]  # fmt: skip
    minutes = sorted(
        (loan["answered_at"] - loan["created_at"]) / timedelta(minutes=1) for loan in lately if loan["answered_at"]
    )
    silent = sum(loan["state"] == "expired" and not loan["answered_at"] for loan in lately)
    left = f"{silent} demande{'s' * (silent > 1)} sans réponse"
    count = len(minutes)
    if count < 3:
        return {f"{left} | en six mois"} if silent else set()
    middle = minutes[count // 2] if count % 2 else (minutes[count // 2 - 1] + minutes[count // 2]) / 2
    hours = max(1, -int(-middle // 60))
    detail = f"médiane de {count} réponses en six mois"
    return {f"Répond en {hours} heure{'s' * (hours > 1)} | {detail}{f', {left}' if silent else ''}"}


def reviews(person: int) -> set[str]:
    theirs = [
        row for row in rows(Review)
        if row["about_id"] == person and row["hidden_at"] is None and row["readable_from"] <= NOW
    ]  # fmt: skip
    said = []
    for fact, words in (("kept_word", "Parole tenue"), ("as_agreed", "Objet comme convenu"), ("again", "À refaire")):
        told = [row[fact] for row in theirs if row[fact] in ("yes", "no")]
        if told:
            said.append(f"{words} : {told.count('yes')} sur {len(told)}")
    if not said:
        return {"Pas encore d’avis de voisin | "}
    by = f"{len(theirs)} avis de voisin{'s' * (len(theirs) > 1)} après un échange"
    return {f"{said[0]} | {by}", *(f"{fact} | " for fact in said[1:])}


KEY = re.compile(
    r'<li(?: class="no")?><svg[^>]*>.*?</svg><span>\s*<a href="([^"]+)">(.*?)</a>(.*?)</span></li>', re.DOTALL
)
"""A reading key on a page: every one is a link to its rule."""


def plain(html: str) -> str:
    return re.sub(r"[\u00a0\u202f]", " ", unescape(re.sub(r"<[^>]+>", "", html))).strip()


def shown(page: str) -> dict[str, str]:
    """The facts of a page, each with the address of its rule."""
    keys = re.search(r'<ul class="keys".*?</ul>', page, re.DOTALL)
    assert keys is not None
    assert keys[0].count("<li") == len(KEY.findall(keys[0]))
    return {f"{plain(fact)} | {plain(detail)}": rule for rule, fact, detail in KEY.findall(keys[0])}


@pytest.mark.parametrize("seed", range(4))
def test_every_figure_of_every_profile_is_what_the_rows_say(app: TownApp, browse: Browse, seed: int) -> None:
    """ID-19 Recomputed from raw rows, for everybody of the cast, and compared with the page."""
    with enter(app, DEMO_SLUG):
        fill_with_chance(seed)
        people = {part.key: person_named(part.key) for part in CAST}
        expected = {name: counted(person.id) for name, person in people.items()}
        address = {name: f"/neighbours/{person.public_id}" for name, person in people.items()}
        db.session.rollback()
    odile = browse("odile")
    for name, facts in expected.items():
        page = browse(name).get("/neighbours/me") if name == "nadia" else odile.get(address[name])
        figures = {
            fact for fact, rule in shown(page.text).items()
            if rule.partition("#")[2] not in ("address", "identity", "since", "photo")
        }  # fmt: skip
        assert figures == facts, name


def test_every_fact_links_to_a_rule_that_is_written(app: TownApp, browse: Browse) -> None:
    """ID-19 Each figure leads to the rule that computed it, which anybody may read."""
    rules = browse().get("/trust/rules")
    assert rules.status_code == 200
    anchors = set(re.findall(r'<section class="sheet flow" id="([\w-]+)"', rules.text))
    with enter(app, DEMO_SLUG):
        fill_with_chance(7)
        addresses = [f"/neighbours/{person_named(part.key).public_id}" for part in CAST if part.key != "nadia"]
        shelf = select(Item.public_id).where(Item.withdrawn_at.is_(None)).limit(3)
        addresses += [f"/lending/items/{public_id}" for public_id in db.session.scalars(shelf)]
        db.session.rollback()
    linked = set()
    for address in addresses:
        for rule in shown(browse("jean").get(address).text).values():
            assert rule.startswith("/trust/rules#")
            linked.add(rule.partition("#")[2])
    assert linked <= anchors
    assert {"loans-given", "loans-on-time", "loans-cancelled-late", "answer-time", "reviews"} <= linked


def test_rules_of_what_is_off_are_not_shown(app: TownApp, browse: Browse) -> None:
    app.extensions["towns"].registry.change(DEMO_SLUG, features_off=["lending", "reviews"])
    text = browse().get("/trust/rules").text
    assert 'id="address"' in text
    assert 'id="loans-given"' not in text
    assert 'id="reviews"' not in text


def test_keys_of_many_cost_as_much_as_keys_of_one(town: Town) -> None:
    """A list may show them: the questions do not grow with the people."""
    asked: list[str] = []
    engine = db.session.get_bind()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    people = [person_named(part.key).id for part in CAST]
    event.listen(engine, "before_cursor_execute", note)
    try:
        reading_keys(people[0])
        one = len(asked)
        reading_keys(*people)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(asked) == 2 * one
    assert one <= 6


def test_there_is_no_score_anywhere(app: TownApp) -> None:
    """ID-19 No column keeps a mark of somebody: facts are counted when they are read."""
    names = {column.name for table in Base.metadata.sorted_tables for column in table.columns}
    assert not {name for name in names if re.search(r"score|rating|stars|karma|reputation|trust_level", name)}
