"""TH-06: the code under each square leads from paper to the thing, for whoever may read it."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.cast import person_named
from tests.conftest import Browse
from town.blueprints.townhall.models import Notice
from town.commons.board import Card, publish
from town.commons.short import short_of, typed_code
from town.demo import DEMO_SLUG
from town.kernel.codes import ALPHABET, NotACode, code_of
from town.kernel.db import db, now
from town.kernel.tenancy import enter
from town.kernel.web import TownApp


def card_of(app: TownApp, **by: str) -> Card:
    with enter(app, DEMO_SLUG):
        return db.session.scalars(select(Card).filter_by(**by).order_by(Card.id)).first()  # type: ignore[return-value]  # the demo town has it


def lands(browser: FlaskClient, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 302
    return str(answer.location)


def test_a_code_leads_to_the_notice_however_it_is_typed(app: TownApp, browse: Browse) -> None:
    card = card_of(app, kind="notice")
    page = f"/town-hall/notices/{card.public_id}"
    for typed in (card.code, card.code.lower(), f"{card.code[:2]}-{card.code[2:]}", f" {card.code} "):
        assert lands(browse(), f"/f/{typed}") == page
    assert lands(browse(), f"/f/?code={card.code.lower()}").endswith(f"/f/{card.code.lower()}")
    with enter(app, DEMO_SLUG):
        scanned = short_of(card.public_id).scanned
    assert scanned == f"HTTP://SAINT-LOUP.LOCALHOST/F/{card.code}", "in capitals the squares of the code are larger"
    assert lands(browse(), f"/F/{card.code}") == page


def test_a_code_lasts_as_long_as_its_thing(app: TownApp) -> None:
    before = card_of(app, kind="notice")
    with enter(app, DEMO_SLUG):
        notice = db.session.scalars(select(Notice).where(Notice.public_id == before.public_id)).one()
        db.session.delete(db.session.get_one(Card, before.id))
        publish(notice)
        db.session.commit()
    assert card_of(app, public_id=before.public_id).code == before.code
    assert all(letter in ALPHABET for letter in before.code)
    assert len(before.code) == 5


def test_who_may_not_read_a_thing_learns_nothing_from_its_code(app: TownApp, browse: Browse) -> None:
    lent = card_of(app, kind="lend")
    assert lands(browse("karim"), f"/f/{lent.code}") == f"/lending/items/{lent.public_id}"
    refused, unknown = browse().get(f"/f/{lent.code}"), browse().get(f"/f/{code_of('nothing', 5)}")
    assert refused.status_code == unknown.status_code == 404
    assert lent.title not in refused.text
    assert lent.public_id not in refused.text
    assert "connectez-vous" in refused.text
    assert browse("nadia").get(f"/f/{lent.code}").status_code == 404, "her address is not proved yet"


def test_a_notice_that_is_over_is_found_and_one_withdrawn_is_said_to_be_gone(app: TownApp, browse: Browse) -> None:
    with enter(app, DEMO_SLUG):
        card = db.session.scalars(select(Card).where(Card.kind == "notice", Card.expires_at > now())).first()
        assert card is not None
        code, public_id = card.code, card.public_id
        kept, card.expires_at = card.expires_at, now()
        db.session.commit()
    assert lands(browse(), f"/f/{code}") == f"/town-hall/notices/{public_id}"
    with enter(app, DEMO_SLUG):
        db.session.scalars(select(Card).where(Card.public_id == public_id)).one().expires_at = kept
        notice = db.session.scalars(select(Notice).where(Notice.public_id == public_id)).one()
        notice.withdraw(person_named("claire"))
        db.session.commit()
    answer = browse().get(f"/f/{code}")
    assert answer.status_code == 404
    assert "retirée depuis l’impression" in answer.text


def test_two_things_with_one_code_are_both_shown(app: TownApp, browse: Browse) -> None:
    with enter(app, DEMO_SLUG):
        one, other = db.session.scalars(select(Card).where(Card.kind == "notice").order_by(Card.id).limit(2))
        kept, other.code = other.code, one.code
        code, titles, number = one.code, (one.title, other.title), other.id
        db.session.commit()
    text = browse().get(f"/f/{code}").text
    assert all(title.split()[0] in text for title in titles)
    assert text.count('class="cover"') == 2
    with enter(app, DEMO_SLUG):
        db.session.get_one(Card, number).code = kept
        db.session.commit()


@pytest.mark.parametrize("typed", ["K7M2", "K7M2PP", "K0M2P", "K7M2%C3%A9", "%00%00%00%00%00", "'OR1=1--"])
def test_what_cannot_be_a_code_is_explained(browse: Browse, typed: str) -> None:
    answer = browse().get(f"/f/{typed}")
    assert answer.status_code == 404
    assert 'aria-invalid="true"' in answer.text


def test_a_code_from_paper_is_read_as_kindly_as_that_of_a_postcard() -> None:
    assert typed_code("k7m-2p") == "K7M2P"
    with pytest.raises(NotACode):
        typed_code("K7M2L")


def test_codes_are_spread_over_the_alphabet() -> None:
    codes = {code_of(f"thing {n}", 5) for n in range(2000)}
    assert len(codes) >= 1999
    assert set("".join(codes)) == set(ALPHABET)
