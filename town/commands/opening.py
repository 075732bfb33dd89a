"""Opening towns: from an official address file, or the demo town; and which there are."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from town.commands.group import app_of_here, main, towns_of
from town.commons.people.cast import CAST, PASSWORD
from town.commons.places.address_file import AddressFile, by_sentence, read_address_file
from town.commons.places.opening import Laid, lay_out
from town.demo import DEMO_SLUG, open_demo_town
from town.kernel.db import db
from town.kernel.tenancy import enter
from town.kernel.text import slugify
from town.kernel.towns import make_town, unmake_town
from town.kernel.web import TownApp


@main.command("open")
@click.argument("addresses", type=click.Path(path_type=Path))
@click.option("--slug", help="The town's short name; its own name otherwise.")
@click.option("--host", "hosts", multiple=True, help="A host it is reached by; may be given several times.")
def open_town(addresses: Path, slug: str | None, hosts: tuple[str, ...]) -> None:
    """Open a municipality from its official address file, or bring its addresses up to date with a newer one."""
    app = app_of_here()
    towns = towns_of(app)
    with app.app_context():
        file = read_address_file(addresses)
        _tell_about(file)
    if not file.usable or file.commune is None:
        raise click.ClickException("nothing was opened: put these lines right and try again")
    commune = file.commune
    slug = slug or slugify(commune.name)
    known = next((town for town in towns.registry.towns() if town.slug == slug), None)
    if known is not None and known.insee != commune.insee:
        raise click.ClickException(f"{slug!r} is {known.name}: choose another short name with --slug")
    if known is None:
        profile = {**asdict(commune), "language": "fr", "hue": 255, "chroma": 0.11}
        make_town(towns, slug, list(hosts) or [f"{slug}.localhost"], profile)
    else:
        for host in set(hosts) - set(towns.registry.hosts(slug)):
            towns.registry.add_host(slug, host)
    try:
        laid = _lay_out(app, slug, file)
    except BaseException:
        if known is None:
            unmake_town(towns, slug)
        raise
    click.echo(
        f"{commune.name}: {laid.added} addresses added, {laid.changed} changed, {laid.kept} as before, "
        f"{laid.retired} retired. Reached by {', '.join(towns.registry.hosts(slug))}."
    )


def _lay_out(app: TownApp, slug: str, file: AddressFile) -> Laid:
    assert file.commune is not None
    with (
        enter(app, slug),
        click.progressbar(length=len(file.rows), label="Addresses", file=sys.stderr) as bar,
    ):
        laid = lay_out(file.rows, file.commune.name, lambda done: bar.update(1))
        db.session.commit()
    return laid


def _tell_about(file: AddressFile) -> None:
    for kind, remarks in (("remark", file.remarks), ("ERROR", file.errors)):
        for sentence, lines in by_sentence(remarks):
            shown = [str(line) for line in lines[:8] if line is not None]
            where = f" (line {', '.join(shown)}{'…' if len(lines) > 8 else ''})" if shown else ""
            click.echo(f"{kind}: {sentence}{where}", err=True)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the cast as JSON and nothing else.")
def demo(as_json: bool) -> None:
    """Open the demo town, Saint-Loup-des-Tilleuls, if it is not open yet, and print its people's sign-ins."""
    app = app_of_here()
    if DEMO_SLUG not in {town.slug for town in towns_of(app).registry.towns()}:
        if not as_json:
            click.echo("Opening the demo town…", err=True)
        open_demo_town(app)
    if as_json:
        cast = [
            {
                "name": f"{part.first_name} {part.last_name}",
                "email": part.email,
                "password": PASSWORD,
                "roles": list(part.roles),
                "certified": part.how is not None,
            }
            for part in CAST
        ]
        click.echo(json.dumps(cast, ensure_ascii=False, indent=2))
        return
    click.echo(f"Saint-Loup-des-Tilleuls. Everybody's password: {PASSWORD}")
    for part in CAST:
        what = ", ".join(part.roles) or ("certified neighbour" if part.how else "address not proved yet")
        click.echo(f"  {part.first_name + ' ' + part.last_name:<18} {part.email:<30} {what}")


@main.command("list")
def list_towns() -> None:
    """List the towns of this installation and their hosts."""
    towns = towns_of(app_of_here())
    for town in towns.registry.towns():
        click.echo(f"{town.slug:<30} {town.name:<30} {', '.join(towns.registry.hosts(town.slug))}")
