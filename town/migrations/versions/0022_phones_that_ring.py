"""Phones that ring: by a session, or by the places they follow without an account."""

import sqlalchemy as sa
from alembic import op

from town.kernel import db as kernel_types

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "push_device",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("endpoint", sa.String(length=1000), nullable=False),
        sa.Column("p256dh", sa.String(length=90), nullable=False),
        sa.Column("auth", sa.String(length=30), nullable=False),
        sa.Column("vapid", sa.String(length=90), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("official", sa.Boolean(), nullable=False),
        sa.Column("direct", sa.Boolean(), nullable=False),
        sa.Column("created_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("heard_at", kernel_types.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "session_id IS NOT NULL OR (official AND NOT direct)", name=op.f("ck_push_device_nobody_has_no_messages")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_push_device_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_device")),
        sa.UniqueConstraint("endpoint", name=op.f("uq_push_device_endpoint")),
        sa.UniqueConstraint("public_id", name=op.f("uq_push_device_public_id")),
    )
    op.create_index("ix_push_device_heard_at", "push_device", ["heard_at"], unique=False)
    op.create_index(op.f("ix_push_device_session_id"), "push_device", ["session_id"], unique=False)
    op.create_table(
        "push_topic",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=30), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["push_device.id"], name=op.f("fk_push_topic_device_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_topic")),
        sa.UniqueConstraint("device_id", "token", name=op.f("uq_push_topic_device_id_token")),
    )
    op.create_index("ix_push_topic_token", "push_topic", ["token", "device_id"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("a town goes back by restoring the copy made before the migration")
