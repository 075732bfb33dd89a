"""Holds: what is hidden from everybody but its author and the town hall."""

import sqlalchemy as sa
from alembic import op

from town.kernel import db as kernel_types

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("thing", sa.String(length=40), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("why", sa.String(length=10), nullable=False),
        sa.Column("at", kernel_types.UTCDateTime(), nullable=False),
        sa.CheckConstraint("why IN ('pending', 'decided')", name=op.f("ck_hold_known_why")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        sa.UniqueConstraint("thing", "public_id", name=op.f("uq_hold_thing_public_id")),
    )


def downgrade() -> None:
    raise NotImplementedError("a town goes back by restoring the copy made before the migration")
