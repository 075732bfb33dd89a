"""Whom a notice is told: the right street, each once, whatever happens to the worker."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.message import EmailMessage

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, insert, select, update

from tests.cast import person_named
from tests.conftest import Browse
from tests.townhall.conftest import TITLE, Told, place_of, published, quarter, street, typed, written
from town.blueprints.townhall.models import ALERT, Notice
from town.commons.activity import TELL
from town.commons.notices import telling
from town.commons.notices.models import InboxNotice, choose_mail, mark_read
from town.commons.notices.reach import Reach, reach_of
from town.commons.people.models import Account, Person
from town.commons.places.concerns import Concerns
from town.commons.places.models import Address
from town.demo import DEMO_SLUG
from town.kernel import jobs
from town.kernel.db import db, new_public_id, now
from town.kernel.jobs import Job, run_due
from town.kernel.registry import Town
from town.kernel.web import TownApp

Work = Callable[[], int]
Letters = Callable[..., list[str]]
TANNERIES = ["Jeanne", "Odile", "Théo"]


def everybody_but_claire() -> list[str]:
    """Who is told of a notice to the whole town that she wrote."""
    found = sorted(db.session.scalars(select(Person.first_name).where(Person.first_name != "Claire")))
    db.session.rollback()
    return found


def test_a_notice_for_rue_des_tanneries_tells_its_residents_and_nobody_else(
    claire: FlaskClient, browse: Browse, work: Work, told: Told, letters: Letters
) -> None:
    draft = claire.post("/town-hall/notices", data=typed())
    claire.post(f"/town-hall/notices/{place_of(draft)}/publication")
    work()
    assert told() == TANNERIES
    assert letters() == ["jeanne", "odile", "theo"]
    page = browse().get(f"/town-hall/notices/{place_of(draft)}")
    assert page.status_code == 200
    assert "De 8 h à 17 h." in page.text.replace("\u00a0", " ")


def test_a_notice_for_the_town_also_tells_a_neighbour_whose_letter_is_on_its_way(
    town: Town, work: Work, told: Told, letters: Letters
) -> None:
    published(concerns=Concerns())
    work()
    assert "Nadia" in told()
    assert told() == everybody_but_claire()
    assert "nadia" in letters()


def test_a_notice_for_two_quarters_tells_both(town: Town, work: Work, told: Told) -> None:
    published(concerns=Concerns(quarters=(quarter("La Gare").id, quarter("Le Puits").id)))
    work()
    assert told() == ["Amadou", "Mathilde"]


def test_somebody_whose_door_left_the_address_file_is_told_all_the_same(town: Town, work: Work, told: Told) -> None:
    door = person_named("odile").address
    assert door is not None
    door.retired_at = now()
    published()
    work()
    assert told() == TANNERIES


def test_somebody_who_left_the_town_is_not_told(town: Town, work: Work, told: Told) -> None:
    person_named("jeanne").left_at = now()
    published()
    work()
    assert told() == ["Odile", "Théo"]


def test_whoever_stopped_these_emails_finds_the_notice_in_the_inbox_only(
    town: Town, work: Work, told: Told, letters: Letters
) -> None:
    choose_mail(person_named("odile").id, {"official": False})
    published()
    work()
    assert told() == TANNERIES
    assert letters() == ["jeanne", "theo"]


def test_a_stop_that_comes_before_the_letter_leaves_is_heard(
    app: TownApp, town: Town, work: Work, letters: Letters
) -> None:
    work()
    published()
    run_due(app, DEMO_SLUG, limit=1)
    choose_mail(person_named("odile").id, {"official": False})
    db.session.commit()
    work()
    assert "odile" not in letters()


def test_an_unconfirmed_mailbox_gets_nothing(town: Town, work: Work, told: Told, letters: Letters) -> None:
    db.session.execute(
        update(Account).where(Account.email == "theo@saint-loup.example").values(email_confirmed_at=None)
    )
    published()
    work()
    assert "Théo" in told()
    assert letters() == ["jeanne", "odile"]


def test_publishing_twice_with_the_same_key_tells_once(
    claire: FlaskClient, work: Work, told: Told, letters: Letters
) -> None:
    number = place_of(claire.post("/town-hall/notices", data=typed()))
    for _ in range(2):
        answer = claire.post(f"/town-hall/notices/{number}/publication", data={"_key": "one-tap"})
        assert answer.status_code == 303
    work()
    assert told() == TANNERIES
    assert letters() == ["jeanne", "odile", "theo"]


def test_publishing_from_two_desks_publishes_once_and_says_so(
    claire: FlaskClient, browse: Browse, work: Work, told: Told
) -> None:
    number = place_of(claire.post("/town-hall/notices", data=typed()))
    assert claire.post(f"/town-hall/notices/{number}/publication", data={"_key": "a"}).status_code == 303
    late = browse("jean").post(f"/town-hall/notices/{number}/publication", data={"_key": "b"})
    assert late.status_code == 409
    assert "déjà publié" in late.text
    work()
    assert told() == TANNERIES


def test_six_taps_at_once_from_six_desks_publish_once(
    claire: FlaskClient, browse: Browse, work: Work, told: Told, letters: Letters
) -> None:
    number = place_of(claire.post("/town-hall/notices", data=typed()))
    desks = [browse(name) for name in ("claire", "jean", "helene", "claire", "jean", "helene")]
    with ThreadPoolExecutor(len(desks)) as hands:
        taps = [hands.submit(desk.post, f"/town-hall/notices/{number}/publication") for desk in desks]
        answers = sorted(tap.result().status_code for tap in taps)
    assert answers == [303, 409, 409, 409, 409, 409]
    work()
    assert told() == TANNERIES
    assert letters() == ["jeanne", "odile", "theo"]


def test_the_same_chunk_told_twice_doubles_nothing(town: Town, work: Work, told: Told, letters: Letters) -> None:
    published()
    promise = db.session.scalars(select(Job).where(Job.name == TELL).order_by(Job.id.desc()).limit(1)).one()
    telling.tell_those_concerned(promise.payload)
    db.session.commit()
    work()
    assert told() == TANNERIES
    assert letters() == ["jeanne", "odile", "theo"]


def test_a_worker_that_dies_between_two_chunks_ends_with_everybody_told_once(
    app: TownApp, town: Town, work: Work, told: Told, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    work()  # what the demo town has left to do
    monkeypatch.setattr(telling, "CHUNK", 2)
    published(concerns=Concerns())
    assert run_due(app, DEMO_SLUG, limit=1) == 1
    assert len(told()) == 2 - ("Claire" in _first(2))
    held = jobs._lease()  # a second worker takes the next chunk, and its power goes
    assert held is not None
    db.session.rollback()
    work()
    with time_machine.travel(now() + jobs.LEASE + timedelta(seconds=1), tick=False):
        work()
    assert told() == everybody_but_claire()
    assert len(letters()) == len(set(letters())) == len(told())


def _first(count: int) -> list[str]:
    found = list(db.session.scalars(select(Person.first_name).order_by(Person.id).limit(count)))
    db.session.rollback()
    return found


def test_a_chunk_that_breaks_half_way_leaves_nothing_and_is_done_again(
    app: TownApp, town: Town, work: Work, told: Told, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    published()

    def out_of_memory(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as broken:
        broken.setattr(telling, "DELIVERIES", [out_of_memory])
        work()
        assert told() == []
    with time_machine.travel(now() + timedelta(minutes=5), tick=False):
        work()
    assert told() == TANNERIES


def test_a_town_of_thousands_is_told_in_chunks_and_publishing_writes_none_of_them(
    app: TownApp, town: Town, work: Work
) -> None:
    work()
    door = db.session.scalars(select(Address.id).where(Address.street_id == street().id).limit(1)).one()
    rows = [
        {"public_id": new_public_id(), "first_name": f"Voisin{n}", "last_name": "Martin", "address_id": door}
        for n in range(1000)
    ]
    db.session.execute(insert(Person), rows)
    notice = published()
    asked = select(func.count()).select_from(InboxNotice).where(InboxNotice.subject_id == notice.public_id)
    assert db.session.scalar(asked) == 0
    db.session.rollback()
    assert run_due(app, DEMO_SLUG, limit=1) == 1
    assert db.session.scalar(asked) == telling.CHUNK
    db.session.rollback()
    work()
    assert db.session.scalar(asked) == 1003


def test_a_notice_withdrawn_while_it_is_being_told_is_told_to_nobody_more(
    app: TownApp, town: Town, told: Told, work: Work, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    work()
    monkeypatch.setattr(telling, "CHUNK", 3)
    notice = published(concerns=Concerns())
    run_due(app, DEMO_SLUG, limit=1)
    assert told() != []
    db.session.get_one(Notice, notice.id).withdraw(person_named("claire"))
    db.session.commit()
    work()
    assert told() == []
    assert letters() == []


def test_a_quiet_correction_tells_nobody_and_an_important_one_tells_again(
    town: Town, work: Work, told: Told, letters: Letters
) -> None:
    notice = published()
    claire = person_named("claire")
    said = {
        "kind": notice.kind,
        "starts_on": None,
        "ends_on": None,
        "concerns": notice.concerns,
        "signature": notice.signature,
    }
    notice.correct(claire, important=False, title=TITLE, words="De 8 h à 18 h.", **said)
    db.session.commit()
    work()
    assert told() == TANNERIES
    notice.correct(claire, important=True, title=TITLE, words="De 9 h à 18 h.", **said)
    db.session.commit()
    work()
    assert told() == sorted(TANNERIES * 2)
    assert letters(f"avis corrigé : {TITLE}") == ["jeanne", "odile", "theo"]


def test_the_letter_carries_the_town_halls_words_the_link_and_the_way_out(
    town: Town, work: Work, outbox: Callable[[], list[EmailMessage]]
) -> None:
    notice = published(kind=ALERT)
    work()
    letter = next(one for one in outbox() if str(one["Subject"]).endswith(TITLE) and str(one["To"]).startswith("odile"))
    plain = letter.get_body(("plain",))
    assert plain is not None
    text = plain.get_content()
    assert letter["Subject"] == f"Mairie, urgent : {TITLE}"
    assert "De 8 h à 17 h." in text
    assert "Mme Claire Vasseur, adjointe" in text
    assert f"http://saint-loup.localhost/town-hall/notices/{notice.public_id}" in text
    stop = letter["List-Unsubscribe"].strip("<>")
    assert stop in text
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_somebody_who_reads_english_is_told_in_english(
    town: Town, work: Work, outbox: Callable[[], list[EmailMessage]]
) -> None:
    person_named("theo").language = "en"
    published()
    work()
    subjects = {str(one["To"]).partition("@")[0]: one["Subject"] for one in outbox() if TITLE in str(one["Subject"])}
    assert subjects["theo"] == f"Town hall: {TITLE}"
    assert subjects["odile"] == f"Mairie : {TITLE}"


def test_reach_counts_a_household_once_and_says_how_many_have_no_channel(town: Town) -> None:
    tanneries = Concerns(streets=(street().id,))
    before = reach_of(tanneries)
    assert before == Reach(households=40, by_mail=3, in_app=0)
    assert (before.told, before.untold) == (3, 37)
    karim = person_named("karim")
    karim.address = person_named("odile").address
    db.session.flush()
    assert reach_of(tanneries) == before


def test_reach_tells_apart_mailboxes_the_app_and_nothing(town: Town) -> None:
    odile, theo, jeanne = person_named("odile"), person_named("theo"), person_named("jeanne")
    choose_mail(odile.id, {"official": False})
    assert theo.account is not None
    theo.account.active = False
    jeanne.left_at = now()
    db.session.flush()
    assert reach_of(Concerns(streets=(street().id,))) == Reach(households=40, by_mail=0, in_app=1)


def test_reach_of_the_town_counts_every_address(town: Town) -> None:
    doors = db.session.scalar(select(func.count()).select_from(Address))
    reach = reach_of(Concerns())
    assert reach.households == doors
    homes = select(func.count(Person.address_id.distinct())).where(Person.account.has())
    assert reach.by_mail == db.session.scalar(homes)


def test_a_retired_door_counts_only_while_somebody_lives_behind_it(town: Town) -> None:
    here = Concerns(streets=(street().id,))
    door = person_named("odile").address
    empty = db.session.scalars(
        select(Address).where(
            Address.street_id == street().id, ~select(Person.id).where(Person.address_id == Address.id).exists()
        )
    ).first()
    assert door is not None
    assert empty is not None
    door.retired_at = empty.retired_at = now()
    db.session.flush()
    assert reach_of(here) == Reach(households=39, by_mail=3, in_app=0)


def test_an_unwritten_draft_tells_nobody(town: Town, work: Work, told: Told) -> None:
    written()
    db.session.commit()
    work()
    assert told() == []


def test_a_mail_server_that_is_down_keeps_nobody_from_publishing_or_reading(
    app: TownApp,
    claire: FlaskClient,
    browse: Browse,
    work: Work,
    told: Told,
    letters: Letters,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Silent:
        def send(self, message: EmailMessage) -> None:
            raise ConnectionRefusedError

    number = place_of(claire.post("/town-hall/notices", data=typed()))
    with monkeypatch.context() as storm:
        storm.setitem(app.extensions, "mail_carrier", Silent())
        assert claire.post(f"/town-hall/notices/{number}/publication").status_code == 303
        work()
        assert told() == TANNERIES
        assert TITLE in browse("odile").get("/messages/").text
        assert letters() == []
    with time_machine.travel(now() + timedelta(hours=1), tick=False):
        work()
    assert letters() == ["jeanne", "odile", "theo"]


def test_a_notice_read_in_the_app_before_the_letter_left_is_not_sent_too(
    app: TownApp, town: Town, work: Work, letters: Letters
) -> None:
    work()
    notice = published()
    run_due(app, DEMO_SLUG, limit=1)
    mark_read(person_named("odile").id, subject=notice)
    db.session.commit()
    work()
    assert letters() == ["jeanne", "theo"]
