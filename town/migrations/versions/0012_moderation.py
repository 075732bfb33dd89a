"""Moderation: cases, what was reported, decided and appealed."""

import sqlalchemy as sa
from alembic import op

from town.kernel import db as kernel_types

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "moderation_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("thing", sa.String(length=40), nullable=False),
        sa.Column("thing_public_id", sa.String(length=22), nullable=False),
        sa.Column("endpoint", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("official", sa.Boolean(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("waiting_since", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("due_at", kernel_types.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_moderation_case_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_case")),
        sa.UniqueConstraint("public_id", name=op.f("uq_moderation_case_public_id")),
        sa.UniqueConstraint("thing", "thing_public_id", name=op.f("uq_moderation_case_thing_thing_public_id")),
    )
    op.create_index(op.f("ix_moderation_case_author_id"), "moderation_case", ["author_id"], unique=False)
    op.create_index("ix_moderation_case_thing_public_id", "moderation_case", ["thing_public_id"], unique=False)
    op.create_index(
        "ix_moderation_case_waiting",
        "moderation_case",
        ["waiting_since", "id"],
        unique=False,
        sqlite_where=sa.text("waiting_since IS NOT NULL"),
        postgresql_where=sa.text("waiting_since IS NOT NULL"),
    )
    op.create_table(
        "moderation_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=4), nullable=False),
        sa.Column("rule", sa.String(length=20), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("reviews_id", sa.Integer(), nullable=True),
        sa.Column("reviewed_by_id", sa.Integer(), nullable=True),
        sa.Column("at", kernel_types.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "verdict = 'keep' OR (rule <> '' AND facts <> '' AND words <> '')",
            name=op.f("ck_moderation_decision_reasons_given"),
        ),
        sa.CheckConstraint("verdict IN ('keep', 'hide')", name=op.f("ck_moderation_decision_known_verdict")),
        sa.CheckConstraint("by_id <> author_id", name=op.f("ck_moderation_decision_not_on_oneself")),
        sa.CheckConstraint("by_id <> reviewed_by_id", name=op.f("ck_moderation_decision_judged_by_another")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_moderation_decision_author_id")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_moderation_decision_by_id")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["moderation_case.id"], name=op.f("fk_moderation_decision_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["reviews_id", "reviewed_by_id"],
            ["moderation_decision.id", "moderation_decision.by_id"],
            name="fk_moderation_decision_reviewed",
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reviews_id"], ["moderation_decision.id"], name=op.f("fk_moderation_decision_reviews_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_decision")),
        sa.UniqueConstraint("id", "by_id", name=op.f("uq_moderation_decision_id_by_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_moderation_decision_public_id")),
    )
    op.create_index(op.f("ix_moderation_decision_author_id"), "moderation_decision", ["author_id"], unique=False)
    op.create_index(op.f("ix_moderation_decision_by_id"), "moderation_decision", ["by_id"], unique=False)
    op.create_index(op.f("ix_moderation_decision_case_id"), "moderation_decision", ["case_id"], unique=False)
    op.create_index(op.f("ix_moderation_decision_reviews_id"), "moderation_decision", ["reviews_id"], unique=False)
    op.create_table(
        "moderation_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=8), nullable=False),
        sa.Column("reporter_id", sa.Integer(), nullable=True),
        sa.Column("by_link", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("by_staff", sa.Boolean(), nullable=False),
        sa.Column("at_once", sa.Boolean(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("rejected_at", kernel_types.UTCDateTime(), nullable=True),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["moderation_case.id"], name=op.f("fk_moderation_report_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["moderation_decision.id"], name=op.f("fk_moderation_report_decision_id")
        ),
        sa.ForeignKeyConstraint(["reporter_id"], ["person.id"], name=op.f("fk_moderation_report_reporter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_report")),
        sa.UniqueConstraint("number", name=op.f("uq_moderation_report_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_moderation_report_public_id")),
    )
    op.create_index(op.f("ix_moderation_report_at"), "moderation_report", ["at"], unique=False)
    op.create_index(op.f("ix_moderation_report_case_id"), "moderation_report", ["case_id"], unique=False)
    op.create_index(op.f("ix_moderation_report_decision_id"), "moderation_report", ["decision_id"], unique=False)
    op.create_index("ix_moderation_report_rejected", "moderation_report", ["reporter_id", "rejected_at"], unique=False)
    op.create_index(
        "one_unanswered_report",
        "moderation_report",
        ["case_id", "reporter_id"],
        unique=True,
        sqlite_where=sa.text("decision_id IS NULL"),
        postgresql_where=sa.text("decision_id IS NULL"),
    )
    op.create_table(
        "moderation_appeal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", kernel_types.UTCDateTime(), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["answer_id"], ["moderation_decision.id"], name=op.f("fk_moderation_appeal_answer_id")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["moderation_case.id"], name=op.f("fk_moderation_appeal_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["moderation_decision.id"], name=op.f("fk_moderation_appeal_decision_id")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["moderation_report.id"], name=op.f("fk_moderation_appeal_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_appeal")),
        sa.UniqueConstraint("public_id", name=op.f("uq_moderation_appeal_public_id")),
    )
    op.create_index(op.f("ix_moderation_appeal_case_id"), "moderation_appeal", ["case_id"], unique=False)
    op.create_index("one_appeal_of_a_report", "moderation_appeal", ["report_id"], unique=True)
    op.create_index(
        "one_appeal_of_the_author",
        "moderation_appeal",
        ["decision_id"],
        unique=True,
        sqlite_where=sa.text("report_id IS NULL"),
        postgresql_where=sa.text("report_id IS NULL"),
    )


def downgrade() -> None:
    raise NotImplementedError("a town goes back by restoring the copy made before the migration")
