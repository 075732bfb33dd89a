"""A proof of address: who may give it, how long it lasts, and that it falls at once and everywhere."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from tests.cast import person_named
from town.commons.audit import AuditEntry, first_broken_entry
from town.commons.people.models import Person
from town.commons.trust.models import (
    HOUSEHOLD,
    AlreadyCertified,
    Certification,
    HasLeft,
    HouseholdFull,
    NoAddress,
    NotCertified,
    OwnHousehold,
    certify,
    revoke,
    two_years_after,
)
from town.commons.trust.moves import moved
from town.kernel.db import db, now
from town.kernel.registry import Town
from town.kernel.signals import address_certified, certification_revoked, person_erased, person_left


def newcomer(name: str = "Inès", home_of: str = "nadia") -> Person:
    person = Person(first_name=name, last_name="Quentin", address=person_named(home_of).address)
    db.session.add(person)
    db.session.flush()
    return person


def test_the_cast_was_certified_like_everybody(town: Town) -> None:
    odile, nadia = person_named("odile"), person_named("nadia")
    proof = db.session.scalars(select(Certification).where(Certification.person_id == odile.id)).one()
    assert (proof.how, proof.at, proof.until) == ("postcard", odile.certified_at, odile.certified_until)
    assert odile.certified
    assert not nadia.certified
    assert first_broken_entry() is None


def test_a_certification_lasts_two_years_and_says_how_and_by_whom(town: Town) -> None:
    nadia, jean = person_named("nadia"), person_named("jean")
    told = []
    with address_certified.connected_to(lambda person, method: told.append((person.id, method))):
        proof = certify(nadia, "desk", jean)
    assert told == [(nadia.id, "desk")]
    assert (nadia.certified_how, nadia.certified_at, nadia.certified_until) == ("desk", proof.at, proof.until)
    assert proof.until == two_years_after(proof.at)
    assert proof.by is jean
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.event, entry.actor_id, entry.on_id) == ("cert:desk:ok", jean.id, nadia.id)
    with time_machine.travel(now() + timedelta(days=729)):
        assert nadia.certified
    with time_machine.travel(now() + timedelta(days=732)):
        assert not nadia.certified


def test_two_years_after_the_29th_of_february() -> None:
    from datetime import UTC, datetime

    assert two_years_after(datetime(2028, 2, 29, tzinfo=UTC)) == datetime(2030, 2, 28, tzinfo=UTC)


def test_nobody_is_certified_twice_but_a_proof_near_its_end_is_renewed(town: Town) -> None:
    odile, jean = person_named("odile"), person_named("jean")
    with pytest.raises(AlreadyCertified):
        certify(odile, "desk", jean)
    assert odile.certified_until is not None
    with time_machine.travel(odile.certified_until - timedelta(days=30)):
        certify(odile, "desk", jean)
        assert odile.certified_until > now() + timedelta(days=720)
    reasons = db.session.scalars(
        select(Certification.reason).where(Certification.person_id == odile.id).order_by(Certification.id)
    ).all()
    assert reasons == ["renewed", ""]


def test_nobody_is_certified_without_an_address_or_after_leaving(town: Town) -> None:
    nadia, jean = person_named("nadia"), person_named("jean")
    home, nadia.address = nadia.address, None
    with pytest.raises(NoAddress):
        certify(nadia, "desk", jean)
    nadia.address, nadia.left_at = home, now()
    with pytest.raises(HasLeft):
        certify(nadia, "desk", jean)
    assert not nadia.certified


def test_nobody_decides_for_their_own_household(town: Town) -> None:
    jean = person_named("jean")
    with pytest.raises(OwnHousehold):
        certify(newcomer(home_of="jean"), "desk", jean)
    jean.certified_until = now()
    with pytest.raises(OwnHousehold):
        certify(jean, "desk", jean)


def test_a_seventh_person_at_one_address_comes_to_the_desk(town: Town) -> None:
    family = [newcomer(name) for name in ("Ada", "Bao", "Cléo", "Dina", "Élie", "Fatou")]
    assert len(family) == HOUSEHOLD
    for person in family:
        certify(person, "postcard")
    nadia = person_named("nadia")
    with pytest.raises(HouseholdFull):
        certify(nadia, "postcard")
    revoke(family[0], "moved")
    certify(nadia, "postcard")
    certify(family[0], "desk", person_named("jean"))
    assert nadia.certified
    assert family[0].certified


def test_a_revoked_neighbour_is_a_neighbour_no_more(town: Town) -> None:
    odile, jean = person_named("odile"), person_named("jean")
    told = []
    with certification_revoked.connected_to(lambda person: told.append(person.id)):
        revoke(odile, "fraud", jean)
    assert told == [odile.id]
    assert (odile.certified_at, odile.certified_until, odile.certified_how) == (None, None, None)
    proof = db.session.scalars(select(Certification).where(Certification.person_id == odile.id)).one()
    assert (proof.reason, proof.ended_by_id) == ("fraud", jean.id)
    with pytest.raises(NotCertified):
        revoke(odile, "fraud", jean)


def test_who_moves_proves_the_new_address(town: Town) -> None:
    odile = person_named("odile")
    moved(odile)
    assert not odile.certified
    moved(odile)


def test_who_leaves_is_no_neighbour_any_more_and_who_is_erased_leaves_no_proof(town: Town) -> None:
    odile = person_named("odile")
    person_left.send(odile)
    assert not odile.certified
    person_erased.send(odile)
    assert db.session.scalars(select(Certification).where(Certification.person_id == odile.id)).all() == []
