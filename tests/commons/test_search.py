"""One box finds what is meant: without accents, in the plural, half typed, on both engines alike."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from town.commons import search
from town.commons.board import CERTIFIED, PUBLIC, STAFF, Card, CardReach
from town.commons.feed import card_rows, cards, recent
from town.commons.people.visit import ANYBODY, Visitor
from town.kernel.db import db, new_public_id, now
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

NEIGHBOUR = Visitor(person_id=1, first_name="Odile", last_name="Marchetti")

Found = Callable[..., list[str]]


def put_up(title: str, body: str = "", visible_to: str = PUBLIC, language: str = "fr", **more: Any) -> Card:
    """A card without a thing behind it: enough to look for."""
    card = Card(
        thing="trial",
        thing_id=abs(hash((title, body))) % 10**9,
        public_id=new_public_id(),
        feature="home",
        endpoint="home.index",
        kind="notice",
        title=title,
        excerpt=body[:200],
        body=body,
        visible_to=visible_to,
        concerns={},
        posted_at=now(),
        updated_at=now(),
        **more,
    )
    db.session.add(card)
    db.session.flush()
    db.session.add(CardReach(token="town", posted_at=card.posted_at, card_id=card.id))
    search.index(card.id, title, body, language)
    return card


@pytest.fixture
def found(trial: TownApp) -> Iterator[Found]:
    """`found("échelle")`: the titles that a visitor finds, in the words of the trial town."""
    with enter(trial, "a"):
        put_up("Échelle télescopique", "Pratique pour les gouttières.")
        put_up("Bœuf bourguignon pour tous", "Samedi à la salle des fêtes, chez l’Œuvre paroissiale.")
        put_up("Travaux rue de l’Église", "La circulation est coupée aux poids lourds.")
        put_up("Vélos à réparer", "L’atelier ouvre mercredi.")
        put_up("Perceuse", "Avec ses forets.", visible_to=CERTIFIED)
        put_up("Lampadaire éteint", "Devant l’école.", visible_to=STAFF)
        db.session.commit()

        def titles(question: str, viewer: Visitor = ANYBODY) -> list[str]:
            answer = search.matching(question, Card.id)
            return [] if answer is None else sorted(row.title for row in card_rows(recent(cards(viewer).where(answer))))

        yield titles


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("échelle", "Échelle télescopique"),
        ("ECHELLES", "Échelle télescopique"),
        ("echel", "Échelle télescopique"),
        ("gouttière", "Échelle télescopique"),
        ("boeuf", "Bœuf bourguignon pour tous"),
        ("bœufs", "Bœuf bourguignon pour tous"),
        ("l'oeuvre", "Bœuf bourguignon pour tous"),
        ("eglise", "Travaux rue de l’Église"),
        ("l’église travaux", "Travaux rue de l’Église"),
        ("vélo", "Vélos à réparer"),
        ("reparer velos", "Vélos à réparer"),
    ],
)
def test_a_word_is_found_however_it_is_typed(found: Found, question: str, title: str) -> None:
    assert found(question) == [title]


@pytest.mark.parametrize("question", ["tondeuse", "échelle perceuse", "zzz"])
def test_what_nobody_wrote_is_not_found(found: Found, question: str) -> None:
    assert found(question) == []


HOSTILE = ['"', "*", "(", "NEAR/9999", "col: x'", "' OR 1=1 --", "\x00", "&|!", "échelle'); DROP TABLE card;--"]


@pytest.mark.parametrize("question", [*HOSTILE, "a" * 5000, " ".join(map(str, range(300)))])
def test_a_hostile_question_is_only_a_question(found: Found, question: str) -> None:
    assert isinstance(found(question), list)
    assert found("échelle") == ["Échelle télescopique"]


def test_only_what_one_may_see_is_found(found: Found) -> None:
    certified = replace(NEIGHBOUR, certified_until=now() + timedelta(days=365))
    agent = replace(NEIGHBOUR, roles=frozenset({"agent"}))
    assert found("perceuse") == found("perceuse", NEIGHBOUR) == found("perceuse", agent) == []
    assert found("perceuse", certified) == ["Perceuse"]
    assert found("lampadaire") == found("lampadaire", certified) == []
    assert found("lampadaire", agent) == ["Lampadaire éteint"]


def test_what_leaves_the_board_is_no_longer_found(found: Found) -> None:
    card = db.session.scalars(select(Card).where(Card.title == "Vélos à réparer")).one()
    search.forget(card.id)
    db.session.execute(delete(CardReach).where(CardReach.card_id == card.id))
    db.session.delete(card)
    db.session.commit()
    assert found("vélo") == []


def test_of_a_word_that_all_hold_the_newest_are_found(found: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are, a question costs no more than so many."""
    monkeypatch.setattr(search, "NEWEST", 2)
    for name in ("Lampe du Bourg", "Lampe du lavoir", "Lampe du Puits"):
        put_up(name)
    assert set(found("lampe")) == {"Lampe du lavoir", "Lampe du Puits"}
