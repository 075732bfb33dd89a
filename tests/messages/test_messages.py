"""My inbox: what is new first, read by following it, and the e-mails I want."""

import dataclasses
import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
from flask import g
from sqlalchemy import delete, insert, select

from tests.cast import person_named
from tests.conftest import Browse
from tests.townhall.conftest import TITLE, Told, kept, letters, published, statements, told, written
from town.blueprints.townhall.models import ALERT
from town.commons.activity import TELL, Activity, Kind, record, sentence
from town.commons.notices import counters
from town.commons.notices.letters import stop_token
from town.commons.notices.models import InboxNotice, MailStop, forget_old_notices
from town.kernel.db import db, new_public_id, now
from town.kernel.jobs import Job
from town.kernel.registry import Town
from town.kernel.signals import address_certified, person_erased
from town.kernel.web import TownApp

__all__ = ["letters", "told"]  # fixtures

Work = Callable[[], int]
Outbox = Callable[[], list[EmailMessage]]


def _lines(page: str) -> list[tuple[bool, str, str]]:
    """The inbox as (unread, sentence, address)."""
    found = re.findall(r'<p>(<b>)?<a class="cover" href="([^"]+)">([^<]+)</a>', page)
    return [(bold == "<b>", re.sub(r"\s", " ", words), address) for bold, address, words in found]


def _count(page: str) -> str:
    found = re.search(r'<span class="count" aria-hidden="true">([^<]+)</span></a>', page)
    return found[1] if found else "0"


def _start_empty(work: Work) -> None:
    """What the demo town has to tell is told and forgotten."""
    work()
    db.session.execute(delete(InboxNotice))
    db.session.commit()


def test_a_notice_arrives_unread_and_following_it_is_reading_it(town: Town, browse: Browse, work: Work) -> None:
    _start_empty(work)
    notice = published()
    number = kept(notice, "public_id")
    work()
    odile = browse("odile")
    ((unread, words, address),) = _lines(odile.get("/messages/").text)
    assert (unread, words) == (True, f"Mairie : {TITLE}")
    assert _count(odile.get("/").text) == "1"
    answer = odile.get(address)
    assert answer.status_code == 303
    assert answer.location == f"/town-hall/notices/{number}"
    assert [line[0] for line in _lines(odile.get("/messages/").text)] == [False]
    assert _count(odile.get("/").text) == "0"


def test_a_look_without_opening_reads_nothing(town: Town, browse: Browse, work: Work, told: Told) -> None:
    published()
    work()
    odile = browse("odile")
    address = next(address for _, words, address in _lines(odile.get("/messages/").text) if TITLE in words)
    assert odile.head(address).status_code == 303
    assert "Odile" in told(unread=True)


def test_nobody_opens_or_reads_somebody_elses_notice(town: Town, browse: Browse, work: Work, told: Told) -> None:
    published()
    work()
    odile, karim = browse("odile"), browse("karim")
    address = next(address for _, words, address in _lines(odile.get("/messages/").text) if TITLE in words)
    assert karim.get(address).status_code == 404
    karim.post(f"{address}/reading")
    assert "Odile" in told(unread=True)
    assert browse().get(address).status_code == 303
    assert "/login" in browse().get(address).location


def test_one_tap_marks_everything_read_and_only_mine(town: Town, browse: Browse, work: Work, told: Told) -> None:
    published()
    work()
    odile = browse("odile")
    headers = {"HX-Request": "true", "HX-Target": "div#inbox"}
    answer = odile.post("/messages/reading", headers=headers)
    assert answer.text.lstrip().startswith('<div id="inbox"')
    assert not any(unread for unread, _, _ in _lines(answer.text))
    assert told(unread=True) == ["Jeanne", "Théo"]


def test_a_single_notice_is_marked_read_without_following_it(
    town: Town, browse: Browse, work: Work, told: Told
) -> None:
    published()
    work()
    odile = browse("odile")
    address = next(address for _, words, address in _lines(odile.get("/messages/").text) if TITLE in words)
    assert odile.post(f"{address}/reading").status_code == 303
    assert "Odile" not in told(unread=True)


def test_an_empty_inbox_says_what_will_arrive(town: Town, browse: Browse, work: Work) -> None:
    _start_empty(work)
    page = browse("odile").get("/messages/").text
    assert "Rien pour vous pour l’instant" in page
    assert "/town-hall/" in page


def test_the_new_ones_come_first_and_the_walk_misses_and_doubles_none(
    app: TownApp, town: Town, browse: Browse, work: Work
) -> None:
    _start_empty(work)
    odile, claire = person_named("odile"), person_named("claire")
    notice = published()
    for n in range(75):
        happened = Activity(
            kind="townhall.published", thing="townhall_notice", thing_id=notice.id, title=f"Avis {n}", actor=claire
        )
        db.session.add(happened)
        db.session.flush()
        row = {
            "public_id": new_public_id(),
            "person_id": odile.id,
            "activity_id": happened.id,
            "subject_id": notice.public_id,
            "official": True,
            "created_at": now(),
            "read_at": now() if n % 2 else None,
        }
        db.session.execute(insert(InboxNotice).values(row))
    db.session.commit()
    browser = browse("odile")
    browser.get("/messages/")
    with statements(app) as asked:
        page = browser.get("/messages/").text
    assert len(asked) <= 4, asked
    lines = _lines(page)
    older = re.search(r'rel="next" href="([^"]+)"', page)
    while older is not None:
        page = browser.get(older[1].replace("&amp;", "&")).text
        lines += _lines(page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
    unread = [f"Mairie : Avis {n}" for n in range(74, -1, -2)]
    read = [f"Mairie : Avis {n}" for n in range(73, -1, -2)]
    assert [words for _, words, _ in lines] == unread + read


@pytest.mark.parametrize("place", ["?before=x", "?before=-1&read=1", "?read=1", "?before=99999999999999999999"])
def test_a_tampered_place_in_the_inbox_is_the_first_page(browse: Browse, place: str) -> None:
    assert browse("odile").get(f"/messages/{place}").status_code == 200


def test_the_inbox_is_for_people_signed_in(browse: Browse) -> None:
    for page in ("/messages/", "/messages/preferences"):
        assert "/login" in browse().get(page).location


def test_a_notice_whose_feature_is_off_leads_back_to_the_inbox(
    app: TownApp, town: Town, browse: Browse, work: Work
) -> None:
    published()
    work()
    odile = browse("odile")
    address = next(address for _, words, address in _lines(odile.get("/messages/").text) if TITLE in words)
    app.extensions["towns"].registry.change(town.slug, features_off=["townhall"])
    answer = odile.get(address, follow_redirects=True)
    assert answer.request.path == "/messages/"
    assert "plus rien à voir" in answer.text


def test_a_sentence_speaks_the_readers_language_and_titles_stay_words(town: Town, browse: Browse, work: Work) -> None:
    _start_empty(work)
    published(title="{actor} <b>{0.__class__}</b>")
    work()
    odile = browse("odile")
    assert "Mairie : {actor} &lt;b&gt;{0.__class__}&lt;/b&gt;" in odile.get("/messages/").text.replace("\u00a0", " ")
    odile.set_cookie("lang", "en", domain="localhost")
    assert "Town hall: {actor}" in odile.get("/messages/").text


def test_a_sentence_of_a_kind_nobody_knows_any_more_is_its_title(town: Town) -> None:
    assert sentence("gone.kind", "Échelle", {}, "Karim B.") == "Échelle"
    assert sentence("townhall.published", "Échelle", {"subject": "autre"}, None) == "Mairie\u00a0: Échelle"


# What neighbours cause is direct: another sort of e-mail, another figure


@pytest.fixture
def borrowed() -> Kind:
    """A kind as lending declares them."""
    return Kind.registry.get("tests.borrowed") or Kind(
        "tests.borrowed",
        sentence="{actor} vous emprunte {subject}, {when}",
        tells=lambda activity: [person_named("karim"), person_named("odile")],
        endpoint="townhall.notice",
    )


def test_what_a_neighbour_does_is_told_to_the_other_and_never_to_oneself(
    town: Town, browse: Browse, work: Work, outbox: Outbox, borrowed: Kind, told: Told
) -> None:
    _start_empty(work)
    notice = published(title="Échelle")
    _ = record(borrowed, notice, actor=person_named("odile"), when="samedi")
    db.session.commit()
    work()
    assert "Odile M. vous emprunte Échelle, samedi" in browse("karim").get("/messages/").text
    page = browse("karim").get("/").text
    assert _count(page) == "1"
    assert re.search(r"Messages</span><span class=\"count\">", page)
    assert not any("emprunte" in words for _, words, _ in _lines(browse("odile").get("/messages/").text))
    (letter,) = [one for one in outbox() if str(one["Subject"]).endswith("Échelle, samedi")]
    assert str(letter["To"]) == "karim@saint-loup.example"


def test_direct_emails_are_stopped_apart_from_the_town_halls(
    town: Town, browse: Browse, work: Work, outbox: Outbox, borrowed: Kind
) -> None:
    browse("karim").post("/messages/preferences", data={"official": "y"})
    record(borrowed, published(title="Échelle"), actor=person_named("odile"), when="samedi")
    db.session.commit()
    work()
    assert not any(str(one["Subject"]).endswith("Échelle, samedi") for one in outbox())
    assert "Échelle, samedi" in browse("karim").get("/messages/").text


# The choice of e-mails


def test_a_choice_is_kept_and_shown_and_nothing_starts_again_by_itself(town: Town, browse: Browse) -> None:
    odile = browse("odile")
    assert re.findall(r'<input checked id="(\w+)"', odile.get("/messages/preferences").text) == ["official", "direct"]
    odile.post("/messages/preferences", data={"direct": "y"})
    assert re.findall(r'<input checked id="(\w+)"', odile.get("/messages/preferences").text) == ["direct"]
    odile.post("/messages/preferences", data={"direct": "y"})
    odile.post("/messages/preferences", data={"direct": "y", "official": "y", "none": "1"})
    assert re.findall(r'<input checked id="(\w+)"', odile.get("/messages/preferences").text) == []
    odile.post("/messages/preferences", data={"official": "y", "direct": "y"})
    assert db.session.scalar(select(MailStop.id)) is None


def test_one_click_in_the_mailbox_stops_that_sort_without_signing_in(town: Town, browse: Browse) -> None:
    address = f"/messages/stop/{stop_token(person_named('odile'), 'official')}"
    db.session.rollback()
    mailbox = browse()
    asked = mailbox.get(address)
    assert asked.status_code == 200
    assert asked.headers["Cache-Control"] == "no-store"
    assert db.session.scalar(select(MailStop.id)) is None  # a scanner that follows links stops nothing
    db.session.rollback()
    answer = mailbox.post(address, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 303
    assert "arrêtés" in mailbox.get(address).text
    stop = db.session.scalars(select(MailStop)).one()
    assert (stop.person_id, stop.sort) == (person_named("odile").id, "official")
    db.session.rollback()
    assert mailbox.post(address).status_code == 303  # twice is once


def test_a_signed_in_person_may_press_stop_too(town: Town, browse: Browse) -> None:
    address = f"/messages/stop/{stop_token(person_named('odile'), 'direct')}"
    db.session.rollback()
    karim = browse("karim")
    assert karim.post(address, headers={"X-CSRF-Token": ""}).status_code == 303
    assert db.session.scalars(select(MailStop.person_id)).all() == [person_named("odile").id]


@pytest.mark.parametrize("token", ["x", "WyJhIiwib2ZmaWNpYWwiXQ.AAAA", "é", "a" * 500])
def test_a_forged_stop_stops_nothing(town: Town, browse: Browse, token: str) -> None:
    assert browse().get(f"/messages/stop/{token}").status_code == 404
    assert browse().post(f"/messages/stop/{token}").status_code == 404


def test_a_stop_of_another_town_is_worthless_here(town: Town, browse: Browse, monkeypatch: pytest.MonkeyPatch) -> None:
    odile = person_named("odile")
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(g, "town", dataclasses.replace(town, uid="another"))
        token = stop_token(odile, "official")
    db.session.rollback()
    assert browse().get(f"/messages/stop/{token}").status_code == 404


# The header's figures


def test_the_header_costs_a_visitor_nothing_and_a_neighbour_one_question(app: TownApp, browse: Browse) -> None:
    visitor, odile = browse(), browse("odile")
    visitor.get("/messages/stop/x")
    visitor.get("/help")
    with statements(app) as asked:
        assert "voisins certifiés" in visitor.get("/help").text
    assert ["change_count" in one for one in asked] == [True]  # whether the page she holds is still the same
    with statements(app) as asked:
        odile.get("/help")
    assert len([one for one in asked if "inbox_notice" in one]) == 1
    assert len(asked) == 2  # who is asking, and what is new


def test_a_new_certification_counts_at_once(town: Town, browse: Browse) -> None:
    def certified() -> str:
        found = re.search(r"(\d+)\s+voisins certifiés", browse().get("/help").text)
        assert found is not None
        return found[1]

    before = int(certified())
    nadia = person_named("nadia")
    nadia.certified_how, nadia.certified_at, nadia.certified_until = "desk", now(), now() + timedelta(days=2 * 365)
    db.session.commit()
    address_certified.send(nadia, method="desk")
    assert int(certified()) == before + 1
    assert counters.MINUTE == 60


# What is not kept


def test_an_erased_person_leaves_nothing_in_the_inboxes(town: Town, work: Work) -> None:
    published(kind=ALERT)
    work()
    odile = person_named("odile")
    db.session.add(MailStop(person_id=odile.id, sort="direct"))
    db.session.flush()
    person_erased.send(odile)
    assert db.session.scalar(select(InboxNotice.id).where(InboxNotice.person_id == odile.id)) is None
    assert db.session.scalar(select(MailStop.id)) is None


def test_a_year_later_the_inbox_has_forgotten(town: Town, work: Work) -> None:
    published()
    work()
    old = db.session.scalars(select(InboxNotice).limit(1)).one()
    old.created_at = now() - timedelta(days=2 * 365)
    number = old.id
    db.session.flush()
    forget_old_notices()
    assert db.session.get(InboxNotice, number) is None
    assert db.session.scalar(select(InboxNotice.id)) is not None


def test_what_it_was_about_may_be_gone_before_anybody_is_told(
    town: Town, work: Work, borrowed: Kind, told: Told
) -> None:
    draft = written()
    record(borrowed, draft, actor=None)
    draft.throw_away()
    db.session.commit()
    work()
    assert db.session.scalar(select(Job.id).where(Job.name == TELL)) is None
    db.session.rollback()
    assert told() == []
