"""Looking after an installation: the ballast on its disk."""

import click

from town.commands.group import app_of_here, main, towns_of
from town.kernel import disk


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
