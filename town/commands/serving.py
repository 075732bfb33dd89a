"""Serving towns: pages, jobs, and tables brought to this version of the software."""

import os
import threading
import webbrowser
from contextlib import suppress

import click

from town.commands.group import app_of_here, main, towns_of
from town.commands.stopping import GRACE, serve_until_told, when_told
from town.kernel import disk, metrics
from town.kernel.jobs import Worker
from town.kernel.registry import Town
from town.kernel.updating import UP_TO_DATE, copies, migrate_all, needs, roll_back
from town.kernel.updating import migrate as migrate_one
from town.kernel.web import TownApp


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, help="The port to listen on.")
@click.option("--default", "default_town", help="The town that localhost shows when there are several.")
@click.option("--worker/--no-worker", default=True, show_default=True, help="Look after jobs in this process too.")
@click.option("--open", "show", is_flag=True, help="Show it in a browser.")
def serve(host: str, port: int, default_town: str | None, worker: bool, show: bool) -> None:
    """Serve every town of this installation."""
    os.environ.setdefault("TOWN_PORT", str(port))
    app = app_of_here(**({"default_town": default_town} if default_town else {}))
    towns = towns_of(app)
    if default_town:
        towns.registry.town(default_town)
    _migrate(app, quiet=True)
    if not towns.settings.development and not disk.put_ballast(towns.instance):
        click.echo("There is too little room on the disk for the ballast file (town ballast --help).", err=True)
    helper = Worker(app)
    at_work = threading.Thread(target=helper.run, name="worker", daemon=True)
    if worker:
        at_work.start()
    settings = towns.settings
    metrics.serve(app)
    open_here = towns.registry.towns()
    if not open_here:
        click.echo("No town is open yet: `town demo` opens the demo town, `town open FILE.csv` your own.")
    for town in open_here:
        names = towns.registry.hosts(town.slug)
        if settings.development and (len(open_here) == 1 or town.slug == settings.default_town):
            names = ["localhost", *names]
        click.echo(f"{town.name}: " + "  ".join(f"{settings.scheme}://{name}:{port}/" for name in names))
    if show:
        with suppress(webbrowser.Error):
            webbrowser.open(f"http://localhost:{port}/")
    click.echo(f"Serving in {settings.env} on {host}:{port}. Ctrl+C ends it.")
    serve_until_told(app, host, port)
    helper.stopping.set()
    if worker:
        at_work.join(GRACE)


@main.command()
def worker() -> None:
    """Look after the jobs of every town: e-mails, reminders, the night's tidying."""
    helper = Worker(app_of_here())
    when_told(helper.stopping.set)
    helper.run()


@main.command()
@click.argument("slug", metavar="TOWN", required=False)
@click.option("--all", "every", is_flag=True, help="Every town, as without a name.")
@click.option("--dry-run", is_flag=True, help="Only say what each would need.")
def migrate(slug: str | None, every: bool, dry_run: bool) -> None:
    """Bring towns' tables to this version of the software, one by one, each with a copy of before.

    Broken off, it goes on where it was. A town that went back (`town rollback`) is left alone unless it is named.
    """
    app = app_of_here()
    towns = towns_of(app)
    if slug and every:
        raise click.ClickException("say one town, or --all")
    if dry_run:
        for town in [towns.registry.town(slug)] if slug else towns.registry.towns():
            click.echo(f"{town.slug}: {needs(towns, town)}")
    elif slug:
        click.echo(f"{slug}: {migrate_one(towns, towns.registry.town(slug), anyway=True)}")
    elif not _migrate(app, quiet=False):
        raise click.ClickException("some towns were not migrated; the others were")


@main.command()
@click.argument("slug", metavar="TOWN")
@click.option("--yes", is_flag=True, help="Do not ask.")
def rollback(slug: str, yes: bool) -> None:
    """Put back a town's copy of before the last update, then run the former version of the software.

    What was written since the update is in no town any more; it is kept in an archive.
    """
    towns = towns_of(app_of_here())
    town = towns.registry.town(slug)
    there = copies(towns.instance, slug)
    if there and not yes:
        when = f"{there[0][0]:%Y-%m-%d %H:%M} UTC"
        click.confirm(f"Take {town.name} back to {when}, without all that was written since?", abort=True)
    moment, revision, kept = roll_back(towns, town)
    click.echo(f"{slug}: as of {moment:%Y-%m-%d %H:%M} UTC, tables {revision}. What it was until now: {kept}")
    click.echo("This version of the software does not serve it: install the former one.")


def _migrate(app: TownApp, *, quiet: bool) -> bool:
    def tell(town: Town, result: str) -> None:
        if not quiet or result != UP_TO_DATE:
            click.echo(f"{town.slug}: {result}", err=quiet)

    return migrate_all(towns_of(app), tell)
