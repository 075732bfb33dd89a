"""The first tables: people, places, trust, the board and the doors of the first release."""

import sqlalchemy as sa
from alembic import op

from town.kernel import db as kernel_types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=60), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("on_id", sa.Integer(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_actor_id"), "audit_entry", ["actor_id"], unique=False)
    op.create_index(op.f("ix_audit_entry_event"), "audit_entry", ["event"], unique=False)
    op.create_index(op.f("ix_audit_entry_on_id"), "audit_entry", ["on_id"], unique=False)
    op.create_table(
        "booking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("thing", sa.String(length=40), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("starts", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("ends", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("free_from", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", kernel_types.UTCDateTime(), nullable=False),
        sa.CheckConstraint("state IN ('held', 'booked', 'done', 'freed')", name=op.f("ck_booking_known_state")),
        sa.CheckConstraint("ends > starts", name=op.f("ck_booking_ends_after_it_starts")),
        sa.CheckConstraint("free_from >= ends", name=op.f("ck_booking_buffer_comes_after")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
    )
    op.create_index("ix_booking_thing", "booking", ["thing", "thing_id", "free_from"], unique=False)
    op.create_table(
        "complaint_counter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_counter")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=True),
        sa.Column("run_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("leased_until", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failed_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("key", name=op.f("uq_job_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_job_due",
        "job",
        ["run_at"],
        unique=False,
        sqlite_where=sa.text("failed_at IS NULL"),
        postgresql_where=sa.text("failed_at IS NULL"),
    )
    op.create_table(
        "media",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("colour", sa.String(length=7), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("alt", sa.String(length=300), nullable=False),
        sa.Column("subject_type", sa.String(length=40), nullable=True),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("uploaded_by", sa.Integer(), nullable=True),
        sa.Column("created_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("deleted_at", kernel_types.UTCDateTime(), nullable=True),
        sa.CheckConstraint("(subject_type IS NULL) = (subject_id IS NULL)", name=op.f("ck_media_whole_subject")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
        sa.UniqueConstraint("name", name=op.f("uq_media_name")),
    )
    op.create_index("ix_media_subject", "media", ["subject_type", "subject_id"], unique=False)
    op.create_index(op.f("ix_media_uploaded_by"), "media", ["uploaded_by"], unique=False)
    op.create_table(
        "quarter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarter")),
        sa.UniqueConstraint("name", name=op.f("uq_quarter_name")),
        sa.UniqueConstraint("public_id", name=op.f("uq_quarter_public_id")),
    )
    op.create_table(
        "receipt",
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=False),
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("at", kernel_types.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_receipt")),
    )
    op.create_table(
        "street",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("folded", sa.String(length=200), nullable=False),
        sa.Column("quarter_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["quarter_id"], ["quarter.id"], name=op.f("fk_street_quarter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_street")),
        sa.UniqueConstraint("name", name=op.f("uq_street_name")),
        sa.UniqueConstraint("public_id", name=op.f("uq_street_public_id")),
    )
    op.create_index(op.f("ix_street_folded"), "street", ["folded"], unique=False)
    op.create_index(op.f("ix_street_quarter_id"), "street", ["quarter_id"], unique=False)
    op.create_table(
        "address",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("street_id", sa.Integer(), nullable=False),
        sa.Column("quarter_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("suffix", sa.String(length=20), nullable=False),
        sa.Column("postcode", sa.String(length=10), nullable=False),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("folded", sa.String(length=240), nullable=False),
        sa.Column("retired_at", kernel_types.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["quarter_id"], ["quarter.id"], name=op.f("fk_address_quarter_id")),
        sa.ForeignKeyConstraint(["street_id"], ["street.id"], name=op.f("fk_address_street_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address")),
        sa.UniqueConstraint("key", name=op.f("uq_address_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_address_public_id")),
    )
    op.create_index(op.f("ix_address_folded"), "address", ["folded"], unique=False)
    op.create_index(
        "ix_address_living",
        "address",
        ["street_id"],
        unique=False,
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_index(op.f("ix_address_quarter_id"), "address", ["quarter_id"], unique=False)
    op.create_index(op.f("ix_address_street_id"), "address", ["street_id"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("first_name", sa.String(length=80), nullable=False),
        sa.Column("last_name", sa.String(length=80), nullable=False),
        sa.Column("folded", sa.String(length=240), nullable=False),
        sa.Column("bio", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=True),
        sa.Column("address_id", sa.Integer(), nullable=True),
        sa.Column("address_words", sa.String(length=200), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("portrait", sa.String(length=32), nullable=True),
        sa.Column("joined_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("left_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("certified_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("certified_until", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("certified_how", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("fk_person_address_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("public_id", name=op.f("uq_person_public_id")),
    )
    op.create_index(op.f("ix_person_address_id"), "person", ["address_id"], unique=False)
    op.create_index(op.f("ix_person_certified_until"), "person", ["certified_until"], unique=False)
    op.create_index(op.f("ix_person_folded"), "person", ["folded"], unique=False)
    op.create_table(
        "place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("street_id", sa.Integer(), nullable=True),
        sa.Column("address_id", sa.Integer(), nullable=True),
        sa.Column("quarter_id", sa.Integer(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("created_at", kernel_types.UTCDateTime(), nullable=False),
        sa.CheckConstraint("(lon IS NULL) = (lat IS NULL)", name=op.f("ck_place_whole_point")),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("fk_place_address_id")),
        sa.ForeignKeyConstraint(["quarter_id"], ["quarter.id"], name=op.f("fk_place_quarter_id")),
        sa.ForeignKeyConstraint(["street_id"], ["street.id"], name=op.f("fk_place_street_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
        sa.UniqueConstraint("public_id", name=op.f("uq_place_public_id")),
    )
    op.create_index(op.f("ix_place_address_id"), "place", ["address_id"], unique=False)
    op.create_index(op.f("ix_place_quarter_id"), "place", ["quarter_id"], unique=False)
    op.create_index(op.f("ix_place_street_id"), "place", ["street_id"], unique=False)
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("email_confirmed_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("tf_totp_secret", sa.String(length=255), nullable=True),
        sa.Column("tf_last_step", sa.BigInteger(), nullable=True),
        sa.Column("charter_accepted_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("created_at", kernel_types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_account_fs_uniquifier")),
        sa.UniqueConstraint("person_id", name=op.f("uq_account_person_id")),
    )
    op.create_table(
        "activity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("thing", sa.String(length=40), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("acting_for_id", sa.Integer(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("at", kernel_types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["acting_for_id"], ["person.id"], name=op.f("fk_activity_acting_for_id")),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_activity_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
    )
    op.create_index(op.f("ix_activity_actor_id"), "activity", ["actor_id"], unique=False)
    op.create_index(op.f("ix_activity_at"), "activity", ["at"], unique=False)
    op.create_index(op.f("ix_activity_kind"), "activity", ["kind"], unique=False)
    op.create_index("ix_activity_subject", "activity", ["thing", "thing_id"], unique=False)
    op.create_table(
        "card",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("thing", sa.String(length=40), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("feature", sa.String(length=30), nullable=False),
        sa.Column("endpoint", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("excerpt", sa.String(length=241), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("photo", sa.String(length=32), nullable=True),
        sa.Column("photo_alt", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.String(length=120), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("official", sa.Boolean(), nullable=False),
        sa.Column("visible_to", sa.String(length=20), nullable=False),
        sa.Column("concerns", sa.JSON(), nullable=False),
        sa.Column("posted_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("updated_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("expires_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("pinned_until", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("hidden_at", kernel_types.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_card_author_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_card_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card")),
        sa.UniqueConstraint("thing", "thing_id", name=op.f("uq_card_thing_thing_id")),
    )
    op.create_index(op.f("ix_card_author_id"), "card", ["author_id"], unique=False)
    op.create_index(
        "ix_card_kind_recent",
        "card",
        ["kind", "posted_at", "id"],
        unique=False,
        sqlite_where=sa.text("hidden_at IS NULL"),
        postgresql_where=sa.text("hidden_at IS NULL"),
    )
    op.create_index(op.f("ix_card_owner_id"), "card", ["owner_id"], unique=False)
    op.create_index(
        "ix_card_pinned", "card", ["pinned_until"], unique=False, sqlite_where=sa.text("pinned_until IS NOT NULL")
    )
    op.create_index(op.f("ix_card_public_id"), "card", ["public_id"], unique=False)
    op.create_index(
        "ix_card_recent",
        "card",
        ["posted_at", "id"],
        unique=False,
        sqlite_where=sa.text("hidden_at IS NULL"),
        postgresql_where=sa.text("hidden_at IS NULL"),
    )
    op.create_table(
        "certification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("address_id", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("until", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("fk_certification_address_id")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_certification_by_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["ended_by_id"], ["person.id"], name=op.f("fk_certification_ended_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_certification_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification")),
    )
    op.create_index(op.f("ix_certification_address_id"), "certification", ["address_id"], unique=False)
    op.create_index(op.f("ix_certification_by_id"), "certification", ["by_id"], unique=False)
    op.create_index(op.f("ix_certification_ended_by_id"), "certification", ["ended_by_id"], unique=False)
    op.create_index(op.f("ix_certification_person_id"), "certification", ["person_id"], unique=False)
    op.create_index(
        "ix_certification_standing",
        "certification",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "complaint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("why", sa.String(length=20), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("title", sa.String(length=81), nullable=False),
        sa.Column("shown_words", sa.Text(), nullable=False),
        sa.Column("shown_place", sa.String(length=200), nullable=False),
        sa.Column("shown_lon", sa.Double(), nullable=True),
        sa.Column("shown_lat", sa.Double(), nullable=True),
        sa.Column("wanted_public", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("me_too", sa.Integer(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("forwarded_to", sa.String(length=120), nullable=False),
        sa.Column("reporter_id", sa.Integer(), nullable=True),
        sa.Column("assigned_to_id", sa.Integer(), nullable=True),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("street_id", sa.Integer(), nullable=True),
        sa.Column("quarter_id", sa.Integer(), nullable=True),
        sa.Column("duplicate_of_id", sa.Integer(), nullable=True),
        sa.Column("received_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("read_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("published_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("answered_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("closed_at", kernel_types.UTCDateTime(), nullable=True),
        sa.CheckConstraint("(read_at IS NULL) = (state = 'received')", name=op.f("ck_complaint_read_before_all_else")),
        sa.CheckConstraint(
            "closed_at IS NOT NULL OR state IN ('received', 'acknowledged', 'planned', 'in_progress', 'forwarded')",
            name=op.f("ck_complaint_open_states"),
        ),
        sa.CheckConstraint(
            "closed_at IS NULL OR state IN ('resolved', 'declined', 'duplicate')",
            name=op.f("ck_complaint_ended_states"),
        ),
        sa.CheckConstraint("published_at IS NULL OR read_at IS NOT NULL", name=op.f("ck_complaint_read_before_shown")),
        sa.ForeignKeyConstraint(["assigned_to_id"], ["person.id"], name=op.f("fk_complaint_assigned_to_id")),
        sa.ForeignKeyConstraint(["duplicate_of_id"], ["complaint.id"], name=op.f("fk_complaint_duplicate_of_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_complaint_place_id")),
        sa.ForeignKeyConstraint(["quarter_id"], ["quarter.id"], name=op.f("fk_complaint_quarter_id")),
        sa.ForeignKeyConstraint(["reporter_id"], ["person.id"], name=op.f("fk_complaint_reporter_id")),
        sa.ForeignKeyConstraint(["street_id"], ["street.id"], name=op.f("fk_complaint_street_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        sa.UniqueConstraint("number", name=op.f("uq_complaint_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_complaint_public_id")),
    )
    op.create_index(op.f("ix_complaint_assigned_to_id"), "complaint", ["assigned_to_id"], unique=False)
    op.create_index(op.f("ix_complaint_category"), "complaint", ["category"], unique=False)
    op.create_index(op.f("ix_complaint_duplicate_of_id"), "complaint", ["duplicate_of_id"], unique=False)
    op.create_index(
        "ix_complaint_open",
        "complaint",
        ["received_at", "id"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(op.f("ix_complaint_place_id"), "complaint", ["place_id"], unique=False)
    op.create_index(
        "ix_complaint_public",
        "complaint",
        ["number"],
        unique=False,
        sqlite_where=sa.text("published_at IS NOT NULL"),
        postgresql_where=sa.text("published_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_complaint_quarter_id"), "complaint", ["quarter_id"], unique=False)
    op.create_index(op.f("ix_complaint_reporter_id"), "complaint", ["reporter_id"], unique=False)
    op.create_index(op.f("ix_complaint_state"), "complaint", ["state"], unique=False)
    op.create_table(
        "lending_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("condition", sa.String(length=20), nullable=False),
        sa.Column("rules", sa.String(length=300), nullable=False),
        sa.Column("unit", sa.String(length=10), nullable=False),
        sa.Column("longest_days", sa.Integer(), nullable=False),
        sa.Column("buffer_minutes", sa.Integer(), nullable=False),
        sa.Column("photo", sa.String(length=32), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("quarter_id", sa.Integer(), nullable=True),
        sa.Column("created_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("withdrawn_at", kernel_types.UTCDateTime(), nullable=True),
        sa.CheckConstraint("buffer_minutes >= 0", name=op.f("ck_lending_item_buffer_after")),
        sa.CheckConstraint("longest_days BETWEEN 1 AND 60", name=op.f("ck_lending_item_some_days")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_lending_item_owner_id")),
        sa.ForeignKeyConstraint(["quarter_id"], ["quarter.id"], name=op.f("fk_lending_item_quarter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_item")),
        sa.UniqueConstraint("public_id", name=op.f("uq_lending_item_public_id")),
    )
    op.create_index(
        "ix_lending_item_category",
        "lending_item",
        ["category", "id"],
        unique=False,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_index(op.f("ix_lending_item_owner_id"), "lending_item", ["owner_id"], unique=False)
    op.create_index(
        "ix_lending_item_quarter",
        "lending_item",
        ["quarter_id", "id"],
        unique=False,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_index(
        "ix_lending_item_shelf",
        "lending_item",
        ["id"],
        unique=False,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "mail_stop",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("sort", sa.String(length=10), nullable=False),
        sa.Column("at", kernel_types.UTCDateTime(), nullable=False),
        sa.CheckConstraint("sort IN ('official', 'direct')", name=op.f("ck_mail_stop_known_sort")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mail_stop_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_stop")),
        sa.UniqueConstraint("person_id", "sort", name=op.f("uq_mail_stop_person_id_sort")),
    )
    op.create_table(
        "postcard",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("address_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("printed_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("printed_by_id", sa.Integer(), nullable=True),
        sa.Column("prints", sa.Integer(), nullable=False),
        sa.Column("expires_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("ended_at", kernel_types.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(state = 'printed') = (code_hash IS NOT NULL)", name=op.f("ck_postcard_code_only_while_printed")
        ),
        sa.CheckConstraint(
            "(state IN ('asked', 'printed')) = (address_id IS NOT NULL)",
            name=op.f("ck_postcard_address_only_while_active"),
        ),
        sa.CheckConstraint(
            "state IN ('asked', 'printed', 'used', 'expired', 'cancelled')", name=op.f("ck_postcard_known_state")
        ),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("fk_postcard_address_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_postcard_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["printed_by_id"], ["person.id"], name=op.f("fk_postcard_printed_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postcard")),
        sa.UniqueConstraint("public_id", name=op.f("uq_postcard_public_id")),
    )
    op.create_index(
        "ix_postcard_active",
        "postcard",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('asked', 'printed')"),
        postgresql_where=sa.text("state IN ('asked', 'printed')"),
    )
    op.create_index(op.f("ix_postcard_address_id"), "postcard", ["address_id"], unique=False)
    op.create_index(op.f("ix_postcard_person_id"), "postcard", ["person_id"], unique=False)
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("granted_at", kernel_types.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "role IN ('agent', 'councillor', 'certifier', 'trust_manager', 'moderator', 'admin')",
            name=op.f("ck_role_grant_known_role"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_grant_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
        sa.UniqueConstraint("person_id", "role", name=op.f("uq_role_grant_person_id_role")),
    )
    op.create_table(
        "townhall_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("concerned", sa.JSON(), nullable=False),
        sa.Column("places", sa.Text(), nullable=False),
        sa.Column("signature", sa.String(length=120), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("created_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("published_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("withdrawn_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("pinned_until", kernel_types.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(state = 'draft') = (published_at IS NULL)", name=op.f("ck_townhall_notice_published_once")
        ),
        sa.CheckConstraint("kind IN ('info', 'works', 'life', 'alert')", name=op.f("ck_townhall_notice_known_kind")),
        sa.CheckConstraint(
            "pinned_until IS NULL OR state = 'published'", name=op.f("ck_townhall_notice_pinned_while_published")
        ),
        sa.CheckConstraint("state IN ('draft', 'published', 'withdrawn')", name=op.f("ck_townhall_notice_known_state")),
        sa.CheckConstraint(
            "starts_on IS NULL OR ends_on IS NULL OR starts_on <= ends_on",
            name=op.f("ck_townhall_notice_days_in_order"),
        ),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_townhall_notice_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_townhall_notice")),
        sa.UniqueConstraint("public_id", name=op.f("uq_townhall_notice_public_id")),
    )
    op.create_index(op.f("ix_townhall_notice_author_id"), "townhall_notice", ["author_id"], unique=False)
    op.create_index("ix_townhall_notice_recent", "townhall_notice", ["state", "published_at", "id"], unique=False)
    op.create_index(
        "one_pinned",
        "townhall_notice",
        ["state"],
        unique=True,
        sqlite_where=sa.text("pinned_until IS NOT NULL"),
        postgresql_where=sa.text("pinned_until IS NOT NULL"),
    )
    op.create_table(
        "card_reach",
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("posted_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("card_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["card_id"], ["card.id"], name=op.f("fk_card_reach_card_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token", "posted_at", "card_id", name=op.f("pk_card_reach")),
    )
    op.create_index(op.f("ix_card_reach_card_id"), "card_reach", ["card_id"], unique=False)
    op.create_table(
        "complaint_follower",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", kernel_types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_follower_complaint_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_complaint_follower_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_follower")),
        sa.UniqueConstraint("complaint_id", "person_id", name=op.f("uq_complaint_follower_complaint_id_person_id")),
    )
    op.create_index(op.f("ix_complaint_follower_person_id"), "complaint_follower", ["person_id"], unique=False)
    op.create_table(
        "complaint_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("on", sa.Date(), nullable=True),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", kernel_types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_complaint_step_by_id")),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_step_complaint_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_step")),
    )
    op.create_index(op.f("ix_complaint_step_by_id"), "complaint_step", ["by_id"], unique=False)
    op.create_index("ix_complaint_step_walk", "complaint_step", ["complaint_id", "id"], unique=False)
    op.create_table(
        "inbox_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.String(length=22), nullable=False),
        sa.Column("official", sa.Boolean(), nullable=False),
        sa.Column("created_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("read_at", kernel_types.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_inbox_notice_activity_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_inbox_notice_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_notice")),
        sa.UniqueConstraint("person_id", "activity_id", name=op.f("uq_inbox_notice_person_id_activity_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_inbox_notice_public_id")),
    )
    op.create_index(op.f("ix_inbox_notice_activity_id"), "inbox_notice", ["activity_id"], unique=False)
    op.create_index(
        "ix_inbox_notice_read",
        "inbox_notice",
        ["person_id", "id"],
        unique=False,
        sqlite_where=sa.text("read_at IS NOT NULL"),
        postgresql_where=sa.text("read_at IS NOT NULL"),
    )
    op.create_index(
        "ix_inbox_notice_unread",
        "inbox_notice",
        ["person_id", "id"],
        unique=False,
        sqlite_where=sa.text("read_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "lending_loan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("borrower_id", sa.Integer(), nullable=True),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("created_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("answer_by", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("answered_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("given_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("received_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("brought_back_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("taken_back_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("ended_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("reminded_for", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state <> 'returned' OR (brought_back_at IS NOT NULL AND taken_back_at IS NOT NULL)",
            name=op.f("ck_lending_loan_both_said_it_came_back"),
        ),
        sa.CheckConstraint(
            "state IN ('requested', 'accepted', 'handed_over', 'returned', 'refused', 'cancelled', 'expired')",
            name=op.f("ck_lending_loan_known_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('handed_over', 'returned') OR (given_at IS NOT NULL AND received_at IS NOT NULL)",
            name=op.f("ck_lending_loan_both_said_it_left"),
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_lending_loan_booking_id")),
        sa.ForeignKeyConstraint(["borrower_id"], ["person.id"], name=op.f("fk_lending_loan_borrower_id")),
        sa.ForeignKeyConstraint(["item_id"], ["lending_item.id"], name=op.f("fk_lending_loan_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending_loan")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_lending_loan_booking_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_lending_loan_public_id")),
    )
    op.create_index("ix_lending_loan_borrower", "lending_loan", ["borrower_id", "id"], unique=False)
    op.create_index("ix_lending_loan_item", "lending_loan", ["item_id", "id"], unique=False)
    op.create_index(
        "uq_lending_loan_out",
        "lending_loan",
        ["item_id"],
        unique=True,
        sqlite_where=sa.text("state = 'handed_over' AND taken_back_at IS NULL"),
        postgresql_where=sa.text("state = 'handed_over' AND taken_back_at IS NULL"),
    )
    op.create_table(
        "one_use_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("expires_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", kernel_types.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_one_use_code_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_use_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_one_use_code_public_id")),
    )
    op.create_index(op.f("ix_one_use_code_account_id"), "one_use_code", ["account_id"], unique=False)
    op.create_index(op.f("ix_one_use_code_expires_at"), "one_use_code", ["expires_at"], unique=False)
    op.create_table(
        "session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("device", sa.String(length=80), nullable=False),
        sa.Column("created_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("seen_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("expires_at", kernel_types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("public_id", name=op.f("uq_session_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_session_token_hash")),
    )
    op.create_index(op.f("ix_session_account_id"), "session", ["account_id"], unique=False)
    op.create_index(op.f("ix_session_expires_at"), "session", ["expires_at"], unique=False)
    op.create_table(
        "townhall_correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("places", sa.Text(), nullable=False),
        sa.Column("at", kernel_types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["townhall_notice.id"], name=op.f("fk_townhall_correction_notice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_townhall_correction")),
    )
    op.create_index(op.f("ix_townhall_correction_notice_id"), "townhall_correction", ["notice_id"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("a town goes back by restoring the copy made before the migration")
