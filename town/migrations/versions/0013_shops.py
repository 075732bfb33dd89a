"""Shops, their offers, and when things are open."""

import sqlalchemy as sa
from alembic import op

from town.kernel import db as kernel_types

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "opening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("thing", sa.String(length=40), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("starts", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("ends", kernel_types.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening")),
    )
    op.create_index("ix_opening_thing", "opening", ["thing", "thing_id", "ends"], unique=False)
    op.create_index("ix_opening_now", "opening", ["thing", "ends", "starts"], unique=False)
    op.create_table(
        "shops_shop",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("trade", sa.String(length=20), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("hours", sa.String(length=300), nullable=False),
        sa.Column("closures", sa.JSON(), nullable=False),
        sa.Column("hours_said_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("services", sa.String(length=300), nullable=False),
        sa.Column("accessibility", sa.String(length=300), nullable=False),
        sa.Column("payments", sa.JSON(), nullable=False),
        sa.Column("photo", sa.String(length=32), nullable=True),
        sa.Column("changed_at", kernel_types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_shops_shop_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shops_shop")),
        sa.UniqueConstraint("organisation_id", name=op.f("uq_shops_shop_organisation_id")),
    )
    op.create_index(op.f("ix_shops_shop_trade"), "shops_shop", ["trade"], unique=False)
    op.create_table(
        "shops_offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("shop_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("price", sa.Integer(), nullable=True),
        sa.Column("stock", sa.String(length=60), nullable=False),
        sa.Column("photo", sa.String(length=32), nullable=True),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("until", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("ended_at", kernel_types.UTCDateTime(), nullable=True),
        sa.CheckConstraint("price IS NULL OR price >= 0", name=op.f("ck_shops_offer_no_negative_price")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops_shop.id"], name=op.f("fk_shops_offer_shop_id")),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["person.id"], name=op.f("fk_shops_offer_made_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shops_offer")),
        sa.UniqueConstraint("public_id", name=op.f("uq_shops_offer_public_id")),
    )
    standing = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_shops_offer_window",
        "shops_offer",
        ["shop_id", "until"],
        unique=False,
        sqlite_where=standing,
        postgresql_where=standing,
    )
    op.create_index("ix_shops_offer_shop", "shops_offer", ["shop_id", "id"], unique=False)
    op.create_index(op.f("ix_shops_offer_made_by_id"), "shops_offer", ["made_by_id"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("a town goes back by restoring the copy made before the migration")
