"""Every card has a code that paper shows; the weekly sheet and the rounds of paper."""

import sqlalchemy as sa
from alembic import op

from town.kernel import db as kernel_types
from town.kernel.codes import code_of

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("card") as batch:
        batch.add_column(sa.Column("code", sa.String(length=5), nullable=False, server_default=""))
    columns = (sa.column("id", sa.Integer), sa.column("public_id", sa.String), sa.column("code", sa.String))
    cards = sa.table("card", *columns)
    here = op.get_bind()
    for number, public_id in here.execute(sa.select(cards.c.id, cards.c.public_id)).all():
        here.execute(cards.update().where(cards.c.id == number).values(code=code_of(public_id, 5)))
    with op.batch_alter_table("card") as batch:
        batch.alter_column("code", existing_type=sa.String(length=5), existing_nullable=False, server_default=None)
    op.create_index(op.f("ix_card_code"), "card", ["code"], unique=False)
    op.create_table(
        "sheet_edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("word", sa.String(length=200), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_edition")),
        sa.UniqueConstraint("week", name=op.f("uq_sheet_edition_week")),
    )
    op.create_table(
        "sheet_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(length=30), nullable=False),
        sa.Column("boxes", sa.Integer(), nullable=False),
        sa.Column("done_at", kernel_types.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_round")),
        sa.UniqueConstraint("about", name=op.f("uq_sheet_round_about")),
    )


def downgrade() -> None:
    raise NotImplementedError("a town goes back by restoring the copy made before the migration")
