"""The audit forgets what is older than three years, and nothing younger: the database itself sees to it."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

SQLITE = (
    "DROP TRIGGER audit_entry_stays",
    """CREATE TRIGGER audit_entry_stays BEFORE DELETE ON audit_entry WHEN OLD.at > datetime('now', '-3 years')
       BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END""",
)
POSTGRESQL = (
    """CREATE OR REPLACE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN
         IF TG_OP = 'DELETE' AND OLD.at <= now() - interval '3 years' THEN RETURN OLD; END IF;
         RAISE EXCEPTION 'the audit only grows';
       END $$""",
)


def upgrade() -> None:
    op.create_table(
        "audit_start",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_start")),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("a town goes back by restoring the copy made before the migration")
