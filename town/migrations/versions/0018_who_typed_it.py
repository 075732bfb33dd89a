"""Claims, reports of abuses and appeals: which agent typed them for a resident."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("organisation_claim", "moderation_report", "moderation_appeal"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("entered_by_id", sa.Integer(), nullable=True))
            batch.create_foreign_key(
                op.f(f"fk_{table}_entered_by_id"), "person", ["entered_by_id"], ["id"], ondelete="SET NULL"
            )


def downgrade() -> None:
    raise NotImplementedError("a town goes back by restoring the copy made before the migration")
