"""What tables alone cannot promise: words of cards, an audit that only grows."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQLITE = (
    "CREATE VIRTUAL TABLE card_words USING fts5 (words, prefix='2 3', tokenize='unicode61 remove_diacritics 0')",
    """CREATE TRIGGER audit_entry_keeps BEFORE UPDATE ON audit_entry
       BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END""",
    """CREATE TRIGGER audit_entry_stays BEFORE DELETE ON audit_entry
       BEGIN SELECT RAISE(ABORT, 'the audit only grows'); END""",
)
POSTGRESQL = (
    """CREATE TABLE card_words (
         card_id INTEGER PRIMARY KEY REFERENCES card (id) ON DELETE CASCADE, words tsvector NOT NULL)""",
    "CREATE INDEX ix_card_words ON card_words USING gin (words)",
    """CREATE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'the audit only grows'; END $$""",
    """CREATE TRIGGER audit_entry_keeps BEFORE UPDATE OR DELETE ON audit_entry
       FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()""",
)


def upgrade() -> None:
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("a town goes back by restoring the copy made before the migration")
