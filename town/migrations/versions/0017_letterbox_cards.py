"""Letterbox cards: launches, and one card per address in each."""

import sqlalchemy as sa
from alembic import op

from town.kernel import db as kernel_types

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letterbox_launch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("by_sides", sa.Boolean(), nullable=False),
        sa.Column("without_retired", sa.Integer(), nullable=False),
        sa.Column("without_full", sa.Integer(), nullable=False),
        sa.Column("prepared_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("prepared_by_id", sa.Integer(), nullable=True),
        sa.Column("cancelled_at", kernel_types.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["prepared_by_id"],
            ["person.id"],
            name=op.f("fk_letterbox_launch_prepared_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letterbox_launch")),
        sa.UniqueConstraint("public_id", name=op.f("uq_letterbox_launch_public_id")),
    )
    op.create_index(op.f("ix_letterbox_launch_prepared_by_id"), "letterbox_launch", ["prepared_by_id"], unique=False)
    living = sa.text("state = 'printed'")
    op.create_table(
        "letterbox_card",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("launch_id", sa.Integer(), nullable=False),
        sa.Column("address_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("prints", sa.Integer(), nullable=False),
        sa.Column("printed_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("printed_by_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("opened_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("certified", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'printed', 'expired', 'cancelled')", name=op.f("ck_letterbox_card_known_state")
        ),
        sa.CheckConstraint(
            "(state = 'printed') = (code_hash IS NOT NULL)", name=op.f("ck_letterbox_card_code_only_while_printed")
        ),
        sa.ForeignKeyConstraint(
            ["launch_id"], ["letterbox_launch.id"], name=op.f("fk_letterbox_card_launch_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("fk_letterbox_card_address_id")),
        sa.ForeignKeyConstraint(
            ["printed_by_id"], ["person.id"], name=op.f("fk_letterbox_card_printed_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letterbox_card")),
        sa.UniqueConstraint("public_id", name=op.f("uq_letterbox_card_public_id")),
        sa.UniqueConstraint("launch_id", "address_id", name=op.f("uq_letterbox_card_launch_id_address_id")),
    )
    op.create_index(op.f("ix_letterbox_card_address_id"), "letterbox_card", ["address_id"], unique=False)
    op.create_index(
        "ix_letterbox_card_living",
        "letterbox_card",
        ["address_id"],
        unique=True,
        sqlite_where=living,
        postgresql_where=living,
    )


def downgrade() -> None:
    raise NotImplementedError("a town goes back by restoring the copy made before the migration")
