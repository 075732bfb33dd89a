"""Associations: what each says of itself, and its calls for volunteers."""

import sqlalchemy as sa
from alembic import op

from town.kernel import db as kernel_types

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "associations_association",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("theme", sa.String(length=20), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("schedule", sa.String(length=300), nullable=False),
        sa.Column("prices", sa.String(length=300), nullable=False),
        sa.Column("where", sa.String(length=200), nullable=False),
        sa.Column("accounts", sa.String(length=200), nullable=False),
        sa.Column("photo", sa.String(length=32), nullable=True),
        sa.Column("changed_at", kernel_types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_associations_association_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_associations_association")),
        sa.UniqueConstraint("public_id", name=op.f("uq_associations_association_public_id")),
        sa.UniqueConstraint("organisation_id", name=op.f("uq_associations_association_organisation_id")),
    )
    op.create_index(op.f("ix_associations_association_theme"), "associations_association", ["theme"])
    op.create_table(
        "associations_mission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("association_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("meeting_point", sa.String(length=200), nullable=False),
        sa.Column("skills", sa.String(length=200), nullable=False),
        sa.Column("access", sa.String(length=200), nullable=False),
        sa.Column("youngest", sa.Integer(), nullable=False),
        sa.Column("created_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("ends_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("closed_at", kernel_types.UTCDateTime(), nullable=True),
        sa.CheckConstraint("youngest BETWEEN 16 AND 18", name=op.f("ck_associations_mission_nobody_too_young")),
        sa.ForeignKeyConstraint(
            ["association_id"], ["associations_association.id"], name=op.f("fk_associations_mission_association_id")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name=op.f("fk_associations_mission_author_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_associations_mission")),
        sa.UniqueConstraint("public_id", name=op.f("uq_associations_mission_public_id")),
    )
    for column in ("association_id", "author_id"):
        op.create_index(op.f(f"ix_associations_mission_{column}"), "associations_mission", [column])
    op.create_index("ix_associations_mission_until", "associations_mission", ["ends_at", "id"])


def downgrade() -> None:
    raise NotImplementedError("a town goes back by restoring the copy made before the migration")
