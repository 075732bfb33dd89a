"""What confirmed exchanges are worth, the factors that a town changed, and what the things are that neighbours lend."""

import sqlalchemy as sa
from alembic import op

from town.kernel import db as kernel_types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "impact_figure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("thing", sa.String(length=40), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("unit", sa.String(length=10), nullable=False),
        sa.Column("factor", sa.String(length=60), nullable=False),
        sa.Column("share", sa.String(length=60), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=True),
        sa.CheckConstraint("unit IN ('exchange', 'link', 'EUR', 'kgCO2e')", name=op.f("ck_impact_figure_known_unit")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_impact_figure_nothing_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_impact_figure")),
        sa.UniqueConstraint("thing", "thing_id", "unit", name=op.f("uq_impact_figure_thing_thing_id_unit")),
    )
    op.create_index(
        "ix_impact_figure_cell",
        "impact_figure",
        ["kind", "month", "unit", "factor", "share", "amount"],
        unique=False,
    )
    op.create_table(
        "impact_pair",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("one_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("counted_at", kernel_types.UTCDateTime(), nullable=False),
        sa.CheckConstraint("one_id < other_id", name=op.f("ck_impact_pair_in_order")),
        sa.ForeignKeyConstraint(["one_id"], ["person.id"], name=op.f("fk_impact_pair_one_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["other_id"], ["person.id"], name=op.f("fk_impact_pair_other_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_impact_pair")),
        sa.UniqueConstraint("one_id", "other_id", name=op.f("uq_impact_pair_one_id_other_id")),
    )
    op.create_index(op.f("ix_impact_pair_other_id"), "impact_pair", ["other_id"], unique=False)
    op.create_table(
        "impact_factor_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("factor", sa.String(length=60), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("value", sa.String(length=24), nullable=True),
        sa.Column("low", sa.String(length=24), nullable=True),
        sa.Column("high", sa.String(length=24), nullable=True),
        sa.Column("before", sa.String(length=24), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("at", kernel_types.UTCDateTime(), nullable=False),
        sa.CheckConstraint("origin IN ('town', 'update')", name=op.f("ck_impact_factor_change_known_origin")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_impact_factor_change")),
    )
    op.create_index("ix_impact_factor_change_factor", "impact_factor_change", ["factor", "id"], unique=False)
    with op.batch_alter_table("lending_item") as batch:
        batch.add_column(sa.Column("factor", sa.String(length=60), nullable=True))
        batch.add_column(sa.Column("price_cents", sa.Integer(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("a town goes back by restoring the copy made before the migration")
