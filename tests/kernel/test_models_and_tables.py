"""The tables that migrations make are those that the models speak of, on both engines."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from town.kernel.db import db
from town.kernel.migrations import HIDDEN_TABLES, known_metadata
from town.kernel.tenancy import enter
from town.kernel.web import TownApp


def _ours(_item: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    return not (kind in ("table", "index") and str(name).removeprefix("ix_").startswith(HIDDEN_TABLES))


def test_what_the_models_say_is_what_the_migrations_made(trial: TownApp) -> None:
    with enter(trial, "a"):
        context = MigrationContext.configure(db.session.connection(), opts={"include_object": _ours})
        assert compare_metadata(context, known_metadata()) == []
        db.session.rollback()
