"""Organisations, who runs them, who asks to, and what is done in their name."""

import sqlalchemy as sa
from alembic import op

from town.kernel import db as kernel_types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("sort", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("folded", sa.String(length=240), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("website", sa.String(length=200), nullable=False),
        sa.Column("registration", sa.String(length=14), nullable=True),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("entered_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("closed_at", kernel_types.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "sort IN ('shop', 'producer', 'association', 'school')", name=op.f("ck_organisation_known_sort")
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_organisation_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_organisation_public_id")),
        sa.UniqueConstraint("registration", name=op.f("uq_organisation_registration")),
    )
    op.create_index(op.f("ix_organisation_sort"), "organisation", ["sort"], unique=False)
    op.create_index(op.f("ix_organisation_folded"), "organisation", ["folded"], unique=False)
    standing = sa.text("ended_at IS NULL")
    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("duty", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("since", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("ended_at", kernel_types.UTCDateTime(), nullable=True),
        sa.CheckConstraint("duty IN ('manager', 'helper')", name=op.f("ck_membership_known_duty")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_membership_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("public_id", name=op.f("uq_membership_public_id")),
    )
    op.create_index(op.f("ix_membership_organisation_id"), "membership", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_membership_person_id"), "membership", ["person_id"], unique=False)
    op.create_index(
        "uq_membership_standing",
        "membership",
        ["organisation_id", "person_id"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )
    waiting = sa.text("decided_at IS NULL")
    op.create_table(
        "organisation_claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("made_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("decided_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_organisation_claim_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_organisation_claim_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_claim")),
        sa.UniqueConstraint("public_id", name=op.f("uq_organisation_claim_public_id")),
    )
    op.create_index(
        op.f("ix_organisation_claim_organisation_id"), "organisation_claim", ["organisation_id"], unique=False
    )
    op.create_index(op.f("ix_organisation_claim_person_id"), "organisation_claim", ["person_id"], unique=False)
    op.create_index(
        "uq_organisation_claim_waiting",
        "organisation_claim",
        ["organisation_id", "person_id"],
        unique=True,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    for table in ("card", "activity"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("on_behalf_of_id", sa.Integer(), nullable=True))
            batch.create_foreign_key(op.f(f"fk_{table}_on_behalf_of_id"), "organisation", ["on_behalf_of_id"], ["id"])
    op.create_index(op.f("ix_card_on_behalf_of_id"), "card", ["on_behalf_of_id"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("a town goes back by restoring the copy made before the migration")
