"""PINs: how each of a household comes back on a device that they share."""

import sqlalchemy as sa
from alembic import op

from town.kernel import db as kernel_types

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("device_hash", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=80), nullable=False),
        sa.Column("figures", sa.String(length=255), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("used_at", kernel_types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_pin_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pin")),
        sa.UniqueConstraint("public_id", name=op.f("uq_pin_public_id")),
        sa.UniqueConstraint("device_hash", "account_id", name=op.f("uq_pin_device_hash_account_id")),
    )
    op.create_index(op.f("ix_pin_account_id"), "pin", ["account_id"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("a town goes back by restoring the copy made before the migration")
