"""The directory filled from the national registers: batches, their lines."""

import sqlalchemy as sa
from alembic import op

from town.kernel import db as kernel_types

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "directory_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("register", sa.String(length=20), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("taken_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("undone_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("brought", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["person.id"], name=op.f("fk_directory_batch_made_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_batch")),
        sa.UniqueConstraint("public_id", name=op.f("uq_directory_batch_public_id")),
    )
    op.create_index(op.f("ix_directory_batch_made_by_id"), "directory_batch", ["made_by_id"], unique=False)
    op.create_table(
        "directory_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("words", sa.String(length=60), nullable=False),
        sa.Column("proposed", sa.Boolean(), nullable=False),
        sa.Column("taken", sa.Boolean(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.CheckConstraint("verdict IN ('new', 'here')", name=op.f("ck_directory_line_known_verdict")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["directory_batch.id"], name=op.f("fk_directory_line_batch_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_directory_line_organisation_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_line")),
    )
    op.create_index("ix_directory_line_batch", "directory_line", ["batch_id", "number"], unique=False)
    op.create_index(op.f("ix_directory_line_organisation_id"), "directory_line", ["organisation_id"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("a town goes back by restoring the copy made before the migration")
