"""AD-02, AD-03: decided with reasons by somebody without a part in it, told, and judged again by another."""

import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests.cast import person_named
from tests.conftest import Browse
from tests.moderation.conftest import TITLE, case_of, give_role, report, ruling, told_to, typed
from town.blueprints.complaints.models import Complaint
from town.blueprints.lending.models import Item, Loan
from town.commons.audit import AuditEntry
from town.commons.board import Card
from town.commons.bookings import Period, day_starts
from town.commons.holds import hold_on
from town.commons.moderation import Appeal, Decision
from town.commons.moderation.refusals import NothingToAppeal, YourOwnDecision, YourOwnReport
from town.kernel.db import db, now
from town.kernel.language import today
from town.kernel.registry import Town


def _address(thing: Item | Complaint) -> str:
    return f"/moderation/cases/{case_of(thing).public_id}"


def test_the_queue_is_for_moderators_and_administrators_alone(browse: Browse, drill: Item) -> None:
    """SECURITY matrix 52."""
    report(drill, "odile")
    address = _address(drill)
    for name, status in (("jean", 200), ("helene", 200), ("claire", 403), ("odile", 403), ("nadia", 403), (None, 303)):
        assert browse(name).get("/moderation/").status_code == status, name
        assert browse(name).get(address).status_code == status, name
        if status != 200:
            assert browse(name).post(f"{address}/decisions", data=ruling()).status_code == 403, name
    assert hold_on(drill) is None


def test_what_waits_stands_in_the_queue_and_on_the_desk_by_its_deadline_then_oldest_first(
    browse: Browse, drill: Item
) -> None:
    report(drill, "odile", "scam")
    jean = browse("jean")
    queue = jean.get("/moderation/").text
    assert queue.index("Remorque, 500") < queue.index(TITLE)
    desk = jean.get("/desk/").text
    assert "2 contenus signalés comme abus" in desk
    assert "À lire avant le" not in desk
    report(drill, "lucas")
    report(drill, "theo")
    queue = jean.get("/moderation/").text
    assert queue.index(TITLE) < queue.index("Remorque, 500"), "hidden until it is read: first, whatever waits longer"
    assert "À lire avant le" in jean.get("/desk/").text
    assert "signalés comme abus" not in browse("claire").get("/desk/").text


def test_jean_hides_it_everywhere_with_reasons_and_both_are_told(
    browse: Browse, drill: Item, work: Callable[[], int], outbox: Callable[[], list[EmailMessage]]
) -> None:
    sent = report(drill, "odile", "scam")
    done = browse("jean").post(f"{_address(drill)}/decisions", data=ruling(seen="0"))
    assert done.status_code == 303
    assert browse("theo").get(f"/lending/items/{drill.public_id}").status_code == 404
    case = case_of(drill)
    assert case.waiting_since is None
    work()
    assert (told_to("karim", "hidden"), told_to("odile", "answered")) == (1, 1)
    letters = [f"{letter['To']}: {letter['Subject']}" for letter in outbox()]
    assert any(re.match("karim@.*: Masqué par une décision", letter) for letter in letters)
    assert any(re.match("odile@.*: .*Une réponse à votre signalement", letter) for letter in letters)
    statement = browse("karim").get(f"/moderation/contents/{drill.public_id}").text
    for words in (
        "Respecter la vie privée",
        "Le texte donne un numéro",
        "Ôtez le numéro",
        "Demander une autre décision",
    ):
        assert words in statement, words
    assert "Jean" not in statement
    assert "Odile" not in statement
    answer = browse("odile").get(f"/moderation/reports/{sent.public_id}").text
    assert "C’est masqué" in answer
    assert "Ôtez le numéro" not in answer
    events = db.session.scalars(select(AuditEntry.event).where(AuditEntry.actor_id == person_named("jean").id)).all()
    assert {"report:decide", "content:hide"} <= set(events)


def test_hiding_without_a_rule_or_a_sentence_is_no_decision(browse: Browse, drill: Item) -> None:
    report(drill, "odile")
    answer = browse("jean").post(f"{_address(drill)}/decisions", data={"verdict": "hide", "facts": "Un numéro."})
    assert answer.status_code == 422
    assert "Nommez la règle." in answer.text
    assert "Un numéro." in answer.text
    broken = Decision(case=case_of(drill), verdict="hide", rule="", facts="x", words="x")
    db.session.add(broken)
    with pytest.raises(IntegrityError, match=r"reasons_given"):
        db.session.flush()
    db.session.rollback()


def test_a_visitor_who_reported_reads_the_answer_by_the_link_and_by_email(
    browse: Browse, lamp: Complaint, work: Callable[[], int], outbox: Callable[[], list[EmailMessage]]
) -> None:
    sent = report(lamp, None, "scam", name="Anne", email="anne@exemple.fr")
    browse("jean").post(f"{_address(lamp)}/decisions", data=ruling("keep"))
    work()
    letter = [letter for letter in outbox() if letter["To"] == "anne@exemple.fr"][-1]
    assert sent.public_id in letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # it has one
    page = browse().get(f"/moderation/reports/{sent.public_id}").text
    assert "Le contenu reste" in page
    assert "Demander une autre décision" in page


def test_nobody_decides_about_their_own_content(browse: Browse, town: Town) -> None:
    give_role("mathilde", "moderator")
    trailer = db.session.scalars(select(Item).where(Item.title == "Remorque, 500 kg")).one()
    mathilde = browse("mathilde")
    assert "Remorque, 500" in mathilde.get("/moderation/").text
    assert "Pour un collègue" in mathilde.get("/moderation/").text
    assert mathilde.get(_address(trailer)).status_code == 403
    assert mathilde.post(f"{_address(trailer)}/decisions", data=ruling("keep")).status_code == 403
    decision = Decision(case=case_of(trailer), verdict="keep", facts="x", by=person_named("mathilde"))
    decision.author_id = person_named("mathilde").id
    db.session.add(decision)
    with pytest.raises(IntegrityError, match=r"not_on_oneself"):
        db.session.flush()
    db.session.rollback()


def test_nobody_decides_on_a_report_they_made(browse: Browse, drill: Item) -> None:
    browse("jean").post(f"/moderation/report/{drill.public_id}", data=typed())
    jean = browse("jean")
    assert "Vous l’avez signalé vous-même" in jean.get(_address(drill)).text
    assert "Hélène Bodin" in jean.get(_address(drill)).text
    answer = jean.post(f"{_address(drill)}/decisions", data=ruling("keep"))
    assert answer.status_code == 409
    assert browse("helene").post(f"{_address(drill)}/decisions", data=ruling("keep")).status_code == 303
    assert hold_on(drill) is None


def test_only_an_administrator_hides_the_town_halls_own_word(browse: Browse, town: Town) -> None:
    card = db.session.scalars(select(Card).where(Card.thing == "townhall_notice", Card.title.like("La piscine%"))).one()
    public_id = card.public_id
    browse("odile").post(f"/moderation/report/{public_id}", data=typed(reason="place"))
    address = f"/moderation/cases/{public_id}/decisions"
    assert browse("jean").post(address, data=ruling()).status_code == 409
    assert browse().get(f"/town-hall/notices/{public_id}").status_code == 200
    assert browse("helene").post(address, data=ruling()).status_code == 303
    assert browse().get(f"/town-hall/notices/{public_id}").status_code == 404
    assert "La piscine" not in browse("odile").get("/messages/").text


def test_the_only_moderator_is_told_plainly_that_somebody_else_is_needed(browse: Browse, drill: Item) -> None:
    for grant in person_named("helene").grants:
        if grant.role == "admin":
            db.session.delete(grant)
    db.session.commit()
    browse("jean").post(f"/moderation/report/{drill.public_id}", data=typed())
    jean = browse("jean")
    assert "Personne d’autre que vous ne modère." in jean.get("/moderation/").text
    assert "Personne d’autre ne le peut" in jean.get(_address(drill)).text


def test_of_two_moderators_at_once_the_second_reads_the_first_ones_decision(browse: Browse, drill: Item) -> None:
    report(drill, "odile")
    address = f"{_address(drill)}/decisions"
    assert browse("jean").post(address, data=ruling("keep", seen="0")).status_code == 303
    late = browse("helene").post(address, data=ruling(seen="0"))
    assert late.status_code == 409
    assert "Un collègue vient de décider" in late.text
    assert len(case_of(drill).decisions) == 1


def test_what_a_moderator_has_kept_is_not_hidden_again_by_the_same_reports(browse: Browse, drill: Item) -> None:
    report(drill, "odile")
    report(drill, "lucas")
    browse("jean").post(f"{_address(drill)}/decisions", data=ruling("keep"))
    report(drill, "odile")
    report(drill, "lucas")
    assert hold_on(drill) is None
    db.session.expire_all()
    drill.description = "Autre chose, avec une adresse."
    drill.change()
    report(drill, "theo")
    report(drill, "yvonne")
    assert hold_on(drill) is not None


# --- Appeals


def test_karim_appeals_another_judges_and_it_comes_back_with_all_that_belonged_to_it(
    browse: Browse, drill: Item, work: Callable[[], int]
) -> None:
    """AD-03: decided by a different person; an overturned decision restores the content in place."""
    saturday = today() + timedelta(days=5)
    loan = Loan.ask(
        drill, person_named("odile"), Period(day_starts(saturday), day_starts(saturday + timedelta(1))), "Oui ?"
    )
    db.session.commit()
    posted = db.session.scalars(select(Card.posted_at).where(Card.public_id == drill.public_id)).one()
    loan_id = loan.public_id
    report(drill, "lucas", "scam")
    browse("jean").post(f"{_address(drill)}/decisions", data=ruling())
    karim = browse("karim")
    sent = karim.post(f"/moderation/contents/{drill.public_id}/appeal", data={"words": "C’est mon propre numéro."})
    assert sent.status_code == 303
    assert browse("theo").get(f"/lending/items/{drill.public_id}").status_code == 404, "nothing changes meanwhile"
    jean = browse("jean")
    assert "Vous avez pris la décision contestée" in jean.get(_address(drill)).text
    assert "Pour un collègue" in jean.get("/moderation/").text
    assert jean.post(f"{_address(drill)}/decisions", data=ruling("keep")).status_code == 409
    helene = browse("helene")
    judging = helene.get(_address(drill)).text
    for words in ("C’est mon propre numéro.", "Remettre en ligne", "Laisser masqué"):
        assert words in judging, words
    assert helene.post(f"{_address(drill)}/decisions", data=ruling("keep")).status_code == 303
    assert "remis en ligne" in helene.get(_address(drill)).text
    assert browse("theo").get(f"/lending/items/{drill.public_id}").status_code == 200
    assert TITLE in browse("theo").get("/").text
    assert browse("odile").get(f"/lending/loans/{loan_id}").status_code == 200
    assert db.session.scalars(select(Card.posted_at).where(Card.public_id == drill.public_id)).one() == posted
    work()
    assert told_to("karim", "restored") == 1
    first, second = case_of(drill).decisions
    assert (second.reviews_id, second.reviewed_by_id) == (first.id, first.by_id)
    assert second.by_id != first.by_id
    assert case_of(drill).reports[0].rejected_at is not None


def test_the_database_itself_refuses_the_same_person_twice(drill: Item) -> None:
    case = report(drill, "odile").case
    first = case.decide(person_named("jean"), "hide", rule="privacy", facts="x", words="x")
    db.session.commit()
    case = case_of(drill)
    again = Decision(case=case, verdict="keep", facts="x", by=person_named("jean"), reviews_id=first.id)
    again.reviewed_by_id = person_named("jean").id
    db.session.add(again)
    with pytest.raises(IntegrityError, match=r"judged_by_another"):
        db.session.flush()
    db.session.rollback()
    lie = Decision(case=case_of(drill), verdict="keep", facts="x", by=person_named("jean"), reviews_id=first.id)
    lie.reviewed_by_id = person_named("helene").id
    db.session.add(lie)
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_odile_whose_report_was_rejected_appeals_and_its_author_may_answer_in_turn(browse: Browse, drill: Item) -> None:
    sent = report(drill, "odile", "scam")
    address = f"{_address(drill)}/decisions"
    browse("jean").post(address, data=ruling("keep"))
    odile = browse("odile")
    receipt = f"/moderation/reports/{sent.public_id}"
    assert odile.post(f"{receipt}/appeal", data={"words": "Regardez la deuxième ligne."}).status_code == 303
    assert odile.post(f"{receipt}/appeal", data={"words": "Encore."}).status_code == 409
    assert browse("theo").post(f"{receipt}/appeal", data={"words": "Moi."}).status_code == 404
    assert browse("jean").post(address, data=ruling()).status_code == 409
    assert browse("helene").post(address, data=ruling()).status_code == 303
    assert hold_on(drill) is not None
    assert (
        browse("karim").post(f"/moderation/contents/{drill.public_id}/appeal", data={"words": "Non."}).status_code
        == 303
    )
    with pytest.raises(YourOwnDecision):
        case_of(drill).decide(person_named("helene"), "keep", facts="x")
    db.session.rollback()
    case_of(drill).decide(person_named("jean"), "hide", rule="privacy", facts="x", words="x")
    db.session.commit()
    assert (
        browse("karim").post(f"/moderation/contents/{drill.public_id}/appeal", data={"words": "?"}).status_code == 409
    )


def test_an_appeal_comes_within_six_months(drill: Item) -> None:
    case = report(drill, "odile").case
    case.decide(person_named("jean"), "hide", rule="privacy", facts="x", words="x")
    db.session.commit()
    with time_machine.travel(now() + timedelta(days=184)), pytest.raises(NothingToAppeal):
        case_of(drill).appeal("Trop tard.")
    db.session.rollback()
    with time_machine.travel(now() + timedelta(days=180)):
        assert isinstance(case_of(drill).appeal("À temps."), Appeal)
    db.session.rollback()


def test_whoever_appeals_does_not_judge(drill: Item) -> None:
    give_role("odile", "moderator")
    sent = report(drill, "odile", "scam")
    sent.case.decide(person_named("jean"), "keep", facts="x")
    db.session.commit()
    case = case_of(drill)
    case.appeal("Regardez mieux.", case.reports[0])
    db.session.commit()
    with pytest.raises(YourOwnReport):
        case_of(drill).decide(person_named("odile"), "hide", rule="privacy", facts="x", words="x")
    db.session.rollback()


def test_a_stranger_reads_no_statement(browse: Browse, drill: Item) -> None:
    case = report(drill, "odile").case
    case.decide(person_named("jean"), "hide", rule="privacy", facts="x", words="x")
    db.session.commit()
    for name in ("theo", "odile", "claire", "jean"):
        assert browse(name).get(f"/moderation/contents/{drill.public_id}").status_code == 404, name
        assert (
            browse(name).post(f"/moderation/contents/{drill.public_id}/appeal", data={"words": "x"}).status_code == 404
        )
