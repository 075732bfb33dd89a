"""SECURITY (d): copies at most a year, decisions twelve months, people at once; and nobody forgets what was hidden."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import time_machine
from sqlalchemy import func, select, text

from tests.cast import person_named
from tests.conftest import Browse
from tests.moderation.conftest import WORDS, card_of, case_of, report, told_to
from town.blueprints.lending.models import Item
from town.commons.activity import Activity
from town.commons.audit import AuditEntry
from town.commons.holds import hold_on
from town.commons.moderation import Case, Decision, Report
from town.commons.moderation.keeping import forget_copies, forget_decisions
from town.commons.people.leaving import erase
from town.kernel.db import db, now
from town.kernel.media import Media, pictures_of
from town.kernel.signals import person_erased


def _decided(drill: Item) -> Case:
    report(drill, "odile")
    case = report(drill, "lucas").case
    case.decide(person_named("jean"), "hide", rule="privacy", facts="Un numéro.", words="Ôtez-le.")
    db.session.commit()
    return case_of(drill)


def _count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_what_is_hidden_at_once_and_unread_for_a_day_is_said_to_an_administrator(
    drill: Item, work: Callable[[], int]
) -> None:
    report(drill, "odile")
    report(drill, "lucas")
    with time_machine.travel(now() + timedelta(hours=25)):
        work()
        assert told_to("helene", "overdue") == 1
        assert told_to("jean", "overdue") == 0
        assert hold_on(drill) is not None, "a telephone number does not come back because nobody was there"


def test_nobody_is_reminded_of_what_was_read(drill: Item, work: Callable[[], int]) -> None:
    _decided(drill)
    with time_machine.travel(now() + timedelta(hours=25)):
        work()
        assert told_to("helene", "overdue") == 0


def test_after_a_year_the_copy_is_forgotten(drill: Item) -> None:
    tent = db.session.scalars(select(Item).where(Item.title.like("Tente%"))).one()
    number = report(tent, "odile", "scam", quote="La toile").id
    with time_machine.travel(now() + timedelta(days=366)):
        forget_copies()
        db.session.commit()
        forgotten = db.session.get(Report, number)
        assert forgotten is not None
        assert (forgotten.said, forgotten.quote, forgotten.fingerprint) == ({}, "", "")
        assert not db.session.scalars(pictures_of("moderation_report", number)).all()
    assert (
        db.session.scalar(select(func.count()).where(Media.subject_type == "moderation_report")) == 2
    )  # the demo's too


def test_twelve_months_after_its_decision_a_case_is_forgotten_and_what_it_hid_stays_hidden(drill: Item) -> None:
    case = _decided(drill)
    with time_machine.travel(now() + timedelta(days=360)):
        forget_decisions()
        db.session.commit()
        assert _count(Decision) == 1
    before = _count(Report)
    with time_machine.travel(now() + timedelta(days=366)):
        forget_decisions()
        db.session.commit()
    assert (_count(Decision), _count(Report)) == (0, before - 2)
    assert (
        db.session.scalar(select(func.count()).where(Activity.thing == "moderation_case", Activity.thing_id == case.id))
        == 0
    )
    assert hold_on(drill) is not None


def test_a_case_whose_author_and_content_are_gone_closes_by_itself(
    browse: Browse, drill: Item, work: Callable[[], int]
) -> None:
    sent = report(drill, "odile")
    report(drill, "lucas")
    number, receipt = sent.case.id, f"/moderation/reports/{sent.public_id}"
    erase(person_named("karim"))
    work()
    case = db.session.get_one(Case, number)
    assert (case.waiting_since, case.due_at, case.decisions) == (None, None, [])
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.event == "report:close")).one()
    address = f"/moderation/cases/{case.public_id}"
    jean = browse("jean")
    assert address not in jean.get("/moderation/").text
    assert "Clos sans décision" in jean.get(address).text
    assert "Ce contenu n’existe plus." in browse("odile").get(receipt).text
    with time_machine.travel(now() + timedelta(days=367)):
        forget_decisions()
        db.session.commit()
    assert db.session.get(Case, number) is None


def test_a_case_that_waits_for_an_appeal_is_not_forgotten(drill: Item) -> None:
    case = _decided(drill)
    case.appeal("Non.")
    db.session.commit()
    with time_machine.travel(now() + timedelta(days=400)):
        forget_decisions()
        db.session.commit()
    assert case_of(drill).waiting_since is not None


def test_whoever_is_erased_leaves_no_name_in_moderation(drill: Item) -> None:
    _decided(drill)
    for name in ("odile", "jean", "karim"):
        person = person_named(name)
        person_erased.send(person)
        db.session.commit()
        for table, column in (
            ("moderation_case", "author_id"),
            ("moderation_report", "reporter_id"),
            ("moderation_decision", "by_id"),
            ("moderation_decision", "author_id"),
            ("moderation_decision", "reviewed_by_id"),
        ):
            left = db.session.execute(text(f"SELECT count(*) FROM {table} WHERE {column} = :who"), {"who": person.id})
            assert left.scalar() == 0, f"{name}: {table}.{column}"
    kept = db.session.scalars(select(Case).where(Case.thing_public_id == drill.public_id)).one()
    assert kept.title == "…"
    assert all(one.said == {} for one in kept.reports)
    assert kept.reports[1].words == WORDS
    assert hold_on(drill) is not None or card_of(drill) is None
