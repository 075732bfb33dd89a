"""The file of one report at the desk: each form, what it lacks, and two agents who write at once."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from tests.cast import person_named
from tests.client import Browser
from tests.complaints.conftest import TITLE, again, shown, told, who_was_told
from tests.conftest import Browse
from town.blueprints.complaints.models import Complaint, ComplaintStep
from town.blueprints.complaints.models.refusals import AnsweredMeanwhile
from town.kernel.db import db
from town.kernel.registry import Town


def step(report: Complaint, **data: object) -> tuple[str, dict[str, object]]:
    return f"/desk/complaints/{report.public_id}/steps", {"version": report.version, **data}


def test_an_agent_reads_a_report_and_everybody_sees_it(browse: Browse, jean: Browser, town: Town) -> None:
    report = told()
    data = {"to_all": "yes", "title": "Banc abîmé", "shown_words": "Un banc est abîmé.", "answer": "", "version": 1}
    answer = jean.post(f"/desk/complaints/{report.public_id}/reading", data=data)
    assert answer.status_code == 303
    text = browse().get(f"/complaints/{report.number}").text
    assert "Banc abîmé" in text
    assert "Pris en compte" in text


def test_an_agent_keeps_a_report_between_them(browse: Browse, jean: Browser, town: Town) -> None:
    report = told()
    jean.post(f"/desk/complaints/{report.public_id}/reading", data={"to_all": "no", "answer": "Je vous appelle."})
    assert browse("odile").get(f"/complaints/{report.number}").status_code == 404
    assert "Je vous appelle." in browse("karim").get(f"/complaints/{report.number}").text


def test_a_form_made_up_cannot_show_what_was_sent_in_private(jean: Browser, town: Town) -> None:
    report = told(to_all=False)
    answer = jean.post(f"/desk/complaints/{report.public_id}/reading", data={"to_all": "yes"})
    assert answer.status_code == 422
    assert again(report).state == "received"


@pytest.mark.parametrize(
    ("data", "state"),
    [
        ({"verb": "answered", "words": "Nous regardons."}, "acknowledged"),
        ({"verb": "planned", "on": (date.today() + timedelta(days=20)).isoformat()}, "planned"),  # noqa: DTZ011  # far enough
        ({"verb": "in_progress"}, "in_progress"),
        ({"verb": "forwarded", "to": "le département"}, "forwarded"),
        ({"verb": "resolved", "words": "Réparé ce matin."}, "resolved"),
        ({"verb": "declined", "words": "Trop cher.", "why": "not_planned"}, "declined"),
    ],
)
def test_each_step_is_one_form(jean: Browser, browse: Browse, town: Town, data: dict[str, object], state: str) -> None:
    report = shown()
    path, fields = step(report, **data)
    assert jean.post(path, data=fields).status_code == 303
    assert again(report).state == state
    text = browse().get(f"/complaints/{report.number}").text
    assert str(data.get("words", "")) in text
    assert str(data.get("to", "")) in text


@pytest.mark.parametrize(
    "data",
    [
        {"verb": "answered"},
        {"verb": "planned"},
        {"verb": "planned", "on": "2020-01-01"},
        {"verb": "planned", "on": "demain"},
        {"verb": "forwarded"},
        {"verb": "declined", "why": "not_planned"},
        {"verb": "declined", "words": "Non.", "why": "because"},
        {"verb": "duplicate"},
        {"verb": "duplicate", "number": "999999"},
        {"verb": "duplicate", "number": "abc"},
        {"verb": "erase"},
        {},
    ],
)
def test_a_step_that_lacks_something_changes_nothing(jean: Browser, town: Town, data: dict[str, object]) -> None:
    report = shown()
    path, fields = step(report, **data)
    answer = jean.post(path, data=fields)
    assert answer.status_code == 422
    assert again(report).state == "acknowledged"
    assert again(report).version == report.version


def test_of_two_agents_who_answer_at_once_the_second_sees_both_texts(browse: Browse, town: Town) -> None:
    report = shown()
    path, fields = step(report, verb="in_progress", words="L’équipe part demain.")
    assert browse("jean").post(path, data=fields).status_code == 303
    answer = browse("helene").post(path, data={**fields, "words": "Rien avant jeudi."})
    assert answer.status_code == 409
    assert "L’équipe part demain." in answer.text
    assert "Rien avant jeudi." in answer.text.replace("&#39;", "’")
    report = again(report)
    assert f'name="version" value="{report.version}"' in answer.text
    words = db.session.scalars(select(ComplaintStep.words).where(ComplaintStep.complaint_id == report.id)).all()
    assert "Rien avant jeudi." not in words


def test_a_script_of_an_agent_is_told_that_a_colleague_was_faster(browse: Browse, town: Town) -> None:
    report = shown()
    path, fields = step(report, verb="in_progress", words="D’abord moi.")
    browse("jean").post(path, data=fields)
    answer = browse("helene").post(path, data=fields, headers={"Accept": "application/json"})
    assert answer.status_code == 409
    assert answer.get_json()["error"] == "AnsweredMeanwhile"


def test_the_second_of_two_verbs_on_one_version_is_refused(town: Town) -> None:
    report = shown()
    report.answer(person_named("jean"), "Un.", report.version)
    with pytest.raises(AnsweredMeanwhile):
        report.answer(person_named("helene"), "Deux.", report.version - 1)


def test_a_double_tap_on_an_answer_is_one_answer(jean: Browser, town: Town) -> None:
    report = shown()
    path, fields = step(report, verb="answered", words="Une fois.", _key="one-use-key")
    jean.post(path, data=fields)
    jean.post(path, data=fields)
    said = select(func.count()).where(ComplaintStep.complaint_id == report.id, ComplaintStep.verb == "answered")
    assert db.session.scalar(said) == 1


def test_htmx_gets_the_file_in_place(jean: Browser, town: Town) -> None:
    report = shown()
    path, fields = step(report, verb="resolved", words="Réparé.")
    answer = jean.post(path, data=fields, headers={"HX-Request": "true", "HX-Target": "div#file"})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert 'id="file"' in answer.text
    assert "Réparé." in answer.text
    assert "Un collègue vient de répondre" not in answer.text


def test_a_colleague_follows_it_up_and_leaves_notes(jean: Browser, browse: Browse, town: Town) -> None:
    report = shown()
    claire = person_named("claire").public_id
    jean.post(f"/desk/complaints/{report.public_id}/assignment", data={"colleague": claire})
    jean.post(f"/desk/complaints/{report.public_id}/notes", data={"note": "Voir avec l’élagueur."})
    report = again(report)
    assert report.assigned_to is not None
    assert report.assigned_to.first_name == "Claire"
    assert "Voir avec l’élagueur." in browse("claire").get(f"/desk/complaints/{report.number}").text
    karim = person_named("karim").public_id
    assert jean.post(f"/desk/complaints/{report.public_id}/assignment", data={"colleague": karim}).status_code == 422


def test_a_resolved_report_is_taken_up_again(jean: Browser, town: Town) -> None:
    report = shown()
    report.resolve(person_named("jean"), "Fait.")
    db.session.commit()
    data = {"reason": "Il est retombé en panne.", "version": report.version}
    assert jean.post(f"/desk/complaints/{report.public_id}/reopening", data=data).status_code == 303
    assert again(report).state == "in_progress"


def test_its_reporter_and_followers_are_told_and_the_agent_is_not(town: Town, work: Callable[[], int]) -> None:
    report = shown()
    report.follow(person_named("odile"))
    db.session.commit()
    work()
    report.resolve(person_named("jean"), "Réparé.")
    db.session.commit()
    work()
    db.session.rollback()
    told_of = who_was_told(TITLE)
    assert told_of.count("Karim") == 2  # read, then resolved
    assert told_of.count("Odile") == 1


def test_a_private_reports_answer_goes_to_its_reporter_by_mail(
    town: Town, work: Callable[[], int], outbox: Callable[[], list[object]]
) -> None:
    report = told("nadia", to_all=False)
    report.acknowledge(person_named("jean"), to_all=False, words="Je passe demain.")
    db.session.commit()
    while work():
        pass
    letters = [letter for letter in outbox() if "nadia@" in str(letter["To"])]  # type: ignore[index]  # an e-mail
    assert letters


def test_a_councillor_answers_too(browse: Browse, town: Town) -> None:
    report = shown()
    path, fields = step(report, verb="answered", words="Nous en parlons au conseil.")
    assert browse("claire").post(path, data=fields).status_code == 303


def test_a_personal_telephone_number_is_pointed_out_before_publishing(jean: Browser, town: Town) -> None:
    report = told(words="Appelez-moi au 06 12 34 56 78.")
    assert "un numéro de téléphone" in jean.get(f"/desk/complaints/{report.number}").text
