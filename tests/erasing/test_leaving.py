"""LG-01, R29, matrix 8, bad inputs 46 and 47: going away, coming back within thirty days, and being forgotten."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
import time_machine
from sqlalchemy import select

from tests.cast import PASSWORD, person_named
from tests.client import Browser, browser_of
from tests.conftest import Browse
from town.blueprints.lending.models import Item
from town.commons.audit import AuditEntry
from town.commons.board import Card
from town.commons.people.leaving import AlreadyGone, LastAdmin, erase, erase_again, leave
from town.commons.people.models import Account, Person, RoleGrant, SessionRow
from town.demo import DEMO_SLUG
from town.kernel.db import db, now
from town.kernel.jobs import run_due, run_nightly
from town.kernel.registry import Town
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

LATER = {"when": "later", "understood": "y"}
AT_ONCE = {"when": "now", "understood": "y"}
LUCAS = {"email": "lucas@saint-loup.example", "password": PASSWORD}


@pytest.fixture
def gone(app: TownApp, browse: Browse) -> Browser:
    """Lucas has asked to be erased in thirty days; his browser, signed out by that."""
    lucas = browse("lucas")
    assert lucas.post("/account/erase", data=LATER).headers["Location"].startswith("/account/gone?left=")
    lucas.environ_base.pop("HTTP_X_CSRF_TOKEN")
    return browser_of(app)


def nights(app: TownApp, start: int, end: int) -> None:
    """The nights from so many days on to so many."""
    for days in range(start, end + 1):
        with time_machine.travel(now() + timedelta(days=days), tick=False):
            run_nightly(app, DEMO_SLUG)
            run_due(app, DEMO_SLUG)


def test_the_page_says_what_goes_and_what_stays(browse: Browse) -> None:
    page = browse("lucas").get("/account/erase").text
    assert "Ce qui reste, sans votre nom" in page
    assert "sans dire qui les a envoyés" in page
    assert "Mes prêts et emprunts" in page


def test_nobody_goes_without_having_read_it(browse: Browse) -> None:
    lucas = browse("lucas")
    answer = lucas.post("/account/erase", data={"when": "now"})
    assert answer.status_code == 422
    assert "cochez cette case" in answer.text
    assert lucas.get("/account/").status_code == 200


def test_from_that_moment_on_nobody_sees_him(app: TownApp, browse: Browse, gone: Browser) -> None:
    with enter(app, DEMO_SLUG):
        lucas = person_named("lucas")
        assert lucas.left_at is not None
        assert not lucas.certified
        assert not db.session.scalars(select(Card).where(Card.author_id == lucas.id)).all()
        assert not db.session.scalars(select(SessionRow).join(Account).where(Account.person_id == lucas.id)).all()
        page = lucas.public_id
    assert browse("karim").get(f"/neighbours/{page}").status_code == 404
    assert "Lucas" not in browse("karim").get("/neighbours/").text


def test_who_signs_in_again_is_asked_and_comes_back(app: TownApp, gone: Browser) -> None:
    answer = gone.post("/login", data=LUCAS)
    assert answer.headers["Location"] == "/account/back"
    page = gone.get("/account/back")
    assert "Vous revenez, Lucas" in page.text
    assert gone.get("/account/").status_code == 303, "nobody is signed in before they say so"
    token = page.text.partition('name="_csrf" value="')[2].partition('"')[0]
    assert gone.post("/account/back", data={"_csrf": token}).headers["Location"] == "/account/"
    assert "Lucas Moreau" in gone.get("/account/").text
    with enter(app, DEMO_SLUG):
        lucas = person_named("lucas")
        assert (lucas.left_at, lucas.erase_on) == (None, None)
        assert lucas.certified, "what proved his address proves it still"


def test_his_things_wait_off_the_shelf(app: TownApp, browse: Browse) -> None:
    karim = browse("karim")
    karim.post("/account/erase", data=LATER)
    with enter(app, DEMO_SLUG):
        his = select(Item).where(Item.owner_id == person_named("karim").id)
        assert all(item.withdrawn_at for item in db.session.scalars(his))
        assert all(item.title != "…" for item in db.session.scalars(his))


def test_the_way_back_is_for_whoever_proved_it_and_for_a_quarter_of_an_hour(app: TownApp, gone: Browser) -> None:
    assert browser_of(app).get("/account/back").status_code == 404
    assert gone.post("/login", data={**LUCAS, "password": "un autre mot de passe"}).status_code == 422
    gone.post("/login", data=LUCAS)
    with time_machine.travel(now() + timedelta(minutes=16), tick=True):
        assert gone.get("/account/back").status_code == 404


def test_after_thirty_days_he_is_nobody(app: TownApp, gone: Browser) -> None:
    with enter(app, DEMO_SLUG):
        number = person_named("lucas").id
    nights(app, 25, 29)
    with enter(app, DEMO_SLUG):
        assert db.session.get(Person, number) is not None
    nights(app, 30, 31)
    with enter(app, DEMO_SLUG):
        assert db.session.get(Person, number) is None
        erased = select(AuditEntry.details).where(
            AuditEntry.event == "account:account:erase", AuditEntry.on_id == number
        )
        assert db.session.scalars(erased).all() == [{}]
    with time_machine.travel(now() + timedelta(days=32), tick=True):
        assert browser_of(app).post("/login", data=LUCAS).status_code == 422


def test_who_is_told_by_e_mail_and_how_to_stop_it(
    app: TownApp, gone: Browser, work: Callable[[], int], outbox: Callable[[], list[EmailMessage]]
) -> None:
    work()
    [mail] = [mail for mail in outbox() if mail["To"] == LUCAS["email"] and "effacé" in mail["Subject"]]
    body = mail.get_body(("plain",))
    assert body is not None
    assert "/login" in body.get_content()


def test_the_last_admin_cannot_go(app: TownApp, browse: Browse) -> None:
    answer = browse("helene").post("/account/erase", data=AT_ONCE)
    assert answer.status_code == 409
    assert "Nommez-en d’abord une autre" in answer.text
    with enter(app, DEMO_SLUG):
        jean = person_named("jean")
        jean.grants.append(RoleGrant(role="admin"))
        db.session.commit()
    assert browse("helene").post("/account/erase", data=LATER).status_code == 303
    with enter(app, DEMO_SLUG), pytest.raises(LastAdmin):
        leave(person_named("jean"))


def test_staff_who_leave_hold_no_role_any_more(app: TownApp, browse: Browse) -> None:
    browse("claire").post("/account/erase", data=LATER)
    with enter(app, DEMO_SLUG):
        assert person_named("claire").roles == frozenset()


def test_asking_twice_is_asking_once(town: Town) -> None:
    leave(person_named("lucas"))
    with pytest.raises(AlreadyGone):
        leave(person_named("lucas"))


def test_who_does_not_want_to_wait(app: TownApp, gone: Browser) -> None:
    gone.post("/login", data=LUCAS)
    token = gone.get("/account/back").text.partition('name="_csrf" value="')[2].partition('"')[0]
    assert gone.post("/account/back/never", data={"_csrf": token}).status_code == 303
    with time_machine.travel(now() + timedelta(minutes=2), tick=True):
        run_due(app, DEMO_SLUG)
    with enter(app, DEMO_SLUG):
        assert db.session.scalar(select(Account).where(Account.email == LUCAS["email"])) is None


def test_a_restored_copy_of_the_file_forgets_him_again(town: Town) -> None:
    """The list of the erased lies outside the town's file, which knows him again after a restore."""
    lucas = person_named("lucas")
    kept = {
        "id": lucas.id,
        "public_id": lucas.public_id,
        "first_name": "Lucas",
        "last_name": "Moreau",
    }
    erase(lucas)
    db.session.commit()
    assert erase_again() == 0
    db.session.add(Person(**kept))
    db.session.commit()
    assert erase_again() == 1
    assert db.session.get(Person, kept["id"]) is None
    assert erase_again() == 0


class TestAbsent:
    """LG-02: two years without a visit, three e-mails, and the end; one visit stops it."""

    def absent(self, app: TownApp, name: str = "lucas") -> int:
        with enter(app, DEMO_SLUG):
            for account in db.session.scalars(select(Account)):
                account.seen_at = now()  # the others are here
            person = person_named(name)
            assert person.account is not None
            person.account.seen_at = now() - timedelta(days=731)
            db.session.commit()
            return person.id

    def told(self, outbox: Callable[[], list[EmailMessage]], before: set[str]) -> int:
        """How many warnings there were so far; the files of old ones are deleted after a month."""
        mails = [mail for mail in outbox() if mail["To"] == LUCAS["email"] and "sera effacé le" in mail["Subject"]]
        before.update(mail["Message-ID"] for mail in mails)
        return len(before)

    def test_is_told_three_times_and_then_erased(self, app: TownApp, outbox: Callable[[], list[EmailMessage]]) -> None:
        number = self.absent(app)
        seen: set[str] = set()
        for night, mails in ((0, 1), (9, 1), (18, 1), (27, 1), (31, 2), (40, 2), (49, 2), (54, 3), (59, 3)):
            nights(app, night, night)
            assert self.told(outbox, seen) == mails, night
        with enter(app, DEMO_SLUG):
            assert db.session.get(Person, number) is not None
        nights(app, 61, 61)
        with enter(app, DEMO_SLUG):
            assert db.session.get(Person, number) is None
            assert person_named("karim") is not None

    def test_signs_in_and_stays(self, app: TownApp) -> None:
        self.absent(app)
        nights(app, 0, 0)
        assert browser_of(app).post("/login", data=LUCAS).status_code == 303
        with enter(app, DEMO_SLUG):
            lucas = person_named("lucas")
            assert lucas.account is not None
            assert (lucas.erase_on, lucas.account.warned) == (None, None)

    def test_staff_are_never_absent(self, app: TownApp, outbox: Callable[[], list[EmailMessage]]) -> None:
        self.absent(app, "claire")
        nights(app, 0, 0)
        with enter(app, DEMO_SLUG):
            assert person_named("claire").erase_on is None

    def test_a_session_that_lives_is_a_visit(self, app: TownApp, browse: Browse) -> None:
        self.absent(app)
        browse("lucas").get("/account/")
        nights(app, 0, 0)
        with enter(app, DEMO_SLUG):
            account = person_named("lucas").account
            assert account is not None
            assert account.seen_at is not None
            assert account.seen_at > now() - timedelta(days=2)
