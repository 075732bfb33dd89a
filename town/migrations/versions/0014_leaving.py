"""Leaving: when a person is erased, who was warned of it, and what each night forgot."""

import sqlalchemy as sa
from alembic import op

from town.kernel import db as kernel_types

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    # A number given twice would lay the acts of an erased person, in the audit, at somebody else's door. PostgreSQL's
    # sequences never go back; SQLite needs to be told, and makes the table anew for it.
    with op.batch_alter_table(
        "person", recreate="always" if on_sqlite else "never", table_kwargs={"sqlite_autoincrement": True}
    ) as person:
        person.add_column(sa.Column("erase_on", kernel_types.UTCDateTime(), nullable=True))
        person.create_index(op.f("ix_person_erase_on"), ["erase_on"])
    with op.batch_alter_table("account") as account:
        account.add_column(sa.Column("seen_at", kernel_types.UTCDateTime(), nullable=True))
        account.add_column(sa.Column("warned", sa.Integer(), nullable=True))
        account.add_column(sa.Column("warned_at", kernel_types.UTCDateTime(), nullable=True))
    op.create_table(
        "retention_night",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("steady", sa.Integer(), nullable=False),
        sa.Column("forgotten", sa.JSON(), nullable=False),
        sa.Column("held_back", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_night")),
    )
    op.create_index(op.f("ix_retention_night_at"), "retention_night", ["at"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("a town goes back by restoring the copy made before the migration")
