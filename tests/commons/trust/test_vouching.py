"""From when on somebody may vouch for a neighbour."""

from datetime import timedelta

import time_machine

from tests.cast import person_named
from town.commons.people.models import Person
from town.commons.trust import certify, may_vouch_from, revoke
from town.kernel.db import db, now
from town.kernel.registry import Town


def newcomer() -> Person:
    person = Person(first_name="Inès", last_name="Quentin", address=person_named("nadia").address)
    db.session.add(person)
    db.session.flush()
    return person


def test_whoever_was_certified_by_a_letterbox_card_may_not_vouch_for_30_days(town: Town) -> None:
    """T1, DECISIONS 33."""
    ines = newcomer()
    assert may_vouch_from(ines) is None
    proof = certify(ines, "letterbox")
    assert may_vouch_from(ines) == proof.at + timedelta(days=30)
    assert (ines.certified_how, proof.how) == ("letterbox", "letterbox")


def test_a_proof_renewed_in_time_counts_from_the_first(town: Town) -> None:
    odile = person_named("odile")
    first = may_vouch_from(odile)
    assert first is not None
    assert odile.certified_until is not None
    with time_machine.travel(odile.certified_until - timedelta(days=10)):
        certify(odile, "letterbox")
        assert may_vouch_from(odile) == first


def test_a_proof_that_had_lapsed_or_was_revoked_is_waited_for_again(town: Town) -> None:
    odile, jean = person_named("odile"), person_named("jean")
    assert odile.certified_until is not None
    with time_machine.travel(odile.certified_until + timedelta(days=10)):
        assert may_vouch_from(odile) is None
        proof = certify(odile, "desk", jean)
        assert may_vouch_from(odile) == proof.at + timedelta(days=30)
        revoke(odile, "mistake", jean)
        assert may_vouch_from(odile) is None
        again = certify(odile, "desk", jean)
        assert may_vouch_from(odile) == again.at + timedelta(days=30)
        assert again.at <= now()
