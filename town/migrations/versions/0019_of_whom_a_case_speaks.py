"""Cases of moderation: of which neighbour the content speaks."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("moderation_case") as batch:
        batch.add_column(sa.Column("about_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_moderation_case_about_id"), "person", ["about_id"], ["id"], ondelete="SET NULL"
        )
        batch.create_index(op.f("ix_moderation_case_about_id"), ["about_id"])


def downgrade() -> None:
    raise NotImplementedError("a town goes back by restoring the copy made before the migration")
