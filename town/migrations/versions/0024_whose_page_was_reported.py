"""Cases of moderation: in which organisation's name the content stands, or whose page it is."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

PAGES = """UPDATE moderation_case SET organisation_id = (
    SELECT organisation.id FROM organisation WHERE organisation.public_id = moderation_case.thing_public_id)"""
VOICES = """UPDATE moderation_case SET organisation_id = (
    SELECT card.on_behalf_of_id FROM card
    WHERE card.thing = moderation_case.thing AND card.public_id = moderation_case.thing_public_id)
    WHERE organisation_id IS NULL"""


def upgrade() -> None:
    with op.batch_alter_table("moderation_case") as batch:
        batch.add_column(sa.Column("organisation_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_moderation_case_organisation_id"), "organisation", ["organisation_id"], ["id"], ondelete="SET NULL"
        )
        batch.create_index(op.f("ix_moderation_case_organisation_id"), ["organisation_id"])
    op.execute(PAGES)
    op.execute(VOICES)


def downgrade() -> None:
    raise NotImplementedError("a town goes back by restoring the copy made before the migration")
