"""What one neighbour says of another is reported, hidden, judged and appealed like anything else."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.cast import person_named
from tests.conftest import Browse
from tests.moderation.conftest import case_of, give_role, ruling, told_to, typed
from tests.reviews.conftest import BAD, GOOD, lend
from town.commons.moderation import Report
from town.commons.reviews import Review, exchange_about
from town.commons.reviews.reading import said_by_neighbours
from town.kernel.db import db
from town.kernel.registry import Town
from town.kernel.signals import person_erased

WORDS = "Prenez-le chez lui, 4 rue du Four, il ne ferme jamais."


@pytest.fixture
def review(town: Town) -> Review:
    """What Odile says of Karim after his ladder; both have written, so that every neighbour reads it."""
    karim, odile = person_named("karim"), person_named("odile")
    exchange = exchange_about(lend(karim, odile, "Échelle de grenier"))
    assert exchange is not None
    said = exchange.write(odile, BAD, WORDS)
    exchange.write(karim, GOOD, "Très bien.")
    db.session.commit()
    return said


def figures() -> list[str]:
    db.session.rollback()
    karim = person_named("karim").id
    found = [key.fact for key in said_by_neighbours([karim])[karim]]
    db.session.rollback()
    return found


def test_two_neighbours_hide_it_a_moderator_says_why_and_another_puts_it_back(
    review: Review, browse: Browse, work: Callable[[], int]
) -> None:
    """AD-02, ID-17: from where it is read; hidden, it counts in no figure."""
    here, report = f"/reviews/said/{review.public_id}", f"/moderation/report/{review.public_id}"
    of = f"/reviews/of/{person_named('karim').public_id}"
    exchange = f"/reviews/{review.exchange.public_id}"
    karim, theo, odile, jean, helene = (browse(name) for name in ("karim", "theo", "odile", "jean", "helene"))
    before = figures()
    for reader, page in ((theo, of), (theo, here), (karim, exchange)):
        assert (WORDS in reader.get(page).text, report in reader.get(page).text) == (True, True), page
    assert report not in odile.get(here).text, "her own"
    assert (odile.get(report).status_code, browse().get(report).status_code) == (403, 404)
    assert karim.post(report, data=typed()).status_code == 303
    assert theo.post(report, data=typed()).status_code == 303

    assert WORDS not in theo.get(of).text + karim.get(exchange).text
    assert [one.get(here).status_code for one in (theo, karim, odile, jean)] == [404, 404, 200, 200]
    assert len(before) == 3
    assert figures() != before
    case = case_of(review).public_id
    assert WORDS in jean.get(f"/moderation/cases/{case}").text
    assert jean.post(f"/moderation/cases/{case}/decisions", data=ruling()).status_code == 303
    work()
    assert (told_to("odile", "held"), told_to("odile", "hidden"), told_to("karim", "answered")) == (1, 1, 1)
    statement = f"/moderation/contents/{case}"
    assert statement.rpartition("/")[0] in odile.get(exchange).text, "from the review itself to the reasons"
    assert "Ôtez le numéro" in odile.get(statement).text
    assert odile.post(f"{statement}/appeal", data={"words": "Tout le monde le sait."}).status_code == 303
    assert jean.post(f"/moderation/cases/{case}/decisions", data=ruling("keep", seen="1")).status_code == 409
    assert helene.post(f"/moderation/cases/{case}/decisions", data=ruling("keep", seen="1")).status_code == 303
    assert WORDS in theo.get(of).text
    assert figures() == before


def test_whom_it_speaks_of_never_decides(review: Review, browse: Browse, work: Callable[[], int]) -> None:
    give_role("karim", "moderator")
    assert browse("theo").post(f"/moderation/report/{review.public_id}", data=typed(reason="hate")).status_code == 303
    work()
    assert (told_to("karim", "reported"), told_to("jean", "reported")) == (0, 1)
    case = f"/moderation/cases/{case_of(review).public_id}"
    refused = browse("karim").post(f"{case}/decisions", data=ruling("keep"))
    assert (refused.status_code, "Ce contenu parle de vous" in refused.text) == (409, True)
    assert "Pour un collègue" in browse("karim").get("/moderation/").text


def test_nobody_reports_what_they_may_not_read_yet(town: Town, browse: Browse) -> None:
    """ID-17: Odile alone has written; for a fortnight Karim learns neither what she said nor that it is there."""
    exchange = exchange_about(lend(person_named("karim"), person_named("odile"), "Échelle de meunier"))
    assert exchange is not None
    public_id = exchange.write(person_named("odile"), BAD, WORDS).public_id
    db.session.commit()
    for name in ("karim", "theo", "jean"):
        assert browse(name).get(f"/moderation/report/{public_id}").status_code == 404
        assert browse(name).get(f"/reviews/said/{public_id}").status_code == 404


def test_copies_go_with_whom_they_speak_of(review: Review, browse: Browse) -> None:
    """LG-01: what was kept of it for moderators holds words about Karim."""
    browse("theo").post(f"/moderation/report/{review.public_id}", data=typed(reason="hate", quote="rue du Four"))
    person_erased.send(person_named("karim"))
    db.session.flush()
    report = db.session.scalars(select(Report).order_by(Report.id.desc())).first()
    assert report is not None
    assert (report.said, report.quote, report.title) == ({}, "", "Avis après un prêt")
    db.session.rollback()
