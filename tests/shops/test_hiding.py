"""A shop's page that moderation hides takes its window with it, and whoever runs the shop reads why."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.cast import person_named
from tests.conftest import Browse
from tests.moderation.conftest import case_of, report, ruling, told_to
from tests.shops.conftest import path
from town.blueprints.shops.models import Offer, Shop, offers_now
from town.commons.board import stale_cards
from town.commons.holds import PENDING
from town.commons.moderation.refusals import YourOwnContent
from town.commons.moderation.things import hide, show
from town.commons.people.models import Person
from town.commons.people.organisations import HELPER
from town.kernel.db import db, now
from town.kernel.media.pictures import SIZES, Picture
from town.kernel.media.store import store

HIDDEN = "Masqué : seuls son auteur et la mairie voient cette page."


@pytest.fixture
def loaf(bakery: Shop, lucas: Person) -> Offer:
    """In the window, with its photo."""
    drawn = store().put(Picture(1, 1, "#000000", "", dict.fromkeys(SIZES, b"RIFF....WEBP")))
    offer = Offer.make(bakery, lucas, "Pain aux noix", now() + timedelta(hours=3), price=350, photos=[drawn])
    db.session.commit()
    return offer


def seen_in(browse: Browse, who: str | None, *pages: str) -> list[bool]:
    return ["Pain aux noix</a>" in browse(who).get(page).text for page in pages]


def test_its_offers_are_hidden_with_a_shop_and_come_back_with_it(bakery: Shop, loaf: Offer, browse: Browse) -> None:
    page, photo, address = f"/shops/offers/{loaf.public_id}", f"/media/{loaf.photo}/small.webp", path(bakery)
    lists = ("/", "/search/?q=noix")
    assert seen_in(browse, None, *lists) == [True, True]
    db.session.rollback()

    hide(bakery, PENDING)
    db.session.commit()
    assert list(stale_cards()) == []
    db.session.rollback()
    for who in (None, "karim"):
        assert seen_in(browse, who, *lists) == [False, False]
        assert [browse(who).get(one).status_code for one in (page, address)] == [404, 404]
        assert browse(who).get(photo).status_code in (403, 404)
    for who in ("lucas", "jean"):
        assert "private" in browse(who).get(photo).headers["Cache-Control"]
        text = browse(who).get(page).text.replace("\u202f", " ").replace("\xa0", " ")
        assert HIDDEN in text, who

    show(bakery)
    db.session.commit()
    assert list(stale_cards()) == []
    db.session.rollback()
    assert seen_in(browse, None, *lists) == [True, True]
    assert [browse().get(one).status_code for one in (page, photo, address)] == [200, 200, 200]


def test_what_is_put_in_the_window_meanwhile_is_hidden_too(bakery: Shop, browse: Browse) -> None:
    hide(bakery, PENDING)
    db.session.commit()
    made = browse("lucas").post(path(bakery, "/offers"), data={"title": "Pain aux noix", "until": "tonight"})

    assert made.status_code == 303
    assert seen_in(browse, "karim", "/", "/search/?q=noix") == [False, False]
    show(bakery)
    db.session.commit()
    assert seen_in(browse, "karim", "/", "/search/?q=noix") == [True, True]


def test_an_offer_hidden_by_itself_stays_hidden_when_its_shop_comes_back(
    bakery: Shop, loaf: Offer, browse: Browse
) -> None:
    for thing in (loaf, bakery):
        hide(thing, PENDING)
    show(bakery)
    db.session.commit()

    assert seen_in(browse, None, "/", path(bakery)) == [False, False]


@pytest.mark.parametrize("sort", ["the page", "an offer"])
def test_whoever_runs_the_shop_reads_the_decision_and_may_appeal(
    bakery: Shop, loaf: Offer, browse: Browse, work: Callable[[], int], sort: str
) -> None:
    """Jean typed the offer that the baker told him on the telephone: it is the baker's all the same."""
    thing = bakery if sort == "the page" else loaf
    loaf.made_by_id = person_named("jean").id
    db.session.commit()
    report(thing, "odile", "scam")
    case = f"/moderation/cases/{case_of(thing).public_id}"
    statement, page = f"/moderation/contents/{thing.public_id}", f"/shops/offers/{loaf.public_id}"
    db.session.rollback()
    assert browse("jean").post(f"{case}/decisions", data=ruling()).status_code == 303
    work()

    assert told_to("lucas", "hidden") == 1
    db.session.rollback()
    lucas = browse("lucas")
    assert statement in lucas.get(page).text, "with a link to the reasons"
    assert "Ôtez le numéro" in lucas.get(statement).text
    assert browse("karim").get(statement).status_code == 404
    assert lucas.post(f"{statement}/appeal", data={"words": "C’est notre vrai numéro."}).status_code == 303


def test_nobody_reports_the_shop_that_they_run(bakery: Shop, loaf: Offer, browse: Browse) -> None:
    for thing in (bakery, loaf):
        with pytest.raises(YourOwnContent):
            report(thing, "lucas")
        db.session.rollback()
    pages = path(bakery), f"/shops/offers/{loaf.public_id}"
    db.session.rollback()
    for page in pages:
        assert "Signaler un abus" not in browse("lucas").get(page).text
        assert "Signaler un abus" in browse("karim").get(page).text


def test_nobody_judges_the_shop_that_they_run_nor_reads_who_reported_it(
    bakery: Shop, loaf: Offer, browse: Browse
) -> None:
    """SECURITY T24: Jean moderates; the baker has made him a partner, and is the one who answers for it."""
    bakery.organisation.welcome(person_named("jean"), HELPER, None)
    db.session.commit()
    for thing in (bakery, loaf):
        report(thing, "odile", "scam")
        case = f"/moderation/cases/{case_of(thing).public_id}"
        assert case_of(thing).author_id == person_named("lucas").id
        db.session.rollback()
        assert browse("jean").get(case).status_code == 403
        assert browse("jean").post(f"{case}/decisions", data=ruling("keep")).status_code == 403
        with pytest.raises(YourOwnContent):
            case_of(thing).decide(person_named("jean"), "keep", facts="Rien à redire.")
        db.session.rollback()
        assert browse("helene").post(f"{case}/decisions", data=ruling("keep")).status_code == 303


def test_a_hidden_shop_is_not_named_by_the_page_that_asks_whose_it_is(bakery: Shop, browse: Browse) -> None:
    claim = f"/organisations/{bakery.public_id}/claim"
    db.session.rollback()
    assert browse("odile").get(claim).status_code == 200
    hide(bakery, PENDING)
    db.session.commit()
    assert browse("odile").get(claim).status_code == 404
    assert browse("odile").post(f"{claim}s", data={"words": "C’est moi."}).status_code == 404


def test_a_hidden_offer_does_not_come_back_in_two_taps(bakery: Shop, loaf: Offer, browse: Browse) -> None:
    page, public_id, photo = path(bakery, "/offers"), loaf.public_id, loaf.photo
    db.session.rollback()
    lucas = browse("lucas")
    assert "Pain aux noix" in lucas.get(f"{page}/new").text
    assert photo in lucas.get(f"{page}/new?again={public_id}").text
    hide(loaf, PENDING)
    db.session.commit()
    assert "Pain aux noix" not in lucas.get(f"{page}/new").text
    assert photo not in lucas.get(f"{page}/new?again={public_id}").text
    again = {"title": "Pain aux noix", "again": public_id, "until": "tonight"}
    assert lucas.post(page, data=again).status_code == 303
    shown = offers_now().where(Offer.title == "Pain aux noix")
    assert [offer.photo for offer in db.session.scalars(shown)] == [None]
