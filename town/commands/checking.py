"""Whether all is well: every town's file, tables, cards and audit."""

import click

from town.commands.group import app_of_here, main, towns_of
from town.commons.audit import cut_off, first_broken_entry
from town.commons.board import stale_cards
from town.commons.people.leaving import overdue
from town.kernel import migrations, retention
from town.kernel.db import db
from town.kernel.registry import Town
from town.kernel.tenancy import enter
from town.kernel.web import TownApp


@main.command()
@click.option("--town", "slug", help="One town only.")
def check(slug: str | None) -> None:
    """Check every town: its file, its tables, its cards, its audit."""
    app = app_of_here()
    towns = towns_of(app).registry.towns() if slug is None else [towns_of(app).registry.town(slug)]
    wrong = 0
    for town in towns:
        try:
            problems = _problems(app, town)
        except Exception as broken:  # a broken file must not hide the state of the others
            problems = [f"cannot be read: {broken}"]
        wrong += len(problems)
        click.echo(f"{town.slug}: {'all well' if not problems else ''}")
        for problem in problems:
            click.echo(f"  {problem}")
    if wrong:
        raise click.ClickException(f"{wrong} problems")


def _problems(app: TownApp, town: Town) -> list[str]:
    with enter(app, town.slug):
        found = wrong_inside()
        if migrations.revision(db.session.connection()) == migrations.head():
            found += retention.problems() + overdue()
            if (lost := cut_off()) is not None:
                found.append(f"the audit was cut off: entry {lost} is gone, and the town was not restored since")
        db.session.rollback()
    return found


def wrong_inside() -> list[str]:
    """What is wrong with the file that is open: its pages, its tables, its cards, its audit."""
    found: list[str] = []
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        if (state := connection.exec_driver_sql("PRAGMA quick_check").scalar()) != "ok":
            found.append(f"the file is damaged: {state}")
        for row in connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(5):
            found.append(f"a row of {row[0]} points to nothing in {row[2]}")
    if migrations.revision(connection) != migrations.head():
        found.append("its tables are not of this version: run `town migrate`")
        return found
    for difference in stale_cards():
        found.append(f"stale card of {difference.thing} {difference.thing_id}: {', '.join(difference.columns)}")
    if (broken := first_broken_entry()) is not None:
        found.append(f"the audit was tampered with at entry {broken}")
    return found
