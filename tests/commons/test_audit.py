"""The audit only grows, and says where somebody tampered with it."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import delete, select, text
from sqlalchemy.exc import DBAPIError

from town.commons.audit import (
    AuditEntry,
    AuditStart,
    audit,
    cut_off,
    first_broken_entry,
    forget_entries,
    note_the_last_entry,
)
from town.kernel.db import db, now
from town.kernel.tenancy import enter, towns
from town.kernel.web import TownApp


@pytest.mark.parametrize(
    "tampering", ["UPDATE audit_entry SET event = 'nothing:happened'", "DELETE FROM audit_entry WHERE id = 2"]
)
def test_an_entry_is_neither_changed_nor_deleted(trial: TownApp, tampering: str) -> None:
    with enter(trial, "a"):
        for number in range(3):
            audit("cert:desk:ok", number=number)
        db.session.commit()
        with pytest.raises(DBAPIError):
            db.session.execute(text(tampering))
        db.session.rollback()
        assert first_broken_entry() is None


def test_no_entry_is_put_in_the_place_of_another(trial_on_files: TownApp) -> None:
    """SQLite replaces a row without asking what guards deletions."""
    with enter(trial_on_files, "a"):
        for number in range(3):
            audit("cert:desk:ok", number=number)
        db.session.commit()
        replaced = "INSERT OR REPLACE INTO audit_entry (id, event, details, at, link) SELECT id, 'nothing:happened'"
        for place in (2, 3):
            with pytest.raises(DBAPIError):
                db.session.execute(text(f"{replaced}, details, at, link FROM audit_entry WHERE id = {place}"))
            db.session.rollback()
        audit("cert:desk:ok")
        assert first_broken_entry() is None


def test_a_tampered_copy_names_its_first_wrong_entry(trial_on_files: TownApp) -> None:
    with enter(trial_on_files, "a"):
        for number in range(5):
            audit("cert:desk:ok", number=number)
        db.session.commit()
        db.session.execute(text("DROP TRIGGER audit_entry_keeps"))
        db.session.execute(text("UPDATE audit_entry SET event = 'cert:desk:refused' WHERE id = 3"))
        db.session.commit()
        assert first_broken_entry() == 3


def test_an_end_that_was_cut_off_is_missed_until_the_town_is_restored(trial_on_files: TownApp) -> None:
    """SECURITY T23: whoever holds the file can take its last entries away, and what is left is still a chain."""
    with enter(trial_on_files, "a") as town:
        registry = towns().registry
        for number in range(5):
            audit("cert:desk:ok", number=number)
        db.session.commit()
        note_the_last_entry()
        assert cut_off() is None
        db.session.execute(text("DROP TRIGGER audit_entry_stays"))
        db.session.execute(text("DELETE FROM audit_entry WHERE id > 3"))
        for number in range(4):
            audit("cert:desk:refused", number=number)
        db.session.commit()
        assert first_broken_entry() is None
        note_the_last_entry()
        assert cut_off() == 5
        registry.note_upkeep(town.slug, "restore", now())
        assert cut_off() is None
        note_the_last_entry()
        assert registry.upkeep(town.slug)["audit"][1]["entry"] == 7


def test_what_was_noted_may_be_forgotten_with_its_years(trial: TownApp) -> None:
    with enter(trial, "a"):
        with time_machine.travel(now() - timedelta(days=365 * 4), tick=False):
            audit("cert:desk:ok")
            db.session.commit()
            note_the_last_entry()
        forget_entries()
        db.session.commit()
        assert cut_off() is None
        audit("cert:desk:ok")
        db.session.commit()
        assert cut_off() is None


def test_after_three_years_an_act_is_forgotten_and_the_chain_still_holds(trial: TownApp) -> None:
    with enter(trial, "a"):
        for years in (4, 3.5, 2, 0):
            with time_machine.travel(now() - timedelta(days=365 * years), tick=False):
                audit("cert:desk:ok", years=years)
        db.session.commit()
        for _again in range(2):
            forget_entries()
            db.session.commit()
            assert db.session.scalars(select(AuditEntry.details).order_by(AuditEntry.id)).all() == [
                {"years": 2},
                {"years": 0},
            ]
            assert first_broken_entry() is None
        with pytest.raises(DBAPIError), time_machine.travel(now() + timedelta(days=900)):
            forget_entries()  # an operator whose clock is wrong: the database has its own
        db.session.rollback()
        audit("cert:desk:ok")
        assert first_broken_entry() is None


def test_a_town_that_slept_for_three_years_goes_on_from_its_last_act(trial: TownApp) -> None:
    with enter(trial, "a"):
        with time_machine.travel(now() - timedelta(days=1200)):
            audit("cert:desk:ok")
        forget_entries()
        assert db.session.scalar(select(AuditEntry.id)) is None
        audit("cert:desk:ok")
        assert first_broken_entry() is None
        db.session.execute(delete(AuditStart))
        assert first_broken_entry() is not None


def test_the_audit_holds_no_names(trial: TownApp) -> None:
    with enter(trial, "a"):
        audit("role:agent:add", by="cli:0")
        entry = db.session.scalars(select(AuditEntry)).one()
        assert set(AuditEntry.__table__.columns.keys()) == {"id", "event", "actor_id", "on_id", "details", "at", "link"}
        assert entry.details == {"by": "cli:0"}
