"""LG-01, T20, R29: whoever is erased is in no file of the town and in no log; the others keep what is theirs."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from click.testing import CliRunner
from sqlalchemy import func, select, text

from tests.cast import person_named
from tests.conftest import Browse
from tests.erasing.conftest import EMAIL, FIRST, LAST, Zorglubine, ok, town_folder
from town.blueprints.complaints.models import Complaint
from town.blueprints.lending.models import Item, Loan
from town.commands import main
from town.commons.audit import first_broken_entry
from town.commons.people.models import Person
from town.demo import DEMO_SLUG
from town.kernel.db import db, now
from town.kernel.jobs import run_due
from town.kernel.tenancy import enter
from town.kernel.text import fold
from town.kernel.web import TownApp


def hits(she: Zorglubine, also: str = "") -> dict[str, list[str]]:
    """Which of her words lie in which files of the town, folded as search folds them too."""
    found: dict[str, list[str]] = {}
    for what, word in she.seeds.items():
        forms = {word, word.lower(), fold(word), word.partition("@")[0]}
        places = [
            str(file.relative_to(town_folder(she.app)))
            for file in town_folder(she.app).rglob("*")
            if file.is_file() and any(form.encode() in file.read_bytes().replace(b"=\r\n", b"") for form in forms)
        ]
        places += ["the log"] if any(form in also for form in forms) else []
        if places:
            found[what] = places
    return found


def test_whoever_is_erased_leaves_no_byte_behind(
    app: TownApp, zorglubine: Zorglubine, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    if app.extensions["towns"].settings.database_url:
        pytest.skip("PostgreSQL looks after its own files")
    before = set(hits(zorglubine))
    assert {"first_name", "email", "bio", "objet", "message", "reponse", "prive", "lieu", "description"} <= before
    assert {"avis", "epithete", "replique", "plainte", "recours", "telephone", "patronne", "fonction"} <= before

    ok(zorglubine.browser.post("/account/erase", data={"when": "now", "understood": "y"}))
    for minutes in (0, 2, 6):
        with time_machine.travel(now() + timedelta(minutes=minutes), tick=True):
            run_due(app, DEMO_SLUG)

    out, err = capfd.readouterr()
    assert not hits(zorglubine, out + err + caplog.text)


def test_the_others_keep_what_is_theirs(app: TownApp, zorglubine: Zorglubine, browse: Browse) -> None:
    with enter(app, DEMO_SLUG):
        karim = person_named("karim").id
        borrowed = select(func.count()).select_from(Loan).where(Loan.borrower_id == karim, Loan.state == "returned")
        before = db.session.scalar(borrowed)
        number = zorglubine.person().id
    ok(zorglubine.browser.post("/account/erase", data={"when": "now", "understood": "y"}))
    with time_machine.travel(now() + timedelta(minutes=3), tick=True):
        run_due(app, DEMO_SLUG)
    with enter(app, DEMO_SLUG):
        assert db.session.get(Person, number) is None
        assert db.session.scalar(borrowed) == before
        assert first_broken_entry() is None
        shown = db.session.scalars(select(Complaint).where(Complaint.title == "Un nid-de-poule")).one()
        assert (shown.reporter, shown.words) == (None, "Un nid-de-poule, rue du Four.")
        page = shown.number
    assert "Nous passons jeudi." in browse().get(f"/complaints/{page}").text
    assert browse("jean").get("/desk/complaints").status_code == 200
    karims = browse("karim").get("/lending/loans").text
    assert FIRST not in karims
    assert browse("karim").get("/lending/mine").status_code == 200
    assert browse("odile").get("/messages/").status_code == 200


def test_what_was_for_the_town_hall_alone_is_closed_without_words(app: TownApp, zorglubine: Zorglubine) -> None:
    with enter(app, DEMO_SLUG):
        [kept] = db.session.scalars(
            select(Complaint.number).where(
                Complaint.reporter_id == zorglubine.person().id, Complaint.category == "noise"
            )
        )
    ok(zorglubine.browser.post("/account/erase", data={"when": "now", "understood": "y"}))
    with time_machine.travel(now() + timedelta(minutes=3), tick=True):
        run_due(app, DEMO_SLUG)
    with enter(app, DEMO_SLUG):
        report = db.session.scalars(select(Complaint).where(Complaint.number == kept)).one()
        assert (report.state, report.words, report.title, report.place) == ("declined", "", "…", None)


def test_the_town_is_sound_afterwards(app: TownApp, zorglubine: Zorglubine, monkeypatch: pytest.MonkeyPatch) -> None:
    """`town check` finds nothing, and the search index is whole."""
    ok(zorglubine.browser.post("/account/erase", data={"when": "now", "understood": "y"}))
    with time_machine.travel(now() + timedelta(minutes=3), tick=True):
        run_due(app, DEMO_SLUG)
    settings = app.extensions["towns"].settings
    if settings.database_url:
        pytest.skip("the command reads its settings from the environment")
    app.extensions["towns"].engines.close()
    monkeypatch.setenv("TOWN_INSTANCE", str(settings.instance))
    monkeypatch.setenv("TOWN_ENV", "development")
    done = CliRunner().invoke(main, ["check"])
    assert done.exit_code == 0, done.output
    with enter(app, DEMO_SLUG):
        db.session.execute(text("INSERT INTO card_words (card_words) VALUES ('integrity-check')"))
        db.session.rollback()


def test_those_concerned_are_told_before_the_name_is_gone(
    app: TownApp, zorglubine: Zorglubine, browse: Browse, outbox: Callable[[], list[object]]
) -> None:
    """Bad input 47: Karim had agreed to lend her his ladder, Odile waited for her answer."""
    ok(zorglubine.browser.post("/account/erase", data={"when": "now", "understood": "y"}))
    run_due(app, DEMO_SLUG)
    assert f"{FIRST} {LAST[0]}. a annulé le prêt" in browse("karim").get("/messages/").text.replace("\xa0", " ")
    assert "ne peut pas prêter" in browse("odile").get("/messages/").text
    with enter(app, DEMO_SLUG):
        assert not db.session.scalars(
            select(Item).where(Item.title.like("Le objet%"), Item.withdrawn_at.is_(None))
        ).all()


def test_a_mailbox_is_free_again(app: TownApp, zorglubine: Zorglubine, browse: Browse) -> None:
    """Whoever was erased may join again, as anybody: nothing of before is found."""
    ok(zorglubine.browser.post("/account/erase", data={"when": "now", "understood": "y"}))
    with time_machine.travel(now() + timedelta(minutes=3), tick=True):
        run_due(app, DEMO_SLUG)
    wrong = browse().post("/login", data={"email": EMAIL, "password": "trois mots bien choisis"})
    assert wrong.status_code == 422
