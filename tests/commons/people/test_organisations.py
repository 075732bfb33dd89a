"""Shops and associations are run by people; one of them may wear several hats, and the form says which."""

import pytest
from sqlalchemy import select

from tests.cast import person_named
from tests.commons.test_search import put_up
from town.commons.audit import AuditEntry, first_broken_entry
from town.commons.feed import card_rows, cards
from town.commons.people.hats import hats_of
from town.commons.people.organisations import (
    ASSOCIATION,
    HELPER,
    MANAGER,
    SHOP,
    AnsweredAlready,
    ClaimedAlready,
    LastManager,
    Membership,
    Organisation,
    RunsItAlready,
    manages,
    runs,
)
from town.commons.people.visit import ANYBODY
from town.kernel.db import db
from town.kernel.registry import Town
from town.kernel.signals import person_erased, person_left


def bakery(town: Town) -> Organisation:
    shop = Organisation(sort=SHOP, name="Au Bon Fournil d’Été")
    db.session.add(shop)
    db.session.flush()
    return shop


def test_theo_runs_a_shop_and_an_association_and_chooses_between_hats(town: Town) -> None:
    theo, jean = person_named("theo"), person_named("jean")
    shop, club = bakery(town), Organisation(sort=ASSOCIATION, name="Les Amis du lavoir")
    db.session.add(club)
    shop.welcome(theo, MANAGER, jean)
    club.welcome(theo, HELPER, jean)
    assert [hat.name for hat in hats_of(theo.id)] == ["Au Bon Fournil d’Été", "Les Amis du lavoir"]
    assert [hat.name for hat in hats_of(theo.id, ASSOCIATION)] == ["Les Amis du lavoir"]
    assert list(db.session.scalars(manages(theo.id))) == [shop]
    assert hats_of(person_named("nadia").id) == []


def test_nobody_runs_the_same_thing_twice(town: Town) -> None:
    shop = bakery(town)
    shop.welcome(person_named("theo"), MANAGER, None)
    with pytest.raises(RunsItAlready):
        shop.welcome(person_named("theo"), HELPER, None)


def test_a_board_changes_and_whoever_left_speaks_for_it_no_more(town: Town) -> None:
    theo, claire, shop = person_named("theo"), person_named("claire"), bakery(town)
    duty = shop.welcome(theo, MANAGER, None)
    shop.welcome(claire, HELPER, theo)
    with pytest.raises(LastManager):
        duty.end(theo)
    duty.end(person_named("jean"))
    assert hats_of(theo.id) == []
    assert len(list(db.session.scalars(select(Membership)))) >= 2, "what was is not rewritten"


def test_a_claim_is_answered_once_and_gives_the_keys(town: Town) -> None:
    theo, jean, shop = person_named("theo"), person_named("jean"), bakery(town)
    claim = shop.claim(theo, "Voyez mon Kbis")
    with pytest.raises(ClaimedAlready):
        shop.claim(theo, "Encore moi")
    db.session.rollback()
    shop = bakery(town)
    claim = shop.claim(theo, "Voyez mon Kbis")
    claim.accept(jean)
    assert list(db.session.scalars(runs(theo.id).where(Organisation.id == shop.id))) == [shop]
    with pytest.raises(AnsweredAlready):
        claim.refuse(jean, "Non")
    with pytest.raises(RunsItAlready):
        shop.claim(theo, "Encore")


def test_every_change_of_who_runs_it_is_audited(town: Town) -> None:
    theo, jean, shop = person_named("theo"), person_named("jean"), bakery(town)
    shop.claim(theo, "Voyez mon Kbis").accept(jean)
    shop.close(jean)
    said = set(db.session.scalars(select(AuditEntry.event).where(AuditEntry.actor_id == jean.id)))
    assert {"organisation:claim:accept", "organisation:manager:add", "organisation:page:close"} <= said
    assert first_broken_entry() is None
    assert hats_of(theo.id) == [], "a closed shop speaks no more"


def test_who_leaves_town_or_is_erased_runs_nothing(town: Town) -> None:
    theo, claire, shop = person_named("theo"), person_named("claire"), bakery(town)
    shop.welcome(theo, MANAGER, None)
    shop.welcome(claire, MANAGER, None)
    person_left.send(theo)
    assert hats_of(theo.id) == []
    person_erased.send(claire)
    theirs = select(Membership.id).where(Membership.person_id == claire.id)
    assert db.session.scalar(theirs) is None


def test_a_card_shows_the_shop_that_speaks_and_not_the_person(town: Town) -> None:
    """NB-02, ID-18: whose hat it is shows; the badge of the person is not the shop's."""
    theo, shop = person_named("theo"), bakery(town)
    card = put_up("Baguette tradition")
    card.author_id, card.on_behalf_of_id = theo.id, shop.id
    db.session.flush()
    [row] = [row for row in card_rows(cards(ANYBODY)) if row.title == "Baguette tradition"]
    assert (row.author_name, row.author_sort, row.author_certified) == (shop.name, SHOP, False)
    db.session.rollback()
