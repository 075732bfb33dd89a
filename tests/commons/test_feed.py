"""Home: my street, my quarter, the town, each newest first, nothing twice, nothing that is not for me."""

from datetime import timedelta

import pytest
from flask import g
from sqlalchemy import delete, event, insert, select

from tests.cast import person_named
from tests.commons.test_search import put_up
from tests.conftest import Browse
from town.commons import search
from town.commons.board import CERTIFIED, Card, CardReach
from town.commons.feed import PAGE, card_rows, cards, home_sections, recent
from town.commons.people.models import Person
from town.commons.people.visit import ANYBODY, Visitor
from town.kernel.db import db, new_public_id, now
from town.kernel.registry import Town
from town.kernel.tenancy import enter
from town.kernel.web import TownApp


def seen_by(person: Person) -> Visitor:
    assert person.address is not None
    return Visitor(
        person_id=person.id,
        certified_until=person.certified_until,
        street_id=person.address.street_id,
        quarter_id=person.address.quarter_id,
    )


def test_every_card_stands_in_one_section(town: Town) -> None:
    sections = home_sections(seen_by(person_named("odile")))
    shown = [row.public_id for name in ("street", "quarter", "town") for row in sections[name]]
    assert shown
    assert len(shown) == len(set(shown))


def test_my_street_comes_first_and_holds_only_my_street(town: Town) -> None:
    odile = person_named("odile")
    assert odile.address is not None
    token = f"street:{odile.address.street_id}"
    mine = set(db.session.scalars(select(Card.title).join(CardReach).where(CardReach.token == token)))
    rows = home_sections(seen_by(odile))["street"]
    assert rows
    assert {row.title for row in rows} <= mine


def test_a_visitor_sees_the_town_and_no_neighbours_things(town: Town) -> None:
    sections = home_sections(ANYBODY)
    assert set(sections) == {"urgent", "town"}
    for_neighbours = set(db.session.scalars(select(Card.title).where(Card.visible_to == CERTIFIED)))
    assert for_neighbours
    assert not for_neighbours & {row.title for row in sections["town"]}


def test_older_cards_follow_without_gap_or_repeat(trial: TownApp) -> None:
    with enter(trial, "a"):
        start = now()
        for number in range(PAGE * 2 + 5):
            card = put_up(f"Avis {number}")
            card.posted_at = start - timedelta(minutes=number // 2)  # pairs share their minute
        db.session.commit()
        titles: list[str] = []
        cursor = ""
        while page := card_rows(recent(cards(ANYBODY), PAGE, cursor)):
            titles += [row.title for row in page]
            cursor = page[-1].cursor
        assert len(titles) == len(set(titles)) == PAGE * 2 + 5


def test_a_tampered_cursor_is_the_first_page(trial: TownApp) -> None:
    with enter(trial, "a"):
        put_up("Avis")
        db.session.commit()
        for cursor in ("-1", "abc", "9" * 60 + "-1", "1e9-1", "²-1", "0-", "\x00"):
            assert len(card_rows(recent(cards(ANYBODY), PAGE, cursor))) == 1


def test_a_cursor_with_a_number_no_database_holds_is_an_empty_page_and_no_mistake_of_ours(trial: TownApp) -> None:
    with enter(trial, "a"):
        put_up("Avis")
        db.session.commit()
        assert card_rows(recent(cards(ANYBODY), PAGE, "0-" + "9" * 20)) == []


def test_an_expired_or_hidden_card_is_gone_at_once(trial: TownApp) -> None:
    with enter(trial, "a"):
        put_up("Périmé", expires_at=now() - timedelta(seconds=1))
        put_up("Caché", hidden_at=now())
        put_up("Là")
        db.session.commit()
        assert [row.title for row in card_rows(recent(cards(ANYBODY)))] == ["Là"]


def test_a_badge_that_falls_falls_everywhere(town: Town) -> None:
    karim = person_named("karim")
    viewer = seen_by(person_named("odile"))
    his = cards(viewer).where(Card.author_id == karim.id, Card.on_behalf_of_id.is_(None))
    assert all(row.author_certified for row in card_rows(his))
    karim.certified_until = now() - timedelta(seconds=1)
    db.session.flush()
    rows = card_rows(his)
    assert rows
    assert not any(row.author_certified for row in rows)
    db.session.rollback()


def fill_the_board(count: int) -> None:
    """So many cards without things behind them, found under « avis »."""
    template = put_up("Avis")
    row = {name: getattr(template, name) for name in (column.key for column in Card.__table__.columns) if name != "id"}
    first = template.id + 1
    start = now()
    cards_ = [
        {**row, "id": first + n, "thing_id": 10**6 + n, "public_id": new_public_id(), "title": f"Avis {n}"}
        | {"posted_at": start - timedelta(seconds=n)}
        for n in range(count)
    ]
    db.session.execute(insert(Card), cards_)
    reach = [{"token": "town", "posted_at": card["posted_at"], "card_id": card["id"]} for card in cards_]
    db.session.execute(insert(CardReach), reach)
    for card in cards_[:200]:
        search.index(card["id"], card["title"], "")
    db.session.commit()


def clear_the_board() -> None:
    trial = select(Card.id).where(Card.thing == "trial")
    db.session.execute(delete(CardReach).where(CardReach.card_id.in_(trial)))
    for number in db.session.scalars(trial).all():
        search.forget(number)
    db.session.execute(delete(Card).where(Card.thing == "trial"))
    db.session.commit()


@pytest.mark.parametrize("count", [10, 10_000])
@pytest.mark.parametrize("address", ["/", "/?in=town", "/?who=neighbours", "/search/?q=avis"])
def test_lists_ask_few_questions_however_much_there_is(
    app: TownApp, town: Town, browse: Browse, address: str, count: int
) -> None:
    fill_the_board(count)
    browser = browse("odile")
    asked: list[str] = []
    engine = g.engine

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN", "SELECT set_config", "SET TRANSACTION")):
            asked.append(statement)

    try:
        answer = browser.get(address)
        assert answer.status_code == 200
        assert "Avis 1" in answer.text or "neighbours" in address
        assert 1 < len(asked) <= 4, "\n\n".join(asked)
    finally:
        event.remove(engine, "before_cursor_execute", note)
        clear_the_board()
