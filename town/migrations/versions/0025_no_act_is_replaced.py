"""The audit refuses a row in the place of another: SQLite's INSERT OR REPLACE does not ask what guards deletions."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

COMES_LAST = """CREATE TRIGGER audit_entry_comes_last BEFORE INSERT ON audit_entry
    WHEN NEW.id > 0 AND NEW.id <= (SELECT max(id) FROM audit_entry)
    BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(COMES_LAST)


def downgrade() -> None:
    raise NotImplementedError("a town goes back by restoring the copy made before the migration")
