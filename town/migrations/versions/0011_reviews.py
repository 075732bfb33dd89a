"""Reviews after an exchange, and who cancelled a loan."""

import sqlalchemy as sa
from alembic import op

from town.kernel import db as kernel_types

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ANSWERS = "IN ('yes', 'no', 'na')"


def upgrade() -> None:
    op.create_table(
        "review_exchange",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("sort", sa.String(length=20), nullable=False),
        sa.Column("thing", sa.String(length=40), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("thing_public_id", sa.String(length=22), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=True),
        sa.Column("second_id", sa.Integer(), nullable=True),
        sa.Column("at", kernel_types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["first_id"], ["person.id"], name=op.f("fk_review_exchange_first_id")),
        sa.ForeignKeyConstraint(["second_id"], ["person.id"], name=op.f("fk_review_exchange_second_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_exchange")),
        sa.UniqueConstraint("public_id", name=op.f("uq_review_exchange_public_id")),
        sa.UniqueConstraint("thing", "thing_id", name=op.f("uq_review_exchange_thing_thing_id")),
    )
    op.create_index("ix_review_exchange_first", "review_exchange", ["first_id", "id"])
    op.create_index("ix_review_exchange_second", "review_exchange", ["second_id", "id"])
    op.create_index(op.f("ix_review_exchange_at"), "review_exchange", ["at"])
    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("exchange_id", sa.Integer(), nullable=False),
        sa.Column("by_first", sa.Boolean(), nullable=False),
        sa.Column("writer_id", sa.Integer(), nullable=True),
        sa.Column("about_id", sa.Integer(), nullable=False),
        sa.Column("kept_word", sa.String(length=3), nullable=False),
        sa.Column("as_agreed", sa.String(length=3), nullable=False),
        sa.Column("again", sa.String(length=3), nullable=False),
        sa.Column("text", sa.String(length=600), nullable=False),
        sa.Column("written_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("corrected_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("readable_from", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("reply", sa.String(length=600), nullable=False),
        sa.Column("replied_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("hidden_at", kernel_types.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            f"kept_word {ANSWERS} AND as_agreed {ANSWERS} AND again {ANSWERS}", name=op.f("ck_review_three_facts")
        ),
        sa.CheckConstraint("writer_id <> about_id", name=op.f("ck_review_of_somebody_else")),
        sa.ForeignKeyConstraint(
            ["exchange_id"], ["review_exchange.id"], name=op.f("fk_review_exchange_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["writer_id"], ["person.id"], name=op.f("fk_review_writer_id")),
        sa.ForeignKeyConstraint(["about_id"], ["person.id"], name=op.f("fk_review_about_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("public_id", name=op.f("uq_review_public_id")),
        sa.UniqueConstraint("exchange_id", "by_first", name=op.f("uq_review_exchange_id_by_first")),
    )
    op.create_index("ix_review_about", "review", ["about_id", "readable_from"])
    op.create_index(op.f("ix_review_writer_id"), "review", ["writer_id"])
    # Without a batch: copying the table would lose its checks, and a new column needs no copy.
    op.execute(
        "ALTER TABLE lending_loan ADD COLUMN cancelled_by VARCHAR(8) "
        "CONSTRAINT ck_lending_loan_cancelled_by_one_of_them CHECK (cancelled_by IN ('owner', 'borrower'))"
    )


def downgrade() -> None:
    raise NotImplementedError("a town goes back by restoring the copy made before the migration")
