"""Sittings: with whose consent an agent wrote in a resident's name."""

import sqlalchemy as sa
from alembic import op

from town.kernel import db as kernel_types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "acting_sitting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("consent", sa.String(length=10), nullable=False),
        sa.Column("began_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("ended_at", kernel_types.UTCDateTime(), nullable=True),
        sa.CheckConstraint("consent IN ('counter', 'phone', 'letter')", name=op.f("ck_acting_sitting_known_consent")),
        sa.ForeignKeyConstraint(["agent_id"], ["person.id"], name=op.f("fk_acting_sitting_agent_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_acting_sitting_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acting_sitting")),
        sa.UniqueConstraint("public_id", name=op.f("uq_acting_sitting_public_id")),
    )
    op.create_index(op.f("ix_acting_sitting_agent_id"), "acting_sitting", ["agent_id"], unique=False)
    op.create_index(op.f("ix_acting_sitting_person_id"), "acting_sitting", ["person_id"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("a town goes back by restoring the copy made before the migration")
