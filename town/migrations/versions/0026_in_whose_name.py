"""Things lent, loans asked for and reports: in the name of which organisation, where not in one's own."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("lending_item", "lending_loan", "complaint"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("on_behalf_of_id", sa.Integer(), nullable=True))
            batch.create_foreign_key(op.f(f"fk_{table}_on_behalf_of_id"), "organisation", ["on_behalf_of_id"], ["id"])
            batch.create_index(op.f(f"ix_{table}_on_behalf_of_id"), ["on_behalf_of_id"])


def downgrade() -> None:
    raise NotImplementedError("a town goes back by restoring the copy made before the migration")
