"""« Moi aussi, je le constate »."""

import pytest

from tests.cast import person_named
from tests.complaints.conftest import again, kept, shown, told
from tests.conftest import Browse
from town.blueprints.complaints.models import ComplaintFollower, following
from town.blueprints.complaints.models.refusals import NotPublic, OwnReport
from town.kernel.db import db
from town.kernel.registry import Town
from town.kernel.signals import person_erased


def test_a_neighbour_follows_once_however_often_they_tap(browse: Browse, town: Town) -> None:
    report = shown()
    odile = browse("odile")
    for _ in range(3):
        assert odile.post(f"/complaints/{report.public_id}/follower").status_code == 303
    assert again(report).me_too == 1
    assert "ne plus suivre" in odile.get(f"/complaints/{report.number}").text
    odile.post(f"/complaints/{report.public_id}/follower/removal")
    assert again(report).me_too == 0


def test_a_neighbour_without_proof_may_follow_and_a_visitor_signs_in_first(browse: Browse, town: Town) -> None:
    report = shown()
    assert browse("nadia").post(f"/complaints/{report.public_id}/follower").status_code == 303
    assert browse().post(f"/complaints/{report.public_id}/follower").status_code == 403
    assert "/login?next=" in browse().get(f"/complaints/{report.number}").text


def test_nobody_confirms_their_own_report(browse: Browse, town: Town) -> None:
    report = shown("karim")
    assert browse("karim").post(f"/complaints/{report.public_id}/follower").status_code == 409
    with pytest.raises(OwnReport):
        report.follow(person_named("karim"))


def test_what_is_not_public_is_not_followed(town: Town) -> None:
    for report in (told(), kept()):
        with pytest.raises(NotPublic):
            report.follow(person_named("odile"))


def test_htmx_counts_in_place(browse: Browse, town: Town) -> None:
    report = shown()
    headers = {"HX-Request": "true", "HX-Target": "div#complaint"}
    answer = browse("odile").post(f"/complaints/{report.public_id}/follower", headers=headers)
    assert answer.status_code == 200
    assert "confirmé par 1 voisin" in answer.text


def test_a_person_forgotten_leaves_the_fact_and_no_name(browse: Browse, town: Town) -> None:
    report = shown("karim")
    other = shown("odile")
    other.follow(person_named("karim"))
    db.session.commit()
    person_erased.send(person_named("karim"))
    db.session.commit()
    assert again(report).reporter is None
    assert again(other).me_too == 0
    assert not following(other.id, person_named("karim").id)
    assert db.session.query(ComplaintFollower).filter_by(person_id=person_named("karim").id).count() == 0
    assert "Karim" not in browse("jean").get(f"/desk/complaints/{report.number}").text
    assert browse().get(f"/complaints/{report.number}").status_code == 200
