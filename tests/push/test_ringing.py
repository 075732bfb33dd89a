"""PW-05, TH-02: phones ring for whom it concerns, once, in words that say no more than a screen may show."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import delete, select, update

from tests.cast import person_named
from tests.conftest import Browse
from tests.push.conftest import Ring
from tests.push_service import PushService
from tests.townhall.conftest import TITLE, published, quarter
from town.blueprints.townhall.models import ALERT, Notice
from town.commons import board
from town.commons.activity import Activity, Kind, record
from town.commons.holds import DECIDED, Hold
from town.commons.notices.models import InboxNotice, mark_read
from town.commons.notices.push.models import PushDevice
from town.commons.notices.push.ringing import RING, TRIES, pause, ring
from town.commons.people.models import Person
from town.commons.places.concerns import Concerns
from town.demo import DEMO_SLUG
from town.kernel.db import db, now
from town.kernel.jobs import Job, run_due
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

Work = Callable[[], int]
Say = Callable[..., Notice]
TOLD = f"Mairie\u00a0: {TITLE}"
SAID = ("words", "kind", "starts_on", "ends_on", "concerns", "signature")
ASKED = Kind(
    "tests.asked",
    sentence="{actor} asks you: {subject}",
    tells=lambda activity: db.session.scalars(select(Person).where(Person.id == activity.details["to"])),
)


@pytest.fixture(autouse=True)
def clock(app: TownApp) -> Iterator[time_machine.Traveller]:
    """It is noon in town, nothing waits for the morning, and the demo town has nothing else to do."""
    with time_machine.travel((now() + timedelta(days=1)).replace(hour=10, minute=0), tick=True) as traveller:
        with enter(app, DEMO_SLUG):
            db.session.execute(delete(Job))
            db.session.commit()
        yield traveller


@pytest.fixture
def say(app: TownApp, work: Work) -> Say:
    """The town hall publishes a notice, and the worker does what is due."""

    def publish(**more: object) -> Notice:
        with enter(app, DEMO_SLUG):
            notice = published(**more)
            db.session.refresh(notice)
            db.session.expunge(notice)
        work()
        return notice

    return publish


def kept(app: TownApp) -> list[str]:
    """The addresses of the phones that the town knows."""
    with enter(app, DEMO_SLUG):
        return list(db.session.scalars(select(PushDevice.endpoint).order_by(PushDevice.id)))


def promised(app: TownApp) -> list[Job]:
    with enter(app, DEMO_SLUG):
        return list(db.session.scalars(select(Job).where(Job.name == RING)))


def test_a_notice_rings_for_its_street_and_for_whoever_follows_it_without_account(
    app: TownApp, browse: Browse, ring_on: Ring, follow: Ring, say: Say
) -> None:
    odile, yvonne = ring_on(browse("odile")), ring_on(browse("yvonne"))
    with enter(app, DEMO_SLUG):
        quarters = {name: quarter(name).public_id for name in ("Les Tanneries", "La Gare")}
    everything, street = follow(), follow(scope="places", street="rue des tanneries")
    around, far = (follow(scope="places", quarters=[number]) for number in quarters.values())
    say()
    for phone in (odile, everything, street, around):
        assert phone.bodies == [TOLD]
    assert yvonne.received == far.received == []
    assert odile.received[0]["url"].startswith("/messages/")
    assert odile.received[0]["unread"] >= 1
    assert "unread" not in street.received[0]
    assert TITLE in browse().get(street.received[0]["url"]).text
    say(concerns=Concerns(), title="Eau coupée")
    for phone in (odile, yvonne, everything, street, around, far):
        assert phone.bodies[-1] == "Mairie\u00a0: Eau coupée", "what concerns the whole town rings everywhere"
    assert [len(phone.received) for phone in (odile, everything, far)] == [2, 2, 1]


def test_a_notice_for_a_quarter_rings_where_one_of_its_streets_is_followed(
    app: TownApp, follow: Ring, say: Say
) -> None:
    tanneries, tilleul = (
        follow(scope="places", street="Rue des Tanneries"),
        follow(scope="places", street="Place du Tilleul"),
    )
    with enter(app, DEMO_SLUG):
        number = quarter("Les Tanneries").id
    say(concerns=Concerns(quarters=(number,)))
    assert (tanneries.bodies, tilleul.bodies) == ([TOLD], [])


def test_of_what_neighbours_do_a_screen_says_only_that_there_is_something_new(
    app: TownApp, browse: Browse, ring_on: Ring, work: Work
) -> None:
    karim = ring_on(browse("karim"), official="y", direct="y")
    deaf = ring_on(browse("karim"), official="y")
    with enter(app, DEMO_SLUG):
        before = _unread("karim")
        for _twice in range(2):
            record(ASKED, person_named("odile"), person_named("odile"), to=person_named("karim").id)
        db.session.commit()
    work()
    assert deaf.received == []
    assert {(one["title"], one["url"], one["tag"], one["lang"]) for one in karim.received} == {
        ("Saint-Loup-des-Tilleuls", "/messages/", "messages", "fr")
    }
    assert karim.bodies[-1] == f"{before + 2} nouveaux messages"
    assert "Odile" not in str(karim.received)
    assert karim.headers[-1]["Urgency"] == "normal"


def _unread(name: str) -> int:
    found = select(InboxNotice.id).where(InboxNotice.person_id == person_named(name).id, InboxNotice.read_at.is_(None))
    return len(db.session.scalars(found).all())


def test_what_was_read_withdrawn_or_hidden_meanwhile_does_not_ring(
    app: TownApp, browse: Browse, ring_on: Ring, follow: Ring, work: Work
) -> None:
    odile, anybody = ring_on(browse("odile")), follow()
    with enter(app, DEMO_SLUG):
        published(title="Lu")
        withdrawn, held = published(title="Retiré"), published(title="Masqué")
        _tell_only(app, work)
        mark_read(person_named("odile").id)
        withdrawn.withdraw(person_named("claire"))
        db.session.add(Hold(thing="townhall_notice", public_id=held.public_id, why=DECIDED))
        db.session.flush()
        board.publish(held)
        db.session.commit()
    work()
    assert odile.received == []
    assert anybody.bodies == ["Mairie\u00a0: Lu"]


def _tell_only(app: TownApp, work: Work) -> None:
    """The worker finds who is to be told, and stops before any phone rings."""
    far = now() + timedelta(days=1)
    while True:
        db.session.execute(update(Job).where(Job.name == RING).values(run_at=far))
        db.session.commit()
        due = db.session.scalars(select(Job.id).where(Job.run_at <= now())).all()
        db.session.rollback()
        if not due:
            break
        run_due(app, DEMO_SLUG, limit=1)
    db.session.execute(update(Job).where(Job.name == RING).values(run_at=now()))
    db.session.commit()


def test_at_night_only_what_is_urgent_rings(
    app: TownApp, follow: Ring, say: Say, work: Work, clock: time_machine.Traveller
) -> None:
    """FS-05: quiet hours."""
    phone = follow()
    clock.move_to(now().replace(hour=22, minute=30))
    say(concerns=Concerns())
    assert phone.received == []
    say(concerns=Concerns(), kind=ALERT, title="Évacuez")
    assert phone.bodies == ["Mairie, urgent\u00a0: Évacuez"]
    assert phone.headers[0]["Urgency"] == "high"
    clock.shift(timedelta(hours=10))
    work()
    assert phone.bodies == ["Mairie, urgent\u00a0: Évacuez", TOLD]


def test_yesterday_s_news_rings_nowhere(
    app: TownApp, follow: Ring, say: Say, work: Work, clock: time_machine.Traveller
) -> None:
    phone = follow()
    with enter(app, DEMO_SLUG):
        published(concerns=Concerns())
    clock.shift(timedelta(days=2))
    work()
    assert phone.received == []


def test_an_important_correction_replaces_what_the_screen_showed(
    app: TownApp, follow: Ring, say: Say, work: Work
) -> None:
    phone = follow()
    notice = say()
    with enter(app, DEMO_SLUG):
        for important in (False, True):
            again = db.session.scalars(select(Notice).where(Notice.public_id == notice.public_id)).one()
            said = {name: getattr(again, name) for name in SAID}
            again.correct(person_named("claire"), important=important, title="Rue barrée mardi", **said)
        db.session.commit()
    work()
    assert phone.bodies == [TOLD, "Mairie, avis corrigé\u00a0: Rue barrée mardi"]
    assert len({(one["tag"]) for one in phone.received}) == 1
    assert len({headers["Topic"] for headers in phone.headers}) == 1, "the push service replaces what still waits there"


def test_a_phone_that_is_gone_is_forgotten_and_the_others_ring(app: TownApp, follow: Ring, say: Say) -> None:
    gone, lost, there = follow(), follow(), follow()
    gone.answers, lost.answers = [(410, {})], [(404, {})]
    say()
    assert kept(app) == [there.endpoint]
    assert there.bodies == [TOLD]
    assert promised(app) == []


@pytest.mark.parametrize(
    ("status", "asked", "waits"), [(429, "3600", 3600), (503, "", 60), (413, "", 60), (429, "9999999", 60)]
)
def test_a_push_service_that_asks_for_patience_gets_it(
    app: TownApp, follow: Ring, say: Say, work: Work, clock: time_machine.Traveller, status: int, asked: str, waits: int
) -> None:
    phone, other = follow(), follow()
    phone.answers = [(status, {"Retry-After": asked} if asked else {})]
    say()
    assert (phone.calls, other.bodies) == (1, [TOLD])
    clock.shift(timedelta(seconds=waits - 30))
    work()
    assert phone.calls == 1, "not before it was asked to"
    clock.shift(timedelta(seconds=60))
    work()
    assert phone.bodies == [TOLD]
    assert len(other.received) == 1, "nobody rings twice for that"


def test_a_push_service_that_stays_ill_is_given_up_in_the_end(
    app: TownApp, service: PushService, follow: Ring, say: Say, work: Work, clock: time_machine.Traveller
) -> None:
    phone = follow()
    phone.answers = [(500, {})] * 20
    say(kind=ALERT)
    for tries in range(TRIES + 2):
        clock.shift(timedelta(seconds=pause(tries, 0) + 1))
        work()
    assert phone.calls == TRIES
    assert promised(app) == []
    assert kept(app) == [phone.endpoint], "ill is not gone"


def test_a_push_service_that_does_not_answer_is_asked_again(
    app: TownApp, follow: Ring, say: Say, work: Work, clock: time_machine.Traveller
) -> None:
    phone = follow()
    settings = app.extensions["towns"].settings
    with enter(app, DEMO_SLUG):
        db.session.execute(update(PushDevice).values(endpoint="http://127.0.0.1:9/send/x"))
        db.session.commit()
    there, settings.push_service = settings.push_service, "http://127.0.0.1:9"
    say()
    settings.push_service = there
    with enter(app, DEMO_SLUG):
        db.session.execute(update(PushDevice).values(endpoint=phone.endpoint))
        db.session.commit()
    clock.shift(timedelta(seconds=61))
    work()
    assert phone.bodies == [TOLD]


def test_a_worker_that_dies_half_way_rings_again_under_the_same_tag(app: TownApp, follow: Ring, say: Say) -> None:
    phone = follow()
    say()
    with enter(app, DEMO_SLUG):
        number = db.session.scalars(select(PushDevice.id)).one()
        activity = db.session.scalars(select(Activity.id).where(Activity.title == TITLE)).one()
        db.session.rollback()
        ring({"to": [[number, None]], "activity": activity, "tries": 0})
        db.session.commit()
    assert len(phone.received) == 2
    assert len({one["tag"] for one in phone.received}) == 1
