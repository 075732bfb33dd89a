"""Who is asked to run an organisation, and who agrees to be named on its page."""

import sqlalchemy as sa
from alembic import op

from town.kernel import db as kernel_types

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    waiting = sa.text("answered_at IS NULL")
    op.create_table(
        "organisation_invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("duty", sa.String(length=20), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("answered_at", kernel_types.UTCDateTime(), nullable=True),
        sa.CheckConstraint("duty IN ('manager', 'helper')", name=op.f("ck_organisation_invitation_known_duty")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_organisation_invitation_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_organisation_invitation_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_invitation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_organisation_invitation_public_id")),
    )
    for column in ("organisation_id", "email", "by_id"):
        op.create_index(op.f(f"ix_organisation_invitation_{column}"), "organisation_invitation", [column])
    op.create_index(
        "uq_organisation_invitation_waiting",
        "organisation_invitation",
        ["organisation_id", "email"],
        unique=True,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    with op.batch_alter_table("membership") as batch:
        batch.add_column(sa.Column("shown", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    raise NotImplementedError("a town goes back by restoring the copy made before the migration")
