"""The pages of reviews: the two of an exchange use them without JavaScript, and nobody else finds them."""

import re

import pytest
import time_machine
from sqlalchemy import select

from tests.cast import person_named
from tests.conftest import Browse
from tests.neighbours.test_neighbours import count_questions
from tests.reviews.conftest import BAD, GOOD, SAID, days, lend
from town.blueprints.lending.models import Loan
from town.commons.people.models import Person
from town.commons.reviews import Exchange, Review, exchange_about
from town.kernel.db import db

JSON = {"Accept": "application/json"}
ROUTES = (("", None), ("/reviews", SAID), ("/corrections", SAID), ("/replies", {"text": "Faux !"}))


def written(public_id: str) -> list[tuple[str | None, str, str]]:
    """The reviews of an exchange: by whom, with which text and reply."""
    db.session.rollback()
    rows = select(Person.first_name, Review.text, Review.reply).outerjoin(Person, Person.id == Review.writer_id)
    found = rows.join(Exchange, Exchange.id == Review.exchange_id).where(Exchange.public_id == public_id)
    result = [(name, text, reply) for name, text, reply in db.session.execute(found.order_by(Review.id))]
    db.session.rollback()
    return result


@pytest.mark.parametrize("name", ["yvonne", "nadia", "jean", "helene", "claire", None])
def test_no_route_lets_somebody_else_write(
    exchange: Exchange, karim: Person, odile: Person, at: str, browse: Browse, name: str | None
) -> None:
    """ID-17 A third neighbour, a newcomer, a moderator, the mayor and a visitor: whatever both have written."""
    stranger = browse(name)
    for said in (None, odile, karim):
        if said is not None:
            exchange.write(said, GOOD, said.first_name)
            db.session.commit()
        before = written(at.rpartition("/")[2])
        for more, data in ROUTES:
            answer = stranger.get(at + more) if data is None else stranger.post(at + more, data=data)
            if name is not None:
                assert answer.status_code == 404, more
            else:
                assert answer.status_code in (303, 403), more
            assert "Échelle" not in answer.text
        assert written(at.rpartition("/")[2]) == before


def test_ids_that_are_swapped_lead_nowhere(exchange: Exchange, at: str, browse: Browse) -> None:
    """ID-17 The address of a loan, a person, another's exchange; and fields that no form has."""
    other = exchange_about(lend(person_named("amadou"), person_named("theo"), "Perceuse"))
    loan = db.session.scalar(select(Loan).where(Loan.id == exchange.thing_id))
    yvonne = person_named("yvonne")
    assert other is not None
    assert loan is not None
    wrong = [other.public_id, loan.public_id, yvonne.public_id, "1", str(exchange.id)]
    meant = {**SAID, "about_id": yvonne.id, "writer_id": yvonne.id, "by_first": "1", "hidden_at": ""}
    db.session.commit()
    odile = browse("odile")
    for public_id in wrong:
        for more, data in ROUTES:
            address = f"/reviews/{public_id}{more}"
            assert (odile.get(address) if data is None else odile.post(address, data=data)).status_code == 404

    assert odile.post(f"{at}/reviews", data=meant).status_code == 303
    review = db.session.scalars(select(Review).where(Review.exchange_id == exchange.id)).one()
    assert (review.writer.first_name, review.about.first_name) == ("Odile", "Karim")  # type: ignore[union-attr]  # just written
    assert not review.by_first
    db.session.rollback()


def test_odile_says_how_it_went_and_karim_reads_it_once_he_has_too(at: str, browse: Browse) -> None:
    odile, karim = browse("odile"), browse("karim")
    assert "L’objet était-il conforme" in odile.get(at).text
    assert "L’objet est-il revenu" in karim.get(at).text

    assert odile.post(f"{at}/reviews", data=SAID).status_code == 303
    waiting = karim.get(at).text
    assert "Odile a dit comment ça s’est passé" in waiting
    assert SAID["text"] not in waiting

    karim.post(f"{at}/reviews", data={**SAID, "text": "Rendue essuyée."})
    assert SAID["text"] in karim.get(at).text
    assert "Rendue essuyée." in odile.get(at).text


def test_nothing_is_chosen_beforehand_and_everything_typed_is_kept(at: str, browse: Browse) -> None:
    odile = browse("odile")
    assert " checked" not in odile.get(at).text
    answer = odile.post(f"{at}/reviews", data={"text": "Merci !", "again": "yes"})
    assert answer.status_code == 422
    assert "Merci !" in answer.text
    assert answer.text.count(" checked") == 1
    outbox = odile.post(f"{at}/reviews", data={"text": "Merci !"}, headers={"Accept": "application/json"})
    assert outbox.json is not None  # a page with several forms tells it too which fields are wrong
    assert set(outbox.json["errors"]) >= {"kept_word", "again"}
    assert odile.post(f"{at}/reviews", data={**SAID, "text": "é" * 601}).status_code == 422
    assert odile.post(f"{at}/reviews", data={**SAID, "kept_word": "5"}).status_code == 422
    assert odile.post(f"{at}/reviews", data={**SAID, "text": "é" * 600}, headers=JSON).status_code == 201


def test_a_second_review_is_refused_with_its_sentence(at: str, browse: Browse) -> None:
    odile = browse("odile")
    odile.post(f"{at}/reviews", data=SAID)
    answer = odile.post(f"{at}/reviews", data={**SAID, "text": "Encore"})
    assert answer.status_code == 409
    assert "Vous avez déjà dit" in answer.text


def test_a_correction_is_offered_for_two_days(at: str, browse: Browse, clock: time_machine.Traveller) -> None:
    odile = browse("odile")
    assert odile.post(f"{at}/corrections", data=SAID).status_code == 404
    odile.post(f"{at}/reviews", data=SAID)
    assert "Corriger mon avis" in odile.get(at).text
    odile.post(f"{at}/corrections", data={**SAID, "kept_word": "no", "text": "En retard."})
    assert written(at.rpartition("/")[2]) == [("Odile", "En retard.", "")]
    clock.shift(days(2))
    assert "Corriger mon avis" not in odile.get(at).text
    assert odile.post(f"{at}/corrections", data=SAID).status_code == 409


def test_only_words_are_corrected_once_both_read(at: str, browse: Browse) -> None:
    odile, karim = browse("odile"), browse("karim")
    odile.post(f"{at}/reviews", data=SAID)
    karim.post(f"{at}/reviews", data={**SAID, "kept_word": "no"})
    assert odile.post(f"{at}/corrections", data={"kept_word": "no", "text": "Merci bien."}).status_code == 303
    review = db.session.scalars(select(Review).where(Review.text == "Merci bien.")).one()
    assert review.kept_word == "yes"
    db.session.rollback()


def test_the_one_it_is_about_replies_and_its_writer_does_not(
    exchange: Exchange, odile: Person, at: str, browse: Browse, clock: time_machine.Traveller
) -> None:
    """Karim's reply to what Odile wrote. While it is hidden, an unwritten and an unread review are answered alike."""
    karim = browse("karim")
    nothing = karim.post(f"{at}/replies", data={"text": "Merci."})
    exchange.write(odile, BAD, "En retard.")
    db.session.commit()
    hidden = karim.post(f"{at}/replies", data={"text": "Merci."})
    assert (nothing.status_code, hidden.status_code) == (404, 404)
    clock.shift(days(14))
    assert browse("odile").post(f"{at}/replies", data={"text": "À moi-même."}).status_code == 404
    assert karim.post(f"{at}/replies", data={"text": "Pardon !"}).status_code == 303
    assert "Karim répond" in browse("odile").get(at).text
    assert karim.post(f"{at}/replies", data={"text": "Encore."}).status_code == 409


def test_the_page_of_the_loan_leads_there(exchange: Exchange, at: str, browse: Browse) -> None:
    loan = db.session.scalar(select(Loan).where(Loan.id == exchange.thing_id))
    assert loan is not None
    page = f"/lending/loans/{loan.public_id}"
    db.session.rollback()
    odile = browse("odile")
    assert "Dire comment ça s’est passé" in odile.get(page).text
    assert f'href="{at}"' in odile.get(page).text
    odile.post(f"{at}/reviews", data=SAID)
    assert "Dire comment ça s’est passé" not in odile.get(page).text
    assert f'href="{at}"' in odile.get(page).text


def test_profiles_and_offers_show_what_may_be_read(
    exchange: Exchange, karim: Person, odile: Person, at: str, browse: Browse
) -> None:
    """ID-17 ID-07 With the writer's badge, and words that stay words."""
    exchange.write(odile, GOOD, '<a href="/x" hx-get="/x">ici</a>')
    loan = db.session.scalar(select(Loan).where(Loan.id == exchange.thing_id))
    assert loan is not None
    pages = [
        f"/neighbours/{karim.public_id}",
        f"/lending/items/{loan.item.public_id}",
        f"/reviews/of/{karim.public_id}",
    ]
    db.session.commit()
    yvonne = browse("yvonne")
    assert not any("hx-get=&#34;/x" in yvonne.get(page).text for page in pages)
    exchange.write(karim, GOOD)
    db.session.commit()
    for page in pages:
        text = yvonne.get(page).text
        assert "&lt;a href=&#34;/x&#34;" in text
        assert '<a href="/x"' not in text
        assert re.search(r"Odile M\.</b></a> <span class=\"house dot\"", text)
    for name in ("nadia", None):
        assert browse(name).get(pages[2]).status_code in (303, 403)


def test_my_reviews_say_what_waits_for_my_word(karim: Person, browse: Browse) -> None:
    theo = person_named("theo")
    db.session.rollback()
    before = browse("theo").get("/reviews/").text.count("À vous de dire")
    for title in ("Perceuse", "Niveau à bulle"):
        assert exchange_about(lend(karim, theo, title)) is not None
    written = exchange_about(lend(karim, theo, "Scie"))
    assert written is not None
    written.write(theo, GOOD)
    db.session.commit()
    text = browse("theo").get("/reviews/").text
    assert text.count("À vous de dire") == before + 2
    assert "Vous avez écrit" in text


@pytest.mark.parametrize(("address", "most"), [("/reviews/", 8), ("/neighbours/me", 14)])
def test_pages_ask_as_few_questions_however_much_was_said(
    karim: Person, browse: Browse, address: str, most: int
) -> None:
    theo = person_named("theo")

    def lend_and_say(title: str) -> None:
        exchange = exchange_about(lend(karim, theo, title))
        assert exchange is not None
        exchange.write(theo, GOOD)
        exchange.write(karim, GOOD, title)
        lend(karim, theo, f"{title} encore")
        db.session.commit()

    lend_and_say("Perceuse")
    app = browse("theo").application
    few = count_questions(app, browse, address)
    for number in range(5):
        lend_and_say(f"Outil {number}")
    assert count_questions(app, browse, address) == few
    assert few <= most
