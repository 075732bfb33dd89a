"""The audit only grows, and says where somebody tampered with it."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from town.commons.audit import AuditEntry, audit, first_broken_entry
from town.kernel.db import db
from town.kernel.tenancy import enter
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


def test_a_tampered_copy_names_its_first_wrong_entry(trial_on_files: TownApp) -> None:
    with enter(trial_on_files, "a"):
        for number in range(5):
            audit("cert:desk:ok", number=number)
        db.session.commit()
        db.session.execute(text("DROP TRIGGER audit_entry_keeps"))
        db.session.execute(text("UPDATE audit_entry SET event = 'cert:desk:refused' WHERE id = 3"))
        db.session.commit()
        assert first_broken_entry() == 3


def test_the_audit_holds_no_names(trial: TownApp) -> None:
    with enter(trial, "a"):
        audit("role:agent:add", by="cli:0")
        entry = db.session.scalars(select(AuditEntry)).one()
        assert set(AuditEntry.__table__.columns.keys()) == {"id", "event", "actor_id", "on_id", "details", "at", "link"}
        assert entry.details == {"by": "cli:0"}
