"""What is hidden is hidden everywhere: one content of each sort that has cards, looked for by everybody."""

import html
from typing import Any, NamedTuple

from sqlalchemy import select

from tests.cast import person_named
from tests.client import Browser
from tests.conftest import Browse
from tests.sweeps.test_routes import pages
from town.commons.board import PARTIES, STAFF, Card, carded_types, publish
from town.commons.holds import DECIDED
from town.commons.moderation.things import hide, show
from town.commons.people.models import Account, Person
from town.commons.signups import STANDING, Signup
from town.demo import DEMO_SLUG
from town.kernel.db import db
from town.kernel.features import discover
from town.kernel.media import Media, pictures_of
from town.kernel.media.pictures import SIZES, Picture
from town.kernel.media.store import store
from town.kernel.media.views import _guards
from town.kernel.tenancy import enter
from town.kernel.text import fold
from town.kernel.web import TownApp

discover()
SORTS = sorted(model.__tablename__ for model in carded_types())
SENTENCE = "Masqué : seuls son auteur et la mairie voient cette page."


class Shown(NamedTuple):
    """A content of the demo town: where it is, what it is called, whose it is."""

    sort: str
    number: int
    title: str
    page: str
    pictures: list[str]
    author: str | None


def _model(sort: str) -> Any:
    return next(model for model in carded_types() if model.__tablename__ == sort)


def _one_of(app: TownApp, sort: str) -> Shown:
    """One that others than its author see, and that is neither Théo's, who looks for it, nor Jean's, who moderates."""
    found = select(Card).where(Card.thing == sort, Card.visible_to.not_in((STAFF, PARTIES)), Card.hidden_at.is_(None))
    for card in db.session.scalars(found.order_by(Card.photo.is_(None), Card.id.desc())):
        author = db.session.scalar(select(Account.email).where(Account.person_id == card.owner_id))
        name = author.partition("@")[0] if author else None
        if name not in ("theo", "jean"):
            page = app.url_map.bind("localhost").build(card.endpoint, {"public_id": card.public_id})
            pictures = _pictures(db.session.get(_model(sort), card.thing_id))
            return Shown(sort, card.thing_id, card.title, page, pictures, name)
    raise AssertionError(f"the demo town shows no {sort}: give it one, so that it can be hidden")


def _pictures(thing: Any) -> list[str]:
    """The addresses of its pictures; it gets one if its sort has pictures and it has none."""
    if thing.__tablename__ not in _guards:
        return []
    own = pictures_of(thing.__tablename__, thing.id)
    if not db.session.scalars(own).first():
        drawn = store().put(Picture(1, 1, "#000000", "", dict.fromkeys(SIZES, b"RIFF....WEBP")))
        row = Media(name=drawn.name, width=1, height=1, colour="#000000", bytes=9, sha256="0" * 64)
        row.subject_type, row.subject_id = thing.__tablename__, thing.id
        db.session.add(row)
        publish(thing)
    return [f"/media/{picture.name}/small.webp" for picture in db.session.scalars(own)]


def _promises_nothing(name: str) -> None:
    said_yes = select(Signup).where(Signup.person_id == person_named(name).id, Signup.state.in_(STANDING))
    for signup in db.session.scalars(said_yes).all():
        signup.withdraw()


def _hide(app: TownApp, shown: Shown, *, hidden: bool) -> None:
    with enter(app, DEMO_SLUG):
        thing = db.session.get(_model(shown.sort), shown.number)
        if hidden:
            hide(thing, DECIDED)
        else:
            show(thing)
        db.session.commit()


def _words(browser: Browser, address: str) -> str:
    """The text of an answer, its narrow spaces made plain."""
    answer = browser.get(address)
    readable = answer.mimetype.startswith("text/") or "json" in answer.mimetype
    return html.unescape(answer.text).replace("\u202f", " ").replace("\xa0", " ") if readable else ""


def test_what_is_hidden_is_hidden_everywhere_and_comes_back_whole(app: TownApp, browse: Browse) -> None:
    """All at once: a round through every page of the town is slow, and what one shows is no business of another."""
    with enter(app, DEMO_SLUG):
        contents = [_one_of(app, sort) for sort in SORTS]
        _promises_nothing("theo")  # whoever said yes to a call may take it back: they know its title, and when
        db.session.commit()
    theo, anybody, jean = browse("theo"), browse(), browse("jean")
    authors = {shown.author: browse(shown.author) for shown in contents if shown.author}
    lists = [*pages(app), *(f"/search/?q={fold(shown.title)}" for shown in contents)]

    def where(browser: Browser) -> dict[str, list[str]]:
        """By title, the lists that show it."""
        words = {address: _words(browser, address) for address in lists}
        return {shown.title: [one for one in lists if shown.title in words[one]] for shown in contents}

    def seen(browser: Browser, shown: Shown) -> set[int]:
        return {browser.get(address).status_code for address in (shown.page, *shown.pictures)}

    def everything() -> tuple[dict[str, list[str]], ...]:
        opened = ({shown.title: [str(seen(who, shown))] for shown in contents} for who in (theo, anybody))
        return (where(theo), where(anybody), *opened)

    before = everything()
    for shown in contents:
        found = before[0][shown.title]
        assert "/" in found or any("/search/" in one for one in found), f"Théo does not find {shown.title}"
        assert seen(theo, shown) == {200}, shown.title
        assert "/moderation/report/" in _words(theo, shown.page), f"{shown.title} cannot be reported from its page"

    for shown in contents:
        _hide(app, shown, hidden=True)
    nowhere = {shown.title: [] for shown in contents}
    assert where(theo) == where(anybody) == nowhere
    for shown in contents:
        assert seen(theo, shown) == {404}, shown.title
        assert 200 not in seen(anybody, shown), shown.title
        for browser in filter(None, (jean, authors.get(shown.author))):
            assert seen(browser, shown) == {200}, shown.title
            assert SENTENCE in _words(browser, shown.page), shown.title

    for shown in contents:
        _hide(app, shown, hidden=False)
    assert everything() == before


def test_an_author_cannot_lift_a_hold_by_editing_or_publishing_again(app: TownApp, browse: Browse) -> None:
    with enter(app, DEMO_SLUG):
        found = select(Card.public_id).join(Person, Person.id == Card.owner_id)
        public_id = db.session.scalar(found.where(Card.thing == "lending_item", Person.first_name == "Karim").limit(1))
        number = db.session.scalar(select(Card.thing_id).where(Card.public_id == public_id))
    assert number is not None
    page = f"/lending/items/{public_id}"
    _hide(app, Shown("lending_item", number, "", page, [], "karim"), hidden=True)
    karim, theo = browse("karim"), browse("theo")
    assert karim.post(f"{page}/withdrawal").status_code == 303
    assert karim.post(f"{page}/offer").status_code == 303
    edited = {"title": "Échelle toute neuve", "category": "tools", "unit": "days", "longest_days": "7"}
    assert karim.post(page, data=edited).status_code == 303
    assert "Échelle toute neuve" in karim.get(page).text
    assert theo.get(page).status_code == 404
    assert (
        "Échelle toute neuve" not in theo.get("/").text + theo.get("/lending/").text + theo.get("/search/?q=neuve").text
    )
