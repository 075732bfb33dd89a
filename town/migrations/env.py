"""Alembic's entry: it works on the connection it is handed, inside the transaction its caller opened."""

from alembic import context

from town.kernel.migrations import HIDDEN_TABLES, known_metadata


def include_object(_object: object, name: str | None, kind: str, reflected: bool, _compare_to: object) -> bool:
    """Full-text tables and their shadows are written by hand."""
    return not (kind == "table" and name is not None and name.startswith(HIDDEN_TABLES))


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=known_metadata(),
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
    include_object=include_object,
    user_module_prefix="kernel_types.",
)
with context.begin_transaction():
    context.run_migrations()
