"""${message}"""

import sqlalchemy as sa
from alembic import op

from town.kernel import db as kernel_types
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    raise NotImplementedError("a town goes back by restoring the copy made before the migration")
