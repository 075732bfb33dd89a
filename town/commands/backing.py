"""Backups: made while people write, verified, put back here or elsewhere, and tried before they are needed."""

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from town.commands.checking import wrong_inside
from town.commands.group import app_of_here, chosen, main, towns_of
from town.commons.audit import audit
from town.commons.people.returning import make_fit_to_live
from town.kernel.backup import keeping, sealing
from town.kernel.backup.drilling import drill as try_out
from town.kernel.backup.making import back_up, home_of_backups
from town.kernel.backup.manifest import BackupError
from town.kernel.backup.reading import check, opened, working_folder
from town.kernel.backup.restoring import restore as put_back
from town.kernel.db import db
from town.kernel.registry import Town
from town.kernel.tenancy import enter, enter_copy
from town.kernel.web import TownApp

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)


class _MakesOne(click.Group):
    """`town backup my-town` is `town backup make my-town`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["make", *args]
        return super().parse_args(ctx, args)


@main.group(cls=_MakesOne)
def backup() -> None:
    """Back up towns: `town backup`, `town backup --all --to /media/usb`, `town backup verify FILE`."""


@backup.command("make")
@click.argument("slug", metavar="TOWN", required=False)
@click.option("--all", "every", is_flag=True, help="Every town, one by one; one that fails does not keep the others.")
@click.option("--to", "folder", type=FOLDER, help="Where archives go; the setting backup_folder otherwise.")
@click.option("--plain", is_flag=True, help="Do not seal it: whoever holds the archive reads the town.")
def make(slug: str | None, every: bool, folder: Path | None, plain: bool) -> None:
    """Make a backup while people write: one archive a town, opened and counted before it counts."""
    app = app_of_here()
    failed = 0
    for town in _towns(app, slug, every=every):
        try:
            made = back_up(towns_of(app), town, folder=folder, plain=plain)
        except BackupError as wrong:
            failed += 1
            click.echo(f"{town.slug}: NOT backed up, {wrong}", err=True)
            continue
        with enter(app, town.slug):
            audit("backup:town:make", by=f"cli:{os.getuid()}")
            db.session.commit()
        pictures = len({name.split("/")[2] for name in made.manifest.files if name.startswith("media/")})
        click.echo(
            f"{town.slug}: {made.file} ({_weight(made.bytes)}, {sum(made.manifest.counts.values())} rows, "
            f"{pictures} pictures, {made.seconds:.1f} s, verified)"
        )
        for remark in made.remarks:
            click.echo(f"  remark: {remark}")
        if made.gone:
            click.echo(f"  {len(made.gone)} older archives removed")
    if failed:
        raise click.ClickException(f"{failed} towns were not backed up")


@backup.command("list")
@click.option("--from", "folder", type=FOLDER, help="Where archives lie; the setting backup_folder otherwise.")
def list_backups(folder: Path | None) -> None:
    """List every town's archives, its last backup and its last drill."""
    app = app_of_here()
    for town in towns_of(app).registry.towns():
        upkeep = towns_of(app).registry.upkeep(town.slug)
        last = {what: f"{at:%Y-%m-%d %H:%M} UTC" for what, (at, _said) in upkeep.items()}
        click.echo(f"{town.slug}: last backup {last.get('backup', 'never')}, last drill {last.get('drill', 'never')}")
        for _made_at, file in keeping.archives(home_of_backups(towns_of(app), town.slug, folder), town.slug):
            click.echo(f"  {file} ({_weight(file.stat().st_size)})")


@backup.command("verify")
@click.argument("file", type=FILE)
@click.option("--identity", type=FILE, help="The file with the secret key, for a sealed archive.")
def verify(file: Path, identity: Path | None) -> None:
    """Verify an archive: its fingerprint, and with the key every byte, every row and every picture."""
    app = app_of_here()
    same = keeping.matches_checksum(file)
    if same is False:
        raise click.ClickException(f"{file.name} is not what it was when it was written: it was changed or is damaged")
    keys = _keys(identity)
    if sealing.is_sealed(file) and not keys:
        if same is None:
            raise click.ClickException(f"{file.name} is sealed and has no fingerprint beside it: say --identity FILE")
        click.echo(f"{file.name}: as it was written. What is in it is verified with --identity FILE.")
        return
    with working_folder(towns_of(app).instance) as work, opened(file, work, keys) as archive:
        remarks, manifest = check(archive, work), archive.manifest
    holds = f"{len(manifest.files)} files, {sum(manifest.counts.values())} rows"
    click.echo(f"{file.name}: {manifest.name}, {manifest.made_at}, {holds}: all there and sound")
    for remark in remarks:
        click.echo(f"  remark: {remark}")


@backup.command("key")
@click.argument("file", type=click.Path(path_type=Path))
def key(file: Path) -> None:
    """Make the key that opens backups; its secret half goes into FILE, to be kept away from the server."""
    public = sealing.new_key(file)
    click.echo(f"The secret key is in {file}: keep it, and a copy on paper, away from this machine.")
    click.echo("Without it no backup can ever be opened. Put its public half into instance/settings.toml:")
    click.echo(f'backup_recipients = ["{public}"]')


@main.command("restore")
@click.argument("file", type=FILE)
@click.option("--as", "slug", help="Another short name than the one it had.")
@click.option("--host", "hosts", multiple=True, help="A host it is reached by; may be given several times.")
@click.option("--replace", is_flag=True, help="Put it in the place of the town of that name; that one is kept aside.")
@click.option("--identity", type=FILE, help="The file with the secret key, for a sealed archive.")
def restore(file: Path, slug: str | None, hosts: tuple[str, ...], replace: bool, identity: Path | None) -> None:
    """Put a town back from its archive, or from the copy that the town hall took home.

    Everybody signs in again; people erased since the archive was made stay erased.
    """
    app = app_of_here()
    settle = functools.partial(make_fit_to_live, app, by=f"cli:{os.getuid()}")
    done = put_back(
        towns_of(app), file, settle, slug=slug, hosts=list(hosts), replace=replace, identities=_keys(identity)
    )
    if done.kept is not None:
        click.echo(f"what was there is kept: {done.kept}")
    for remark in done.remarks:
        click.echo(f"remark: {remark}")
    hosts_now = ", ".join(towns_of(app).registry.hosts(done.town.slug))
    click.echo(f"{done.town.slug}: {done.town.name} as of {done.manifest.made_at}, reached by {hosts_now}")


@main.command("drill")
@click.argument("slug", metavar="TOWN", required=False)
@click.option("--all", "every", is_flag=True, help="Every town, one by one.")
@click.option("--from", "folder", type=FOLDER, help="Where archives lie; the setting backup_folder otherwise.")
@click.option("--identity", type=FILE, help="The file with the secret key, for sealed archives.")
def drill(slug: str | None, every: bool, folder: Path | None, identity: Path | None) -> None:
    """Try the latest backup: put it back in a folder of its own, read all of it, say how long that took."""
    app = app_of_here()
    failed = 0
    for town in _towns(app, slug, every=every):
        try:
            done = try_out(towns_of(app), town, _inside(app), folder=folder, identities=_keys(identity))
        except BackupError as wrong:
            failed += 1
            click.echo(f"{town.slug}: the drill FAILED, {wrong}", err=True)
            continue
        rows = sum(done.manifest.counts.values())
        click.echo(
            f"{town.slug}: {done.file.name} can be put back: {rows} rows, {len(done.manifest.files) - 1} files of "
            f"pictures, {_weight(done.manifest.weight)}, {done.seconds:.1f} s"
        )
    if failed:
        raise click.ClickException(f"{failed} drills failed")


def _inside(app: TownApp) -> Callable[[Town, Path], list[str]]:
    def look(town: Town, file: Path) -> list[str]:
        with enter_copy(app, town, file):
            return wrong_inside()

    return look


def _towns(app: TownApp, slug: str | None, *, every: bool) -> list[Town]:
    if every and slug:
        raise click.ClickException("say one town, or --all")
    return towns_of(app).registry.towns() if every else [chosen(app, slug)]


def _keys(identity: Path | None) -> list[Any]:
    return sealing.identities_in(identity) if identity is not None else []


def _weight(size: int) -> str:
    return f"{size / 2**20:.1f} MiB" if size >= 2**20 else f"{size / 1024:.0f} KiB"
