"""Looking after an installation: how it is, a new secret key, the ballast on its disk."""

import json
import secrets
from datetime import datetime

import click

from town.commands.group import app_of_here, main, towns_of
from town.kernel import disk
from town.kernel.health import TownState, look_at


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For a program.")
@click.option("--town", "slug", help="One town only.")
def status(as_json: bool, slug: str | None) -> None:
    """How the installation is: its disk, and town by town its file, its jobs and what to look at.

    Ends with 1 when there is something to look at. `town check` reads every page of every file, and takes longer.
    """
    app = app_of_here()
    towns = towns_of(app)
    states = [look_at(app, town) for town in ([towns.registry.town(slug)] if slug else towns.registry.towns())]
    free = disk.free(towns.instance)
    kept_aside = disk.ballast(towns.instance).exists()
    if as_json:
        found = {"disk_free": free, "ballast": kept_aside, "towns": [state.as_json() for state in states]}
        click.echo(json.dumps(found, indent=1))
    else:
        click.echo(f"disk: {_mebi(free)} free, {'ballast kept aside' if kept_aside else 'no ballast'}{_short(free)}")
        for state in states:
            click.echo(_line(state))
            for remark in state.remarks:
                click.echo(f"  {remark}")
    if free < disk.LEAST_FOR_PHOTOS or any(state.remarks for state in states):
        raise click.exceptions.Exit(1)


def _mebi(size: int | None) -> str:
    return "?" if size is None else f"{size / disk.MEBI:.1f} MiB"


def _short(free: int) -> str:
    if free < disk.LEAST_FOR_WORDS:
        return ". Nothing can be written: make room"
    return ". No photo is taken: make room" if free < disk.LEAST_FOR_PHOTOS else ""


def _line(state: TownState) -> str:
    if state.revision is None:
        return f"{state.slug}:"
    jobs = f"{state.jobs_waiting} jobs waiting, {state.dead_letters} given up"
    file = f"file {_mebi(state.file)}, log {_mebi(state.log)}, " if state.file is not None else ""
    kept = f"last backup {_day(state.last_backup)}, last drill {_day(state.last_drill)}"
    return f"{state.slug}: {file}tables {state.revision}, {jobs}, {kept}"


def _day(moment: datetime | None) -> str:
    return "never" if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"


@main.command("new-key")
def new_key() -> None:
    """Make a secret key in the place of the present one, and say what to put into the settings.

    The former one stands among those that are still believed: nobody is signed out, and codes on paper stay good. Take
    it away 60 days later, when the last card has run out, or at once if somebody else has read it.
    """
    settings = towns_of(app_of_here()).settings
    click.echo(f"TOWN_SECRET_KEY={secrets.token_urlsafe(48)}")
    click.echo(f"TOWN_SECRET_KEY_FALLBACKS='{json.dumps(settings.every_key())}'")
    click.echo("Put both lines where the key stands now, and restart the server and the worker.", err=True)


@main.group()
def ballast() -> None:
    """64 MiB kept aside on the disk: given back, they let a full town write again while somebody makes room.

    `town serve` lays the ballast down by itself in production, where there is room for it.
    """


@ballast.command("put")
def put_ballast() -> None:
    """Lay it down."""
    if not disk.put_ballast(towns_of(app_of_here()).instance):
        raise click.ClickException("there is too little room on the disk")
    click.echo("64 MiB are kept aside")


@ballast.command("free")
def free_ballast() -> None:
    """Give it back to the disk. Make room, then put it again."""
    if not disk.free_ballast(towns_of(app_of_here()).instance):
        raise click.ClickException("there is no ballast: make room in another way")
    click.echo("64 MiB are free again")
