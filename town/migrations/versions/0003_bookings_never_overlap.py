"""Two bookings of one thing never overlap: the promise that the tables alone cannot keep."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OVERLAP = """
    SELECT RAISE(ABORT, 'two bookings would overlap') FROM booking
    WHERE thing = NEW.thing AND thing_id = NEW.thing_id AND state IN ('held', 'booked')
      AND starts < NEW.free_from AND free_from > NEW.starts
"""
SQLITE = (
    f"""CREATE TRIGGER booking_never_overlaps_new BEFORE INSERT ON booking
        WHEN NEW.state IN ('held', 'booked') BEGIN {OVERLAP}; END""",
    f"""CREATE TRIGGER booking_never_overlaps_changed BEFORE UPDATE ON booking
        WHEN NEW.state IN ('held', 'booked') BEGIN {OVERLAP} AND id <> NEW.id; END""",
)
POSTGRESQL = (
    # The extension is the database's, not one town's; the lock is for two towns opened at once.
    "SELECT pg_advisory_xact_lock(hashtext('btree_gist'))",
    "CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public",
    """ALTER TABLE booking ADD CONSTRAINT booking_never_overlaps EXCLUDE USING gist
       (thing WITH =, thing_id WITH =, tstzrange(starts, free_from) WITH &&) WHERE (state IN ('held', 'booked'))""",
)


def upgrade() -> None:
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("a town goes back by restoring the copy made before the migration")
