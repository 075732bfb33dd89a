"""The town hall reads, answers, plans, resolves, declines: each verb, what it refuses, and whom it tells."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.cast import person_named
from tests.complaints.conftest import again, kept, shown, told
from tests.conftest import Browse
from town.blueprints.complaints.models import LEADS_TO, PHOTOS, STATES, WHY, Complaint, ComplaintStep
from town.blueprints.complaints.models.refusals import (
    AskedToStayPrivate,
    NotAfterThat,
    NothingSaid,
    NotPublic,
    NotReadYet,
    ReasonNeeded,
    SameReport,
)
from town.blueprints.complaints.queries import endings
from town.commons.audit import AuditEntry
from town.commons.holds import DECIDED
from town.commons.moderation.things import hide
from town.kernel.db import db, now
from town.kernel.language import today
from town.kernel.media import attach
from town.kernel.media.pictures import SIZES, Picture
from town.kernel.media.store import store
from town.kernel.registry import Town

TOMORROW = timedelta(days=1)


def take(report: Complaint, state: str) -> None:
    """Do to the report whatever makes it reach that state."""
    jean = person_named("jean")
    match state:
        case "acknowledged":
            report.acknowledge(jean, to_all=True)
        case "planned":
            report.plan(jean, today() + TOMORROW)
        case "in_progress":
            report.reopen(jean) if report.closed_at else report.start(jean)
        case "resolved":
            report.resolve(jean, "Fait.")
        case "declined":
            report.decline(jean, "Trop cher.")
        case "forwarded":
            report.forward(jean, "le département")
        case "duplicate":
            report.merge_into(jean, shown("odile"))


WAYS: dict[str, tuple[str, ...]] = {
    "received": (),
    "acknowledged": ("acknowledged",),
    "planned": ("acknowledged", "planned"),
    "in_progress": ("acknowledged", "in_progress"),
    "resolved": ("acknowledged", "resolved"),
    "declined": ("acknowledged", "declined"),
    "forwarded": ("acknowledged", "forwarded"),
    "duplicate": ("acknowledged", "duplicate"),
}


@pytest.mark.parametrize("start", STATES)
def test_a_report_goes_where_its_state_leads_and_nowhere_else(town: Town, start: str) -> None:
    for state in STATES[1:]:
        report = told()
        for step in WAYS[start]:
            take(report, step)
        db.session.commit()
        if state in LEADS_TO[start]:
            take(report, state)
            assert report.state == state
            assert (report.closed_at is None) == (state not in ("resolved", "declined", "duplicate"))
        else:
            with pytest.raises(NotReadYet if start == "received" else NotAfterThat):
                take(report, state)
            assert again(report).state == start
        db.session.rollback()


def test_every_step_is_a_line_of_the_timeline_and_of_the_audit(town: Town) -> None:
    report = shown()
    acts = db.session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    for state in ("planned", "in_progress", "resolved"):
        take(report, state)
    steps = db.session.scalars(select(ComplaintStep.verb).where(ComplaintStep.complaint_id == report.id)).all()
    assert steps == ["received", "acknowledged", "planned", "in_progress", "resolved"]
    assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == acts + 3
    details = db.session.scalars(select(AuditEntry.details)).all()
    assert details[-1] == {"number": report.number}


def test_having_read_it_is_no_answer_but_words_are(town: Town) -> None:
    silent = shown()
    assert silent.answered_at is None
    spoken = told()
    spoken.acknowledge(person_named("jean"), to_all=True, words="Nous venons mardi.")
    assert spoken.answered_at is not None


def test_nothing_is_answered_before_it_was_read(town: Town) -> None:
    report = told()
    with pytest.raises(NotReadYet):
        report.answer(person_named("jean"), "Bonjour.")
    with pytest.raises(NotReadYet):
        report.show_to_all(person_named("jean"), title="", shown_words="", hidden=[])
    with pytest.raises(NotReadYet):
        report.keep_inside(person_named("jean"))


def test_declining_needs_a_reason_and_an_answer_needs_words(town: Town) -> None:
    report = shown()
    with pytest.raises(ReasonNeeded):
        report.decline(person_named("jean"), "")
    with pytest.raises(NothingSaid):
        report.answer(person_named("jean"), "")
    with pytest.raises(NothingSaid):
        report.note(person_named("jean"), "")
    assert report.state == "acknowledged"


@pytest.mark.parametrize("more", [{"to_all": False}, {"category": "noise"}, {"category": "school"}])
def test_what_was_sent_to_the_town_hall_alone_is_never_shown(town: Town, more: dict[str, object]) -> None:
    report = told(**more)  # type: ignore[arg-type]  # some of its keywords
    with pytest.raises(AskedToStayPrivate):
        report.acknowledge(person_named("jean"), to_all=True)
    db.session.rollback()
    report = kept(**more)  # type: ignore[arg-type]  # some of its keywords
    with pytest.raises(AskedToStayPrivate):
        report.show_to_all(person_named("jean"), title="", shown_words="", hidden=[])


def test_merging_keeps_followers_and_leads_the_reporter_to_the_other(browse: Browse, town: Town) -> None:
    first, second = shown("odile"), shown("karim")
    second.follow(person_named("lucas"))
    first.follow(person_named("lucas"))
    second.merge_into(person_named("jean"), first)
    db.session.commit()
    assert first.me_too == 2
    assert f'href="/complaints/{first.number}"' in browse("karim").get(f"/complaints/{second.number}").text
    assert f"/complaints/{second.number}" not in browse().get("/complaints/").text


def test_photos_that_moderation_has_hidden_do_not_come_back_with_another_report(browse: Browse, town: Town) -> None:
    report, other = shown("karim"), shown("odile")
    drawn = store().put(Picture(1, 1, "#000000", "", dict.fromkeys(SIZES, b"RIFF....WEBP")))
    attach([drawn], PHOTOS, report.id)
    hide(report, DECIDED)
    db.session.commit()
    assert browse().get(f"/media/{drawn.name}/small.webp").status_code == 404
    report.merge_into(person_named("jean"), other)
    db.session.commit()
    assert browse().get(f"/media/{drawn.name}/small.webp").status_code == 404
    assert browse("jean").get(f"/media/{drawn.name}/small.webp").status_code == 200


def test_a_report_is_merged_into_no_private_one_of_somebody_else(town: Town) -> None:
    report, hidden = shown("karim"), kept("odile")
    with pytest.raises(NotPublic):
        report.merge_into(person_named("jean"), hidden)
    report.merge_into(person_named("jean"), kept("karim"))


def test_a_report_is_no_duplicate_of_itself_or_of_a_duplicate(town: Town) -> None:
    first, second, third = shown(), shown(), shown()
    with pytest.raises(SameReport):
        first.merge_into(person_named("jean"), first)
    second.merge_into(person_named("jean"), first)
    with pytest.raises(SameReport):
        third.merge_into(person_named("jean"), second)


def test_endings_are_never_added_together(town: Town) -> None:
    moment = now()
    for number, why in enumerate(WHY):
        for _ in range(number + 1):
            shown().decline(person_named("jean"), "Voici pourquoi.", why)
    shown().resolve(person_named("jean"))
    counted = {(state, why): count for state, why, count in db.session.execute(endings(moment))}
    assert counted == {
        ("declined", "not_ours"): 1,
        ("declined", "not_planned"): 2,
        ("declined", "gone"): 3,
        ("resolved", None): 1,
    }
