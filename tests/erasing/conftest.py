"""Zorglubine: somebody who joined by the same forms as everybody, did all there is to do, and leaves no trace."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
import time_machine
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from tests.account.conftest import browse_strictly, strict_app
from tests.cast import person_named
from tests.conftest import Browse
from town.blueprints.associations.models import Mission
from town.blueprints.complaints.models import Complaint
from town.blueprints.lending.models import Item, Loan
from town.commons.people.models import Account, Person
from town.commons.people.organisations import SHOP, Claim, Organisation
from town.commons.reviews import Exchange, Review
from town.commons.signups import Slot
from town.commons.trust.models import certify
from town.demo import DEMO_SLUG
from town.kernel.db import db, now
from town.kernel.jobs import run_due, run_nightly
from town.kernel.language import today
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

__all__ = ["browse_strictly", "strict_app"]

FIRST, LAST = "Zorglubine", "Quaxmontel"
FORMER_EMAIL, EMAIL = "premierzqx@exemple.fr", "secondzqx@exemple.fr"
PASSWORD = "trois mots bien choisis"
FACTS = ("kept_word", "as_agreed", "again")


@dataclass
class Zorglubine:
    """Her browser, and every word of hers that must be gone: by what it was."""

    app: TownApp
    browser: FlaskClient
    seeds: dict[str, str] = field(default_factory=dict)

    def word(self, what: str) -> str:
        """A word of hers that nobody else has ever written."""
        return self.seeds.setdefault(what, f"{what}zqxvk")

    def person(self) -> Person:
        found = db.session.scalar(select(Person).join(Account).where(Account.email == EMAIL))
        assert found is not None
        return found


def a_photo(name: str) -> tuple[io.BytesIO, str]:
    picture = io.BytesIO()
    Image.new("RGB", (400, 300), "teal").save(picture, "JPEG", comment=name.encode())
    picture.seek(0)
    return picture, f"{name}.jpg"


@pytest.fixture
def zorglubine(
    app: TownApp, browse: Browse, work: Callable[[], int], outbox: Callable[[], list[EmailMessage]]
) -> Zorglubine:
    """She has joined, proved her address, lent, borrowed, reported, followed, searched; and so have others with her."""
    with time_machine.travel(now() - timedelta(hours=1), tick=True):
        she = Zorglubine(app, browse())
        _joins(she, work, outbox)
        _introduces_herself(she, work, outbox)
        _lends_and_borrows(she, browse)
        _reports(she, browse)
        _speaks_and_is_spoken_of(she, browse)
        _helps_and_runs_a_shop(she, browse)
        work()
    return she


def code_for(email: str, work: Callable[[], int], outbox: Callable[[], list[EmailMessage]]) -> str:
    work()
    body = [mail for mail in outbox() if mail["To"] == email][-1].get_body(("plain",))
    assert body is not None
    found = re.search(r"^(\d{3} \d{3})\s*$", body.get_content(), re.MULTILINE)
    assert found is not None
    return found[1]


def ok(answer: object) -> str:
    """Where a form led."""
    assert getattr(answer, "status_code", 0) == 303, getattr(answer, "text", "")[-3000:]
    return str(answer.headers["Location"])  # type: ignore[attr-defined]  # a TestResponse


def _joins(she: Zorglubine, work: Callable[[], int], outbox: Callable[[], list[EmailMessage]]) -> None:
    she.seeds |= {"first_name": FIRST, "last_name": LAST, "former_email": FORMER_EMAIL, "email": EMAIL}
    said = {"first_name": FIRST, "last_name": LAST, "email": FORMER_EMAIL, "password": PASSWORD, "charter": "y"}
    check = ok(she.browser.post("/join/you", data={**said, "words": f"derrière le {she.word('adresse')}"}))
    ok(she.browser.post(check, data={"code": code_for(FORMER_EMAIL, work, outbox)}))
    _take_token(she)


def _take_token(she: Zorglubine) -> None:
    token = re.search(r'X-CSRF-Token": "([^"]+)"', she.browser.get("/account/").text)
    assert token is not None
    she.browser.environ_base["HTTP_X_CSRF_TOKEN"] = token[1]


def _introduces_herself(she: Zorglubine, work: Callable[[], int], outbox: Callable[[], list[EmailMessage]]) -> None:
    portrait = a_photo(she.word("portrait"))
    shown = {"bio": f"J’aime le {she.word('bio')}.", "listed": "y", "language": "fr", "portrait": portrait}
    ok(she.browser.post("/account/profile", data=shown, content_type="multipart/form-data"))
    check = ok(she.browser.post("/account/email", data={"email": EMAIL, "password": PASSWORD}))
    ok(she.browser.post(check, data={"code": code_for(EMAIL, work, outbox)}))
    _take_token(she)
    with enter(she.app, DEMO_SLUG):
        she.person().address = person_named("odile").address
        certify(she.person(), "desk", person_named("jean"))
        db.session.commit()
    she.browser.get("/search/", query_string={"q": she.word("recherche")})


def _lends_and_borrows(she: Zorglubine, browse: Browse) -> None:
    """Her thing goes to Karim and comes back; she has Karim's ladder today; Odile waits for her answer."""
    described = {
        "title": f"Le {she.word('objet')}",
        "description": she.word("description"),
        "rules": she.word("regles"),
        "photos": a_photo(she.word("photo")),
        "longest_days": "7",
    }
    ok(she.browser.post("/lending/items", data=described, content_type="multipart/form-data"))
    with enter(she.app, DEMO_SLUG):
        hers = db.session.scalars(select(Item).where(Item.owner_id == she.person().id)).one().public_id
        ladder = db.session.scalars(select(Item).where(Item.title.like("Échelle%"))).first()
        assert ladder is not None
        his = ladder.public_id
    karim, odile = browse("karim"), browse("odile")
    days = {"starts": today_at(she, 0), "ends": today_at(she, 0)}
    loan = ok(karim.post(f"/lending/items/{hers}/loans", data={**days, "message": "Pour ma haie."}))
    ok(she.browser.post(f"{loan}/acceptance", data={"answer": she.word("reponse")}))
    for verb in ("handover", "return"):
        ok(she.browser.post(f"{loan}/{verb}"))
        ok(karim.post(f"{loan}/{verb}"))
    later = {"starts": today_at(she, 20), "ends": today_at(she, 21)}
    borrowed = ok(she.browser.post(f"/lending/items/{his}/loans", data={**later, "message": she.word("message")}))
    ok(karim.post(f"{borrowed}/acceptance", data={"answer": "Passez après 18 h."}))
    ok(odile.post(f"/lending/items/{hers}/loans", data={**later, "message": "Pour dimanche."}))


def today_at(she: Zorglubine, days: int) -> str:
    with enter(she.app, DEMO_SLUG):
        return (today() + timedelta(days=days)).isoformat()


def _reports(she: Zorglubine, browse: Browse) -> None:
    """One that Jean shows in other words, one for the town hall alone; and she notices somebody else's."""
    jean = browse("jean")
    public = {
        "category": "roads",
        "words": f"Nid-de-poule devant chez {she.word('original')}.",
        "where": "près du lavoir",
        "readers": "all",
        "photos": a_photo(she.word("preuve")),
    }
    ok(she.browser.post("/complaints/new", data=public, content_type="multipart/form-data"))
    private = {"category": "noise", "words": f"Mon voisin {she.word('prive')}.", "readers": "townhall"}
    private["where"] = f"derrière le {she.word('lieu')}"
    ok(she.browser.post("/complaints/new", data=private, content_type="multipart/form-data"))
    with enter(she.app, DEMO_SLUG):
        found = select(Complaint).where(Complaint.reporter_id == she.person().id).order_by(Complaint.id)
        shown, kept = (report.public_id for report in db.session.scalars(found))
        other = db.session.scalars(select(Complaint).where(Complaint.published_at.is_not(None))).first()
        assert other is not None
        followed = other.public_id
    reading = {"to_all": "yes", "title": "Un nid-de-poule", "shown_words": "Un nid-de-poule, rue du Four."}
    ok(jean.post(f"/desk/complaints/{shown}/reading", data={**reading, "answer": "Nous passons jeudi."}))
    ok(jean.post(f"/desk/complaints/{kept}/reading", data={"to_all": "no"}))
    ok(jean.post(f"/desk/complaints/{kept}/notes", data={"note": f"Vu avec {FIRST} {LAST} au guichet."}))
    ok(she.browser.post(f"/complaints/{followed}/follower"))


def _speaks_and_is_spoken_of(she: Zorglubine, browse: Browse) -> None:
    """She and Karim say how it went; each review is reported, hers is hidden with reasons, and she appeals."""
    with enter(she.app, DEMO_SLUG):
        mine = she.person().id
        exchange = db.session.scalars(select(Exchange).where(Exchange.first_id == mine)).one().public_id
    karim, theo, jean, good = browse("karim"), browse("theo"), browse("jean"), dict.fromkeys(FACTS, "yes")
    ok(she.browser.post(f"/reviews/{exchange}/reviews", data={**good, "text": f"Karim {she.word('avis')}."}))
    ok(karim.post(f"/reviews/{exchange}/reviews", data={**good, "text": f"{FIRST} est {she.word('epithete')}."}))
    ok(she.browser.post(f"/reviews/{exchange}/replies", data={"text": she.word("replique")}))
    with enter(she.app, DEMO_SLUG):
        hers = db.session.scalars(select(Review).where(Review.writer_id == mine)).one().public_id
        about = db.session.scalars(select(Review).where(Review.about_id == mine)).one().public_id
    abuse = {"reason": "hate", "good_faith": "y"}
    spoken = {**abuse, "words": f"Il dit que je suis {she.word('plainte')}.", "quote": she.word("citation")}
    ok(she.browser.post(f"/moderation/report/{about}", data=spoken))
    ok(theo.post(f"/moderation/report/{hers}", data={**abuse, "words": f"{FIRST} {LAST} exagère."}))
    decided = {"facts": f"Mme {LAST} insulte M. Benali.", "rule": "respect", "words": f"Madame {LAST}, restez polie."}
    ok(jean.post(f"/moderation/cases/{hers}/decisions", data={"verdict": "hide", **decided}))
    ok(jean.post(f"/moderation/cases/{about}/decisions", data={"verdict": "keep", "facts": f"{FIRST} a mal lu."}))
    ok(she.browser.post(f"/moderation/contents/{hers}/appeal", data={"words": she.word("recours")}))


def _helps_and_runs_a_shop(she: Zorglubine, browse: Browse) -> None:
    """A place in a call for volunteers, with her number; a shop that she asks for, is asked to run, and runs."""
    she.seeds["telephone"] = "06 99 88 77 66"
    with enter(she.app, DEMO_SLUG):
        slot = db.session.scalars(select(Slot).where(Slot.starts > now(), Slot.cancelled_at.is_(None))).first()
        shop = db.session.scalars(select(Organisation).where(Organisation.sort == SHOP)).first()
        assert slot is not None
        assert shop is not None
        mission, place, of = db.session.get(Mission, slot.thing_id), slot.public_id, shop.public_id
        assert mission is not None
        call = f"/associations/missions/{mission.public_id}"
    ok(she.browser.post(f"{call}/signups", data={"slot": place, "phone": she.seeds["telephone"]}))
    ok(she.browser.post(f"/organisations/{of}/claims", data={"words": f"Je suis {she.word('patronne')}."}))
    jean = browse("jean")
    ok(jean.post(f"/organisations/{of}/invitations", data={"email": EMAIL, "duty": "manager"}))
    with enter(she.app, DEMO_SLUG):
        claim = db.session.scalars(select(Claim).where(Claim.person_id == she.person().id)).one().public_id
    ok(jean.post(f"/organisations/claims/{claim}/acceptance"))
    ok(she.browser.post(f"/organisations/{of}/name", data={"title": she.word("fonction"), "shown": "y"}))


@pytest.fixture
def nights(app: TownApp) -> Callable[[int], None]:
    """`nights(3)`: three nights pass, each with its jobs; the clock goes on as clocks do."""

    def pass_by(count: int) -> None:
        for night in range(count):
            with time_machine.travel(now() + timedelta(days=night + 1), tick=False):
                run_nightly(app, DEMO_SLUG)
                run_due(app, DEMO_SLUG)

    return pass_by


def town_folder(app: TownApp) -> Path:
    folder: Path = app.extensions["towns"].folder(DEMO_SLUG)
    return folder


def loans_between(one: str, other: Person | None) -> int:
    """How many loans of this neighbour's there are with that one."""
    mine = person_named(one)
    found = select(Loan).join(Loan.item).where((Loan.borrower_id == mine.id) | (Item.owner_id == mine.id))
    return len([loan for loan in db.session.scalars(found) if other in (loan.borrower, loan.owner)])
