"""Places in a slot: each has a number within the slot's places, and no two people share one."""

import sqlalchemy as sa
from alembic import op

from town.kernel import db as kernel_types

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BEYOND = """
    SELECT RAISE(ABORT, 'no such place') FROM signup_slot
    WHERE id = NEW.slot_id AND NEW.seat NOT BETWEEN 1 AND seats
"""
SQLITE = (
    f"CREATE TRIGGER signup_seat_new BEFORE INSERT ON signup WHEN NEW.seat IS NOT NULL BEGIN {BEYOND}; END",
    f"CREATE TRIGGER signup_seat_changed BEFORE UPDATE ON signup WHEN NEW.seat IS NOT NULL BEGIN {BEYOND}; END",
    """CREATE TRIGGER signup_slot_shrinks BEFORE UPDATE ON signup_slot WHEN NEW.seats < OLD.seats BEGIN
         SELECT RAISE(ABORT, 'somebody has that place') FROM signup WHERE slot_id = NEW.id AND seat > NEW.seats; END""",
)
POSTGRESQL = (
    # The lock is what makes it hold while the slot shrinks in another transaction.
    """CREATE FUNCTION signup_seat_within() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         PERFORM 1 FROM signup_slot WHERE id = NEW.slot_id AND NEW.seat BETWEEN 1 AND seats FOR SHARE;
         IF NOT FOUND THEN RAISE check_violation USING MESSAGE = 'no such place'; END IF;
         RETURN NEW; END $$""",
    """CREATE TRIGGER signup_seat_within BEFORE INSERT OR UPDATE ON signup
       FOR EACH ROW WHEN (NEW.seat IS NOT NULL) EXECUTE FUNCTION signup_seat_within()""",
    """CREATE FUNCTION signup_slot_keeps() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         PERFORM 1 FROM signup WHERE slot_id = NEW.id AND seat > NEW.seats;
         IF FOUND THEN RAISE check_violation USING MESSAGE = 'somebody has that place'; END IF;
         RETURN NEW; END $$""",
    """CREATE TRIGGER signup_slot_keeps BEFORE UPDATE ON signup_slot
       FOR EACH ROW WHEN (NEW.seats < OLD.seats) EXECUTE FUNCTION signup_slot_keeps()""",
)


def upgrade() -> None:
    op.create_table(
        "signup_slot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("thing", sa.String(length=40), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=80), nullable=False),
        sa.Column("starts", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("ends", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("cancelled_at", kernel_types.UTCDateTime(), nullable=True),
        sa.CheckConstraint("seats BETWEEN 1 AND 500", name=op.f("ck_signup_slot_some_places")),
        sa.CheckConstraint("ends > starts", name=op.f("ck_signup_slot_ends_after_it_starts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signup_slot")),
        sa.UniqueConstraint("public_id", name=op.f("uq_signup_slot_public_id")),
    )
    op.create_index("ix_signup_slot_thing", "signup_slot", ["thing", "thing_id", "starts"])
    op.create_index(op.f("ix_signup_slot_ends"), "signup_slot", ["ends"])
    op.create_table(
        "signup",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=True),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("made_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("promoted_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("reminded_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("confirmed_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('coming', 'waiting', 'withdrawn', 'cancelled', 'came', 'missed')",
            name=op.f("ck_signup_known_state"),
        ),
        sa.CheckConstraint(
            "(seat IS NOT NULL) = (state IN ('coming', 'came', 'missed'))", name=op.f("ck_signup_a_place_or_none")
        ),
        sa.CheckConstraint("minutes IS NULL OR state = 'came'", name=op.f("ck_signup_hours_of_who_came")),
        sa.ForeignKeyConstraint(["slot_id"], ["signup_slot.id"], name=op.f("fk_signup_slot_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_signup_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signup")),
        sa.UniqueConstraint("public_id", name=op.f("uq_signup_public_id")),
        sa.UniqueConstraint("slot_id", "seat", name=op.f("uq_signup_slot_id_seat")),
    )
    op.create_index(op.f("ix_signup_person_id"), "signup", ["person_id"])
    standing = sa.text("state IN ('coming', 'waiting', 'came', 'missed')")
    op.create_index(
        "uq_signup_standing",
        "signup",
        ["slot_id", "person_id"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("a town goes back by restoring the copy made before the migration")
